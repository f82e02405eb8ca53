"""Records: hostile and ordinary YAML, facts with sources and places in the text, and the quads they become."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.known import KnownNames
from ingest.names import OpenNames, RecordIndex
from ingest.quads import PROVENANCE, day, footprint_wkt, number, to_triples
from ingest.reader import load_record, read_record
from ingest.schema import KEYS, keys_for
from ingest.yamltext import MAX_BYTES, MAX_DEPTH, Mapping, YamlRefused, plain, read_yaml
from kg.oxigraph import to_ox
from ontology.errors import NotFound, RecordError
from ontology.namespaces import expand, record_iri
from ontology.paths import catalogue_dir
from ontology.terms import IRI, Literal

RECORD = """\
id: my-set
type: dataset
name: My Set
alias: [MS]
description: Chips of somewhere.
topic: [land cover]
sensor: [Sentinel-2]
band: [B2, B8A]
resolution_m: 10
num_samples:
  - {value: 100, source: page}
  - {value: 120, source: paper}
class_label:
  - {name: Annual Crop, value: 0, close_match: corine/21}
  - Forest
coverage: [country:AT, {name: Nowhere, bbox: [170, -10, -170, 10]}]
time_start: 2016-02
time_end: 2017
license: CC-BY-4.0
size_gb: 2.5
split: [train, {name: test, num_samples: 20}]
distribution:
  - {url: "https://example.org/a.zip", format: ZIP, checksum: "sha256:00", size_bytes: 12}
loader: {torchgeo: torchgeo.datasets.MySet}
source:
  page: https://example.org
  paper: https://doi.org/10.1000/x
