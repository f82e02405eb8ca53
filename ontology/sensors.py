"""Missions, spacecraft and instruments as concepts, from `taxonomies/sensors.yaml`.

`skos:broader` leads from a spacecraft or instrument to its mission and from a mission to its family, so that what is
asked of a family is found under its members. An instrument that several missions carry has several broader concepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ontology.concepts import Concept, Scheme, texts
from ontology.errors import RecordError
from ontology.namespaces import concept_iri, expand
from ontology.terms import IRI, XSD, Literal, Term

SCHEME = "sensor"
_TYPES = {
    "family": ("ed:MissionFamily",),
    "mission": ("ed:Mission",),
    "spacecraft": ("sosa:Platform",),
    "instrument": ("sosa:Sensor",),
}
_KEYS = frozenset(
    [
        "is",
        "in",
        "host",
        "def",
        "alt",
        "kind",
        "radar",
        "operator",
        "life",
        "revisit",
        "gsd",
        "craft",
        "products",
        "levels",
    ]
)
_REMEDY = "Correct the table sensors.yaml."


def decimal(value: float | int | str) -> Literal:
    """A number as xsd:decimal, exactly as written in the table."""
    text = format(Decimal(str(value)), "f")
    return Literal(text if "." in text else text + ".0", XSD + "decimal")


def parse_sensors(table: Mapping[str, Any], bands: Mapping[str, tuple[IRI, ...]]) -> Scheme:
    """The scheme of sensors.

    Args:
        table: content of `sensors.yaml`.
        bands: IRIs of the bands by the label of the sensor that takes them.

    Raises:
        RecordError: an unknown key, or a reference to a sensor that the table does not hold.
    """
    rows: Mapping[str, Mapping[str, Any]] = table["concepts"]
    known = {*rows, *(craft for row in rows.values() for craft in row.get("craft", {}))}
    concepts: list[Concept] = []
    for label, row in rows.items():
        unknown = row.keys() - _KEYS
        missing = {*texts(row.get("in")), *texts(row.get("host"))} - known
        if unknown or missing:
            what = f"key '{min(unknown)}'" if unknown else f"sensor '{min(missing)}'"
            raise RecordError(f"sensors: '{label}' names the unknown {what}.", _REMEDY)
        concepts.append(_concept(label, row, bands))
        concepts.extend(_craft(label, row, bands))
    return Scheme(SCHEME, str(table["title"]), str(table["about"]), tuple(concepts))


def _concept(label: str, row: Mapping[str, Any], bands: Mapping[str, tuple[IRI, ...]]) -> Concept:
    hosts = texts(row.get("host"))
    # Where the mission is named too, its spacecraft are hosts but not broader: one way up is enough.
    missions = tuple(host for host in hosts if not _is_craft_of(host, hosts))
    radar = (f"{row['radar']}-band SAR",) if "radar" in row and not hosts else ()
    above = (*texts(row.get("in")), *missions, *radar)
    facts = [*_common_facts(row), *_life(str(row.get("life", "")))]
    facts += [(expand("sosa:isHostedBy"), concept_iri(SCHEME, host)) for host in hosts]
    facts += [(expand("ed:band"), band) for band in bands.get(label, ())]
    return Concept(
        scheme=SCHEME,
        label=label,
        iri=concept_iri(SCHEME, label),
        alt=texts(row.get("alt")),
        definition=str(row["def"]),
        broader=tuple(concept_iri(SCHEME, name) for name in above),
        types=_TYPES[str(row["is"])],
        facts=tuple(facts),
    )


def _is_craft_of(host: str, hosts: tuple[str, ...]) -> bool:
    """`Sentinel-1A` beside `Sentinel-1`; but `Landsat-8` beside `Landsat-9` stands for itself."""
    return any(host != other and host.startswith(other) for other in hosts)


def _craft(mission: str, row: Mapping[str, Any], bands: Mapping[str, tuple[IRI, ...]]) -> Iterator[Concept]:
    for label, life in row.get("craft", {}).items():
        kinds = tuple((expand("ed:sensorKind"), concept_iri("modality", kind)) for kind in texts(row.get("kind")))
        yield Concept(
            scheme=SCHEME,
            label=label,
            iri=concept_iri(SCHEME, label),
            alt=_short_names(label),
            definition=f"Spacecraft of the mission {mission}.",
            broader=(concept_iri(SCHEME, mission),),
            types=_TYPES["spacecraft"],
            facts=(*kinds, *_life(str(life)), *((expand("ed:band"), band) for band in bands.get(label, ()))),
        )


def _short_names(label: str) -> tuple[str, ...]:
    """`Sentinel-1A` -> `S1A`, `Landsat-8` -> `L8`, `LC08`-like names are left to product identifiers."""
    family, _, number = label.partition("-")
    return {"Sentinel": (f"S{number}",), "Landsat": (f"L{number}",)}.get(family, ())


def _life(text: str) -> Iterator[tuple[IRI, Term]]:
    first, _, last = text.partition("/")
    if first:
        yield expand("schema:startDate"), Literal(first, XSD + "date")
    if last:
        yield expand("schema:endDate"), Literal(last, XSD + "date")


def _common_facts(row: Mapping[str, Any]) -> Iterator[tuple[IRI, Term]]:
    for kind in texts(row.get("kind")):
        yield expand("ed:sensorKind"), concept_iri("modality", kind)
    for name in texts(row.get("operator")):
        yield expand("ed:operator"), Literal.of(name)
    if "radar" in row:
        yield expand("ed:radarBand"), Literal.of(str(row["radar"]))
    if "revisit" in row:
        yield expand("ed:revisitDays"), decimal(row["revisit"])
    if "gsd" in row:
        yield expand("dcat:spatialResolutionInMeters"), decimal(row["gsd"])
    for name in texts(row.get("products")):
        yield expand("ed:productType"), Literal.of(name)
    for name in texts(row.get("levels")):
        yield expand("ed:processingLevel"), Literal.of(name)
