"""From an answer, a query or names to a selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg.describe import find
from kg.home import Home
from kg.solutions import Solutions
from ontology.errors import NotFound, QueryError
from ontology.terms import IRI
from training.distributions import LabelClass
from training.layouts import lay_out
from training.select.facts import Facts, facts_of, kind_of
from training.select.places import Members, find_files, reader
from training.select.scenes import scene_items
from training.select.selection import Selection, Source, graph_version
from training.types import Item

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Root = str | Path | Mapping[str, str | Path] | None
Progress = Callable[[str, int, int], None]
MOST = 1_000_000


def select_names(home: Home, names: Sequence[str], **options: Any) -> Selection:  # noqa: ANN401
    """Datasets (and models, whose licences count) by name, alias, identifier or IRI; options as for `select_iris`.

    Raises:
        NotFound: there is no such record; the message names the nearest ones.
    """
    return select_iris(home, [find(home, one)[0] for one in names], query=", ".join(names), **options)


def select_answer(home: Home, answer: Any, *, text: str = "", **options: Any) -> Selection:  # noqa: ANN401
    """What an answer found; options as for `select_iris`.

    Args:
        home: the catalogue.
        answer: the answer, or its JSON form.
        text: the question.
        options: see `select_iris`.

    Raises:
        NotFound: the answer holds nothing that can be trained with.
    """
    data = answer if isinstance(answer, Mapping) else answer.to_dict()
    iris = [str(row["iri"]) for row in data.get("rows") or () if row.get("iri")]
    if not iris:
        reason = data.get("reason") or "The answer lists no datasets, models or scenes."
        raise NotFound(str(reason), "Ask for datasets or scenes, such as `flood datasets with Sentinel-1`.")
    return select_iris(
        home, iris, query=text or str(data.get("question") or ""), sparql=str(data.get("sparql") or ""), **options
    )


def select_sparql(home: Home, text: str, *, timeout: float = 60.0, **options: Any) -> Selection:  # noqa: ANN401
    """All datasets, models and scenes among the results of a query; options as for `select_iris`.

    Raises:
        QueryError: the query is wrong, or no SELECT.
        NotFound: it finds nothing that can be trained with.
    """
    found = home.query(text, timeout=timeout)
    if not isinstance(found, Solutions):
        raise QueryError("Only a SELECT query finds things to train with.", "Write SELECT ?dataset WHERE { ... }.")
    iris = list(dict.fromkeys(str(one) for row in found.rows for one in row if isinstance(one, IRI)))
    return select_iris(home, iris, query=text, sparql=text, **options)


def select_iris(
    home: Home,
    iris: Sequence[str],
    *,
    query: str = "",
    sparql: str = "",
    root: Root = None,
    area: BaseGeometry | None = None,
    patterns: Mapping[str, str] | None = None,
    data: Members | None = None,
    labels: str = "",
    progress: Progress | None = None,
) -> Selection:
    """Datasets, models and scenes by IRI.

    What cannot be had does not stop the others: it is told among the problems.

    Args:
        home: the catalogue.
        iris: what was found; things that nobody trains with (places, agents ...) are passed over.
        query: what was asked.
        sparql: the query that found them.
        root: where the files lie: a folder, web folder or archive; for several datasets a folder of folders called
            as they are, or one place for each identifier.
        area: polygon in degrees (CRS84): scenes outside are left out.
        patterns: glob by role for files whose names tell too little.
        data: where bytes come from; made for the occasion by default.
        labels: href of a label raster or GeoJSON that goes with every scene.
        progress: called with (stage, done, total).

    Raises:
        NotFound: nothing among them can be trained with.
    """
    if data is None:
        from training.io import open_bytes

        data = open_bytes(allow_private=names_web(root))
    kinds: dict[str, list[str]] = {"scene": [], "dataset": [], "model": [], "": []}
    for iri in dict.fromkeys(iris[:MOST]):
        kinds[kind_of(home, iri)].append(iri)
    scenes, datasets, models = kinds["scene"], kinds["dataset"], kinds["model"]
    if not scenes and not datasets and not models:
        raise NotFound("Nothing that was found can be trained with.", "Ask for datasets, models or scenes.")
    facts = [facts_of(home, one) for one in datasets]
    roots = _roots(facts, root, alone=not scenes)
    sources, items, problems = [], list[Item](), list[str]()
    classes: list[tuple[LabelClass, ...]] = []
    for number, one in enumerate(facts):
        if progress is not None:
            progress("datasets", number, len(facts))
        source, found, known, told = _dataset(one, roots.get(one.id), patterns, data)
        sources.append(source)
        items += found
        problems += [f"{one.name}: {text}" for text in told]
        if found:
            classes.append(known)
    if scenes:
        base = root if isinstance(root, (str, Path)) else None
        labelled = _labels(labels, base)
        seen = scene_items(home, scenes, area=area, root=base, labels=labelled, problems=problems)
        known_iris = {one.iri for one in sources}
        collections = sorted({one.dataset for one in seen} - known_iris)
        sources += [_collection(home, one, str(base or "")) for one in collections]
        items += seen
    scheme, told = _scheme(classes)
    return Selection(
        query=query,
        version=graph_version(home),
        sources=tuple(sources),
        items=tuple(items),
        classes=scheme,
        models=tuple(models),
        sparql=sparql,
        problems=(*problems, *told),
    )


def names_web(root: Root) -> frozenset[str]:
    """The hosts that whoever asks names: they may be of this machine or network, which those in records may not."""
    places = root.values() if isinstance(root, Mapping) else (root,)
    try:
        return frozenset(urlsplit(str(one)).hostname or "" for one in places if one is not None and "://" in str(one))
    except ValueError:
        return frozenset()


def _roots(facts: Sequence[Facts], root: Root, *, alone: bool) -> dict[str, str | Path]:
    if root is None:
        return {}
    if isinstance(root, Mapping):
        return dict(root)
    if len(facts) == 1 and alone:
        return {facts[0].id: root}
    return {one.id: f"{str(root).rstrip('/')}/{one.id}" for one in facts}


def _dataset(
    facts: Facts, root: str | Path | None, patterns: Mapping[str, str] | None, data: Members
) -> tuple[Source, list[Item], tuple[LabelClass, ...], list[str]]:
    place = find_files(facts, root, data)
    source = Source(facts.iri, facts.id, facts.name, place.root, facts.licences)
    if not place.pairs:
        return source, [], facts.classes, place.problems or [f"No file lies in {place.root}."]
    try:
        layout = lay_out(
            place.pairs,
            dataset=facts.iri,
            classes=facts.classes,
            bands=facts.bands,
            patterns=patterns,
            read=reader(data),
            place=place.root or facts.name,
        )
    except NotFound as error:
        return source, [], facts.classes, [*place.problems, str(error)]
    return source, layout.items, layout.classes, [*place.problems, *layout.problems]


def _labels(labels: str, root: str | Path | None) -> str:
    """The href of labels for scenes: a lock names it below the root, or below the working folder.

    Raises:
        NotFound: it is not there.
    """
    if not labels or "://" in labels:
        return labels
    if root is not None and "://" not in str(root):
        inside = Path(root, labels)
        if inside.is_file() and inside.resolve().is_relative_to(Path(root).resolve()):
            return str(inside)
        raise NotFound(f"There is no file {labels} below {root}.", "Put the labels beside the scenes.")
    here = Path(labels).resolve()
    if here.is_file() and here.is_relative_to(Path.cwd()):
        return here.relative_to(Path.cwd()).as_posix()
    raise NotFound(f"There is no file {labels} in the working folder.", "Put it there, so that a lock can name it.")


def _collection(home: Home, iri: str, root: str) -> Source:
    try:
        facts = facts_of(home, iri)
    except NotFound:
        name = iri.rstrip("/").rpartition("/")[2]
        return Source(iri, name, name, root)
    return Source(iri, facts.id, facts.name, root, facts.licences)


def _scheme(schemes: Sequence[tuple[LabelClass, ...]]) -> tuple[tuple[LabelClass, ...], list[str]]:
    """One class scheme of several datasets: theirs where all agree, else none that can be trusted."""
    distinct = list(dict.fromkeys(tuple((one.value, one.name) for one in scheme) for scheme in schemes))
    if len(distinct) <= 1:
        return (schemes[0] if schemes else ()), []
    told = "The datasets have class schemes of their own, whose values mean different things: merge them first."
    merged: dict[int, LabelClass] = {}
    for scheme in schemes:
        for one in scheme:
            merged.setdefault(one.value, one)
    return tuple(merged[value] for value in sorted(merged)), [told]
