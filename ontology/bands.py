"""Bands and polarisation channels as concepts, from `taxonomies/bands.yaml`.

A band of an instrument has the label `Sentinel-2 B02` and the notation `B02`; `skos:broader` leads to its common name
(blue), so that what is asked of `blue` is found under every instrument's blue band.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ontology.concepts import Concept, Scheme, label_key, parse_scheme
from ontology.errors import RecordError
from ontology.namespaces import concept_iri, expand, slug
from ontology.sensors import decimal
from ontology.terms import IRI, Term

SCHEME = "band"
_FACTS = ("ed:centreWavelengthNm", "ed:bandwidthNm", "dcat:spatialResolutionInMeters")


def parse_bands(table: Mapping[str, Any]) -> tuple[Scheme, dict[str, tuple[IRI, ...]]]:
    """The scheme of bands, and the bands of each sensor by its label.

    Raises:
        RecordError: a set is like one that is not there, or a band has an unknown common name.
    """
    head = {"scheme": SCHEME, "title": table["title"], "about": table["about"]}
    common = parse_scheme({**head, "concepts": table["common"]}, "bands.yaml")
    names = {concept.label: concept.iri for concept in common.concepts}
    sets: Mapping[str, Mapping[str, Any]] = table["sets"]
    shared = Counter(sensor for one in sets.values() for sensor in one["of"])
    concepts = list(common.concepts)
    taken = {label_key(text) for one in concepts for text in (one.label, *one.alt)}
    by_sensor: dict[str, tuple[IRI, ...]] = {}
    for title, one in sets.items():
        callers = [title, *(sensor for sensor in one["of"] if shared[sensor] == 1 and sensor != title)]
        made = list(_bands(title, one, sets, names, callers, taken))
        concepts += made
        for sensor in one["of"]:
            by_sensor[sensor] = (*by_sensor.get(sensor, ()), *(band.iri for band in made))
    return Scheme(SCHEME, common.title, common.about, tuple(concepts)), by_sensor


def _bands(
    title: str,
    one: Mapping[str, Any],
    sets: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, IRI],
    callers: Sequence[str],
    taken: set[str],
) -> Iterator[Concept]:
    source = sets.get(one["like"]) if "like" in one else one
    if source is None:
        raise RecordError(f"bands: the set '{title}' is like '{one['like']}', which is missing.", "Correct bands.yaml.")
    for name, row in source["bands"].items():
        if row[0] not in names:
            raise RecordError(f"bands: '{title} {name}' has no common name '{row[0]}'.", "Correct bands.yaml.")
        label = f"{title} {name}"
        taken.add(label_key(label))
        facts: list[tuple[IRI, Term]] = [
            (expand(predicate), decimal(value))
            for predicate, value in zip(_FACTS, row[1:], strict=False)
            if value is not None
        ]
        facts += [(expand("ed:onSensor"), concept_iri("sensor", sensor)) for sensor in one["of"]]
        yield Concept(
            scheme=SCHEME,
            label=label,
            iri=concept_iri(f"{SCHEME}/{slug(title)}", name),
            alt=tuple(_other_names(label, name, callers, taken)),
            definition=_definition(title, name, row),
            notation=name,
            broader=(names[row[0]],),
            types=("ed:Band",),
            facts=tuple(facts),
        )


def _other_names(label: str, name: str, callers: Sequence[str], taken: set[str]) -> Iterator[str]:
    """`MSI B02` and `Sentinel-2 B2` beside `Sentinel-2 B02`, as long as they are nobody else's."""
    short = re.sub(r"^([A-Za-z]+)0+(?=\d)", r"\1", name)
    for caller in callers:
        for spelled in dict.fromkeys((name, short)):
            other = f"{caller} {spelled}"
            if label_key(other) not in taken:
                taken.add(label_key(other))
                yield other


def _definition(title: str, name: str, row: Sequence[Any]) -> str:
    centre = f" around {row[1]:g} nm" if len(row) > 1 and row[1] is not None else ""
    kind = "Polarisation channel" if row[0] in ("VV", "VH", "HH", "HV") else f"Band ({row[0]}{centre})"
    return f"{kind} {name} of {title}."
