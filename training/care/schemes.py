"""Class schemes and label classes of the graph, as `merge` needs them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kg.home import Home
from ontology.concepts import CLASS_SCHEMES, label_key
from ontology.errors import EarthdexError, NotFound
from ontology.namespaces import PREFIXES
from ontology.vocabulary import Vocabulary
from training.care.merge import Links, Merged, merge
from training.care.records import record, rows
from training.distributions import LabelClass, label_classes

_SKOS = PREFIXES["skos"]
_KINDS = {"exactMatch": "exact", "closeMatch": "close", "broadMatch": "broader", "narrowMatch": "narrower"}


def class_schemes() -> tuple[str, ...]:
    """Names of the class schemes: `class/worldcover` ..."""
    return tuple(f"class/{name}" for name in CLASS_SCHEMES)


def merge_classes(
    home: Home, names: Sequence[str], into: str | None = None, *, by_name: bool = True, ignore: int = 255
) -> Merged:
    """Brings the labels of data sets under one class scheme.

    Args:
        home: the catalogue.
        names: data sets.
        into: a class scheme (`class/worldcover`, `worldcover`), a data set whose classes the others are brought to,
            or None: the scheme or data set that keeps most of the classes.
        by_name: whether a class that no link leads anywhere may go to the target class of its name.
        ignore: value of what has no class.

    Raises:
        NotFound: no such data set or scheme, or a data set without classes.
        EarthdexError: nothing can be merged so.
    """
    titles: dict[str, list[LabelClass]] = {}
    for name in dict.fromkeys(names):
        iri, _, title = record(home, name)
        own = label_classes(home, iri)
        if not own:
            raise NotFound(f"The catalogue knows no classes of {title}.", "`earthdex show` tells what it knows.")
        titles[title] = own
    if not titles:
        raise NotFound("No data set is named.", "Name at least one.")
    links = _links(home, titles)
    if into is not None:
        scheme, targets = _targets(home, into, titles, links)
        named = _named(titles, scheme, targets, links) if by_name else {}
        return merge(titles, links, targets, scheme, named=named, ignore=ignore)
    best: tuple[float, Merged] | None = None
    for candidate in (*class_schemes(), *titles):
        scheme, targets = _targets(home, candidate, titles, links)
        named = _named(titles, scheme, targets, links) if by_name else {}
        try:
            made = merge(titles, links, targets, scheme, named=named, ignore=ignore)
        except EarthdexError:
            continue
        worth = _worth(made, list(titles))
        if best is None or worth > best[0] + 1e-9:
            best = worth, made
    if best is None:
        raise EarthdexError(
            f"{', '.join(titles)} have no classes in common with any scheme.", "Train on them one by one."
        )
    return best[1]


def _worth(made: Merged, names: Sequence[str]) -> float:
    """How much a scheme keeps: the share of classes that it has a place for, and how many it tells apart."""
    shares = []
    for name in names:
        own = [one for one in made.sources if one.dataset == name]
        shares.append(sum(bool(one.target) for one in own) / len(own))
    common = sum(len({dataset for dataset, _ in one.made_of}) == len(names) for one in made.classes)
    return min(shares) * math.log2(1 + len(made.classes)) + sum(shares) / len(shares) + common / 100


def _targets(home: Home, into: str, titles: dict[str, list[LabelClass]], links: Links) -> tuple[str, list[str]]:
    vocabulary = Vocabulary.load()
    short = into.removeprefix("class/")
    if short in CLASS_SCHEMES:
        return f"class/{short}", [str(one.iri) for one in vocabulary.concepts(f"class/{short}")]
    if into in titles:
        return into, [one.iri for one in titles[into]]
    try:
        _, _, title = record(home, into)
    except NotFound as error:
        raise NotFound(
            f"There is no class scheme or data set {into[:100]!r}.", f"Schemes: {', '.join(class_schemes())}."
        ) from error
    if title not in titles:
        raise NotFound(f"{title} is not among the data sets.", "Name it too, or choose a class scheme.")
    return title, [one.iri for one in titles[title]]


def _named(titles: dict[str, list[LabelClass]], scheme: str, targets: Sequence[str], links: Links) -> dict[str, str]:
    """Target of the same name for each class: by the scheme's labels and synonyms, or another data set's labels."""
    vocabulary = Vocabulary.load()
    own = {label_key(links.labels[iri]): iri for iri in reversed(targets) if iri in links.labels}
    found = {}
    for classes in titles.values():
        for one in classes:
            known = vocabulary.find(scheme, one.name) if scheme.startswith("class/") else own.get(label_key(one.name))
            if known is not None:
                found[one.iri] = str(known)
    return found


def _links(home: Home, titles: dict[str, list[LabelClass]]) -> Links:
    steps: dict[str, list[tuple[str, str]]] = {}
    broader: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    codes: dict[str, str] = {}

    def step(one: str, kind: str, other: str) -> None:
        if kind == "narrower":
            one, kind, other = other, "broader", one
        steps.setdefault(one, []).append((kind, other))
        if kind in ("exact", "close"):
            steps.setdefault(other, []).append((kind, one))

    vocabulary = Vocabulary.load()
    for scheme in class_schemes():
        for concept in vocabulary.concepts(scheme):
            me = str(concept.iri)
            labels[me], codes[me] = concept.label, concept.notation
            broader[me] = [str(one) for one in concept.broader]
            for above in broader[me]:
                step(me, "broader", above)
            for match, meant in concept.matches:
                step(me, _KINDS[str(match).removeprefix(_SKOS)], str(meant))
    for classes in titles.values():
        labels.update({own.iri: own.name for own in classes})
        values = " ".join(f"<{own.iri}>" for own in classes)
        body = f"""SELECT DISTINCT ?class ?kind ?other WHERE {{
  VALUES ?class {{ {values} }}
  VALUES ?kind {{ skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:broader }}
  ?class ?kind ?other .
}}"""
        told = sorted({(str(a), str(b).removeprefix(_SKOS), str(c)) for a, b, c in rows(home, body)})
        for me, predicate, other in told:
            step(me, _KINDS.get(predicate, "broader"), other)
            if predicate == "broader":
                broader.setdefault(me, []).append(other)
    return Links({iri: sorted(set(found)) for iri, found in steps.items()}, broader, labels, codes)