"""


def _quads(text: str = RECORD) -> set[tuple[str, str, str]]:
    record, problems = read_record(text, "my-set.yaml")
    assert record is not None and not problems
    names = OpenNames(places={"country:AT": record_iri("place", "country/AT")})
    return {(str(s), str(p), str(o)) for s, p, o, g in to_triples(record, names) if g is None}


def test_facts_know_their_source_and_place() -> None:
    record, problems = read_record(RECORD, "my-set.yaml")
    assert problems == [] and record is not None
    first, second = record.all("num_samples")
    assert (first.value, first.sources, first.line) == (100, ("https://example.org",), 11)
    assert (second.value, second.sources) == (120, ("https://doi.org/10.1000/x",))
    assert record.all("topic")[0].sources == ("https://example.org",)
    assert record.iri == "https://w3id.org/earthdex/dataset/my-set"


def test_every_fact_becomes_a_triple_and_a_sourced_statement() -> None:
    record, _ = read_record(RECORD, "my-set.yaml")
    assert record is not None
    quads = list(to_triples(record, OpenNames()))
    data = {(s, p, o) for s, p, o, g in quads if g is None}
    parts: dict[IRI, dict[str, object]] = {}
    for s, p, o, g in quads:
        if g == PROVENANCE:
            parts.setdefault(s, {})[p] = o
    stated = {
        tuple(one[expand(f"rdf:{name}")] for name in ("subject", "predicate", "object")) for one in parts.values()
    }
    assert stated <= data
    assert all(expand("dct:source") in one for one in parts.values())
    assert len(stated) >= len(record.facts) - 1


def test_the_graph_of_a_record() -> None:
    quads = _quads()
    me = "https://w3id.org/earthdex/dataset/my-set"
    assert (me, expand("ed:sampleCount"), "100") in quads and (me, expand("ed:sampleCount"), "120") in quads
    assert (f"{me}/period", expand("dcat:startDate"), "2016-02-01") in quads
    assert (f"{me}/period", expand("dcat:endDate"), "2017-12-31") in quads
    assert (me, expand("ed:totalByteSize"), "2500000000") in quads
    assert (f"{me}/class/annual-crop", expand("skos:closeMatch"), "https://w3id.org/earthdex/class/corine/21") in quads
    assert (f"{me}/split/test", expand("ed:sampleCount"), "20") in quads
    wkt = next(o for s, p, o in quads if p == expand("geo:asWKT"))
    assert wkt.startswith("MULTIPOLYGON (((170 -10, 180 -10")


def test_bands_are_those_of_the_sensor() -> None:
    record, _ = read_record(RECORD, "x.yaml")
    assert record is not None
    bands = [o for s, p, o, g in to_triples(record, KnownNames()) if p == expand("ed:band") and g is None]
    stem = "https://w3id.org/earthdex/band/sentinel-2/"
    assert bands == [IRI(stem + "b02"), IRI(stem + "b8a")]


def test_a_place_given_by_name_alone_is_looked_up() -> None:
    text = RECORD.replace("coverage: [country:AT,", "coverage: [{name: country:AT, source: paper},")
    assert (
        "https://w3id.org/earthdex/dataset/my-set",
        expand("dct:spatial"),
        record_iri("place", "country/AT"),
    ) in _quads(text)


def test_all_packaged_records_make_valid_rdf() -> None:
    for path in sorted(catalogue_dir().glob("*s/*.yaml")):
        if path.parent.name in ("datasets", "models"):
            for s, p, o, _ in to_triples(load_record(path), OpenNames()):
                ox.Triple(to_ox(s), to_ox(p), to_ox(o))


HOSTILE = {
    "alias bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "tag": "a: !!python/object/apply:os.system [ls]",
    "local tag": "a: !thing x",
    "deep flow": "[" * 5000 + "]" * 5000,
    "deep block": "\n".join(" " * i + "a:" for i in range(400)),
    "two documents": "a: 1\n---\nb: 2",
    "duplicate key": "a: 1\na: 2",
    "list as key": "[a]: 1",
    "null byte": "a: \x00",
    "binary": b"\xff\xfe\x00\x01",
    "tab": "a:\n\t- b",
    "unclosed": 'a: "b',
    "empty": "",
    "comment only": "# nothing",
    "too large": "a: " + "x" * MAX_BYTES,
    "many values": "a: [" + "1," * 30_000 + "1]",
    "surrogate": "a: \\ud800",
    "merge": "<<: *x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_one_problem_or_none(name: str) -> None:
    data = HOSTILE[name]
    record, problems = read_record(data, "x.yaml")
    assert record is None
    assert problems and all(one.message and one.path == "x.yaml" for one in problems)


def test_yaml_follows_the_core_schema() -> None:
    tree = read_yaml("a: no\nb: 2018-01-01\nc: 010\nd: 1e3\ne: 0x1F\nf: ~\ng: 12:30\nh: 'true'", "x")
    assert plain(tree) == {
        "a": "no",
        "b": "2018-01-01",
        "c": 10,
        "d": 1000.0,
        "e": "0x1F",
        "f": None,
        "g": "12:30",
        "h": "true",
    }


def test_positions_count_from_one() -> None:
    tree = read_yaml("a:\n  - {b: c}\n", "x")
    assert isinstance(tree, Mapping) and tree.keys["a"] == (1, 1)


@given(st.binary(max_size=400))
def test_any_bytes_end_in_a_record_or_in_problems(data: bytes) -> None:
    record, problems = read_record(data, "x.yaml")
    assert record is not None or problems


_PARTS = st.sampled_from(["name", "value", "source", "bbox", "url", "on", "x"])
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_PARTS, inner, max_size=3), max_leaves=8
)


@settings(max_examples=300)
@given(_VALUES, st.sampled_from(sorted(KEYS)))
def test_any_value_under_any_key_is_read_or_refused_and_what_is_read_becomes_rdf(value: object, key: str) -> None:
    kind = KEYS[key].kinds[0]
    text = f"id: x\ntype: {kind}\n{key}: {json.dumps(value)}\nsource: s\n".replace("Infinity", ".inf").replace(
        "NaN", ".nan"
    )
    record, problems = read_record(text, "x.yaml")
    assert record is not None or problems
    if record is not None:
        for s, p, o, _ in to_triples(record, OpenNames()):
            ox.Triple(to_ox(s), to_ox(p), to_ox(o))


@given(st.integers(1850, 2100), st.integers(1, 12))
def test_a_month_reaches_from_its_first_to_its_last_day(year: int, month: int) -> None:
    text = f"{year}-{month:02d}"
    assert day(text, last=False) == f"{text}-01"
    assert day(text, last=True) >= f"{text}-28"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_numbers_keep_their_value_without_exponent(value: float) -> None:
    literal = number(value)
    assert "e" not in literal.value.casefold()
    assert float(literal.value) == value


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=2))
def test_boxes_become_wkt_that_reads_back(corners: list[tuple[float, float]]) -> None:
    (west, south), (east, north) = corners
    box = (west, min(south, north), east, max(south, north))
    shape = shapely.from_wkt(footprint_wkt({"name": "x", "bbox": box}))
    minx, miny, maxx, maxy = shape.bounds
    assert (miny, maxy) == pytest.approx((box[1], box[3]))
    assert minx >= -180 and maxx <= 180


def test_loading_says_where_and_what() -> None:
    with pytest.raises(NotFound) as missing:
        load_record("no/such/file.yaml")
    assert missing.value.remedy


def test_loading_names_the_first_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: a\ntype: dataset\nnmae: A\nsource: s\n")
    with pytest.raises(RecordError, match=r"a\.yaml:\d+:\d+: "):
        load_record(path)


def test_names_of_records_forgive_spelling_and_prefer_names_to_aliases() -> None:
    one, _ = read_record(RECORD, "a.yaml")
    other, _ = read_record(
        RECORD.replace("my-set", "ms").replace("name: My Set", "name: M S").replace("[MS]", "[My Set]"), "b.yaml"
    )
    assert one is not None and other is not None
    index = RecordIndex([one, other])
    assert index.find("dataset", "MY_SET") == one.iri
    assert index.find("dataset", "ms") == other.iri
    assert index.find("model", "My Set") is None


def test_keys_are_those_of_the_property_table() -> None:
    assert {"id", "type", "source", "name", "topic", "sensor"} <= set(keys_for("dataset"))
    assert "architecture" in keys_for("model") and "architecture" not in keys_for("dataset")
    assert all(key.predicate for key in KEYS.values() if key.shape != "loader")


def test_literals_keep_units() -> None:
    record, _ = read_record(RECORD, "x.yaml")
    assert record is not None
    sizes = [o for s, p, o, g in to_triples(record, OpenNames()) if p == expand("ed:totalByteSize") and g is None]
    assert sizes == [Literal("2500000000", "http://www.w3.org/2001/XMLSchema#integer")]


def test_a_refused_text_carries_its_problem() -> None:
    with pytest.raises(YamlRefused) as caught:
        read_yaml("a: &x 1", "x")
    assert caught.value.problem.code == "yaml" and str(MAX_DEPTH)
