"""A small world for tests of the planner: the same graph and scenes as a catalogue folder and as one plain store."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import shapely

from kg.home import open_writer
from kg.nquads import Quad
from kg.oxigraph import OxigraphStore
from kg.planner.fill import scene_lines
from kg.virtual import ATTRIBUTES
from ontology.namespaces import BASE, expand
from ontology.records import Scene
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term

SENSORS = {
    "sentinel": None,
    "sentinel-1": "sentinel",
    "sentinel-2": "sentinel",
    "sentinel-1a": "sentinel-1",
    "sentinel-1b": "sentinel-1",
    "sentinel-2a": "sentinel-2",
    "sentinel-2b": "sentinel-2",
    "landsat": None,
    "landsat-8": "landsat",
}
PLACES = {
    "country/AA": ("Aland", "country", "POLYGON((0 0,10 0,10 10,0 10,0 0))"),
    "country/BB": ("Beland", "country", "POLYGON((10 0,20 0,20 10,10 10,10 0))"),
    "country/CC": ("Celand", "country", "POLYGON((0 10,20 10,20 20,0 20,0 10))"),
    "city/1": ("Acity", "city", "POLYGON((5 5,5.2 5,5.2 5.2,5 5.2,5 5))"),
    "feature/lake": ("Long Lake", "lake", "POLYGON((9 7,11 7,11 8,9 8,9 7))"),
}


def _iri(tail: str) -> IRI:
    return IRI(BASE + tail)


def graph_quads() -> list[Quad]:
    """Sensors, places, two datasets, a statement with provenance."""
    found: list[tuple[IRI, str, Term]] = []
    for slug, broader in SENSORS.items():
        one = _iri(f"sensor/{slug}")
        found += [(one, "rdf:type", expand("skos:Concept")), (one, "skos:prefLabel", Literal(slug.title()))]
        if broader:
            found.append((one, "skos:broader", _iri(f"sensor/{broader}")))
    found.append((_iri("sensor/msi"), "sosa:isHostedBy", _iri("sensor/sentinel-2a")))
    for tail, (label, kind, wkt) in PLACES.items():
        one, node = _iri(f"place/{tail}"), _iri(f"place/{tail}/geometry")
        found += [
            (one, "rdf:type", expand("geo:Feature")),
            (one, "rdfs:label", Literal(label)),
            (one, "ed:placeKind", _iri(f"place-kind/{kind}")),
            (one, "geo:hasGeometry", node),
            (node, "geo:asWKT", Literal(wkt, WKT_LITERAL)),
        ]
    found += [
        (_iri("place/city/1"), "geo:sfWithin", _iri("place/country/AA")),
        (_iri("place/city/1"), "ed:population", Literal.of(500_000)),
    ]
    for name, sensor, place, band in (
        ("alpha", "sentinel-2", "country/AA", "red"),
        ("beta", "sentinel-1", "country/BB", "vv"),
    ):
        one, period = _iri(f"dataset/{name}"), _iri(f"dataset/{name}/period")
        found += [
            (one, "rdf:type", expand("dcat:Dataset")),
            (one, "rdf:type", expand("ed:TrainingDataset")),
            (one, "dct:identifier", Literal(name)),
            (one, "dct:title", Literal(name.title())),
            (one, "ed:sensor", _iri(f"sensor/{sensor}")),
            (one, "ed:band", _iri(f"band/{band}")),
            (one, "dct:spatial", _iri(f"place/{place}")),
            (one, "dct:temporal", period),
            (period, "dcat:startDate", Literal("2019-03-01", XSD + "date")),
            (period, "dcat:endDate", Literal("2019-09-30", XSD + "date")),
            (one, "dcat:spatialResolutionInMeters", Literal("10.0", XSD + "decimal")),
        ]
    quads: list[Quad] = [(s, expand(p), o, None) for s, p, o in found]
    graph = _iri("graph/provenance")
    statement = _iri("statement/1")
    quads.append((statement, expand("rdf:subject"), _iri("dataset/alpha"), graph))
    quads.append((statement, expand("dct:source"), Literal("the paper"), graph))
    return quads


def scenes(count: int = 300, seed: int = 1) -> list[Scene]:
    """Scenes of three missions over the places, some with unknown values."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        platform = rng.choice(["sentinel-1a", "sentinel-1b", "sentinel-2a", "sentinel-2b", "landsat-8", None])
        mission = None if platform is None else "landsat" if platform == "landsat-8" else platform[:-1]
        optical = platform is not None and not platform.startswith("sentinel-1")
        start = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(3 * 365 * 86_400))
        x, y = rng.uniform(-2, 20), rng.uniform(-2, 20)
        known = rng.random() > 0.05
        found.append(
            Scene(
                id=f"P{number:04d} {'ü' if number % 50 == 0 else 'x'}/1",
                collection=rng.choice(["one", "two"]),
                mission=mission,
                platform=platform,
                instrument=("msi",) if mission == "sentinel-2" else ("c-sar",) if mission == "sentinel-1" else (),
                product_type=rng.choice(["L1C", "L2A", "GRD", None]),
                polarisation=rng.choice([("VV",), ("VV", "VH"), ("HH",)]) if mission == "sentinel-1" else (),
                orbit_direction=rng.choice(["ascending", "descending", None]),
                relative_orbit=rng.randrange(1, 20),
                tile_id=rng.choice(["33UWP", "32TQM", None]),
                cloud_cover=round(rng.uniform(0, 100), 1) if optical and rng.random() > 0.1 else None,
                resolution_m=rng.choice([10.0, 20.0, 30.0]),
                band=("red", "sentinel-2/b02") if mission == "sentinel-2" else (),
                start_time=start if number % 40 else None,
                end_time=start,
                geometry=shapely.box(x, y, x + 1, y + 1).wkb if known else None,
                is_global=number == 7,
                source="a file",
            )
        )
    return found


def plain_store(found: list[Scene], quads: list[Quad] | None = None) -> OxigraphStore:
    """Graph and scenes as plain triples of one store in memory."""
    from kg.columns import micros

    store = OxigraphStore.memory()
    store.extend_quads(graph_quads() if quads is None else quads)
    attributes = list(ATTRIBUTES.values())

    def cell(one: Scene, column: str) -> object:
        value = getattr(one, column)
        return micros(value) if isinstance(value, datetime) else value

    rows = [(str(one.iri), *(cell(one, a.column) for a in attributes), one.geometry) for one in found]
    store.add_text("".join(scene_lines(rows, attributes, True, True)).encode())
    return store


def make_home(path: Path, found: list[Scene], quads: list[Quad] | None = None) -> None:
    """The same as a catalogue folder."""
    with open_writer(path) as writer:
        writer.replace_builtin(graph_quads() if quads is None else quads, "test")
        writer.add_scenes(found)
        writer.publish()
