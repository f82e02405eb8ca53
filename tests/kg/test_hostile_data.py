"""Data that is damaged or means harm: a clear error or a right answer, in bounded time, and the process lives."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.columns import Engine, quote
from kg.home import open_home, open_writer
from kg.oxigraph import OxigraphStore
from kg.parquet import ParquetTable
from kg.solutions import Solutions
from ontology.errors import EarthdexError
from ontology.namespaces import PREFIXES
from ontology.terms import IRI, Literal
from tests.kg import rounds, world

_ROOT = Path(__file__).parents[2]
_DAMAGES = int(os.environ.get("EARTHDEX_TEST_DAMAGES", "40"))
_GML = '<gml:Point xmlns:gml="http://www.opengis.net/gml/3.2"><gml:pos>'
_NESTED = 200_000

LITERALS: dict[str, tuple[str, str]] = {
    "nested wkt": ("wktLiteral", "GEOMETRYCOLLECTION(" * _NESTED + "POINT(1 1)" + ")" * _NESTED),
    "nested geojson": (
        "geoJSONLiteral",
        '{"type":"GeometryCollection","geometries":[' * _NESTED + '{"type":"Point"}' + "]}" * _NESTED,
    ),
    "nested positions": (
        "geoJSONLiteral", '{"type":"Polygon","coordinates":' + "[" * _NESTED + "1" + "]" * _NESTED + "}"
    ),
    "nested kml": ("kmlLiteral", "<MultiGeometry>" * _NESTED + "<Point/>" + "</MultiGeometry>" * _NESTED),
    "nested gml": ("gmlLiteral", "<gml:MultiGeometry><gml:geometryMember>" * _NESTED),
    "entities": ("gmlLiteral", f'<!DOCTYPE x [<!ENTITY a "{"1" * 999}">]>{_GML}{"&a;" * 999} 1</gml:pos></gml:Point>'),
    "file": ("gmlLiteral", f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>{_GML}&a;</gml:pos></gml:Point>'),
    "10 MB": ("wktLiteral", "POLYGON((0 0," + ",".join(f"{n / 1e5:.9f} 1" for n in range(700_000)) + ",7 0,0 0))"),
    "10 MB of words": ("wktLiteral", "x" * 10_000_000),
    "not a number": ("wktLiteral", "POLYGON((nan nan,1 1,2 2,nan nan))"),
    "infinite": ("wktLiteral", "POINT(inf 1e999)"),
    "digits": ("wktLiteral", f"POINT({'9' * 1_000_000} 1)"),
    "unknown system": ("wktLiteral", "<http://www.opengis.net/def/crs/EPSG/0/999999> POINT(1 1)"),
    "foreign system": ("wktLiteral", "<http://nowhere.example/crs> POINT(1 1)"),
    "long system": ("wktLiteral", f"<http://www.opengis.net/def/crs/EPSG/0/{'9' * 1_000_000}> POINT(1 1)"),
    "open": ("wktLiteral", "POLYGON((0 0,1 1"),
    "words": ("wktLiteral", "somewhere in Austria"),
    "other json": ("geoJSONLiteral", '{"type":"FeatureCollection","features":[{}]}'),
    "other xml": ("gmlLiteral", "<html/>"),
}  # fmt: skip


@pytest.mark.parametrize("name", LITERALS)
def test_a_bad_geometry_is_told_and_bounded(name: str) -> None:
    """In this very process, where questions are answered: a crash would end the tests."""
    kind, text = LITERALS[name]
    store = OxigraphStore.memory()
    store.extend([(IRI("urn:a"), IRI(PREFIXES["geo"] + "asWKT"), Literal(text, PREFIXES["geo"] + kind))])
    started = time.monotonic()
    for call in ("geof:sfIntersects(?w, 'POINT(1 1)'^^geo:wktLiteral)", "geof:metricArea(geof:convexHull(?w)) > 1"):
        try:
            found = store.query(f"SELECT ?s {{ ?s geo:asWKT ?w FILTER({call}) }}")
        except EarthdexError as error:
            assert len(error.message) < 2_000
        else:
            assert isinstance(found, Solutions)
            assert not found.rows and found.notes
            assert all(len(note) < 1_000 for note in found.notes)
    assert time.monotonic() - started < 60


def _damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes with flips, holes, a lost end, or a broken footer."""
    copy = bytearray(data)
    match rng.choice(["flip", "flips", "end", "hole", "foot"]):
        case "flip":
            copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
        case "flips":
            for _ in range(rng.randrange(1, 100)):
                copy[rng.randrange(len(copy))] = rng.randrange(256)
        case "end":
            del copy[rng.randrange(len(copy)) :]
        case "hole":
            at = rng.randrange(len(copy))
            copy[at : at + 500] = bytes(len(copy[at : at + 500]))
        case "foot":
            for _ in range(3):
                copy[-rng.randrange(1, min(len(copy), 3000))] = rng.randrange(256)
    return bytes(copy)


def test_damaged_parquet_from_outside_is_a_clear_error(tmp_path: Path) -> None:
    """In this process, too: six hundred damaged files of an earlier run read or failed, none crashed."""
    world.make_home(tmp_path / "home", world.scenes(200))
    data = next((tmp_path / "home" / "scenes").glob("*.parquet")).read_bytes()
    rng = random.Random(3)
    path = tmp_path / "outside.parquet"
    refused = 0
    for _ in range(_DAMAGES):
        path.write_bytes(_damaged(data, rng))
        try:
            table = ParquetTable(path)
            assert sum(1 for _ in table.rows()) <= 200
            table.close()
        except EarthdexError as error:
            refused += 1
            assert error.message
    assert refused > _DAMAGES // 3


SCHEMAS = {
    "no rows": "SELECT 'a' AS id, 'c' AS collection WHERE false",
    "another schema": "SELECT range AS x, 'y' || range AS y FROM range(100)",
    "mixed encodings": "SELECT 's' || range AS id, 'c' AS collection, '2020-01-01T00:00:00Z' AS datetime, "
    'CASE range % 4 WHEN 0 THEN \'POINT(1 1)\' WHEN 1 THEN \'{"type":"Point","coordinates":[1,1]}\' '
    "WHEN 2 THEN '0101000000000000000000F03F000000000000F03F' ELSE 'nonsense' END AS geometry FROM range(40)",
    "bytes that are none": "SELECT 's' || range AS id, 'c' AS collection, '2020-01-01T00:00:00Z' AS datetime, "
    "('x' || range)::BLOB AS geometry FROM range(20)",
    "numbers for footprints": "SELECT 's' || range AS id, 'c' AS collection, range AS geometry FROM range(20)",
    "structures": "SELECT 's' AS id, {'x': 1.0, 'y': 2.0} AS geometry, {'datetime': 5} AS properties",
    "odd names": 'SELECT 1 AS "id""; DROP TABLE x", 3 AS "a b"',
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_parquet_of_another_schema_is_reported(name: str, tmp_path: Path) -> None:
    from ingest.add import add_sources

    path = tmp_path / "outside.parquet"
    engine = Engine()
    engine.rows(f"COPY ({SCHEMAS[name]}) TO {quote(str(path))} (FORMAT parquet)")
    engine.close()
    try:
        report = add_sources([path], tmp_path / "home").to_dict()
    except EarthdexError as error:
        assert error.message
        return
    assert report["skipped"] or report["problems"] or report["added"] or "scenes" in report, report
    if name == "mixed encodings":
        with open_home(tmp_path / "home") as home:
            assert home.scenes.count() >= 10


def test_a_damaged_version_answers_rightly_or_says_so(tmp_path: Path) -> None:
    """Each damage in a process of its own: index and parts of scenes, sources, the small files.

    RocksDB's tables are left whole: pyoxigraph's CONSTRUCT passes over blocks that it cannot read, and may wait for
    ever on some.
    """
    with open_writer(tmp_path / "home") as writer:
        rounds.publish(writer, 7)
        writer.add_graph(world.graph_quads(), "more")
        writer.publish()
    files = [one for one in (tmp_path / "home").rglob("*") if one.is_file() and one.stat().st_size > 0]
    files = [one for one in files if one.suffix != ".sst"]
    rng = random.Random(11)
    script = (
        "import sys, os, signal\nfrom pathlib import Path\nfrom kg.home import open_home\nfrom tests.kg import rounds\n"
        "from ontology.errors import EarthdexError\nimport kg.oxigraph, kg.planner.planner, duckdb\n"
        "for line in sys.stdin:\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        signal.alarm(60)\n"
        "        try:\n"
        "            with open_home(Path(line.strip())) as home: code = 0 if rounds.seen(home) == 7 else 2\n"
        "        except EarthdexError: code = 1\n"
        "        except ValueError: code = 2\n"
        "        except BaseException: code = 3\n"
        "        os._exit(code)\n"
        "    print(os.waitpid(child, 0)[1], flush=True)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", script], cwd=_ROOT, stdin=-1, stdout=-1, text=True, bufsize=1)
    assert server.stdin and server.stdout
    told: dict[int, list[str]] = {}
    try:
        for _ in range(_DAMAGES):
            copy = tmp_path / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(tmp_path / "home", copy)
            one = copy / rng.choice(files).relative_to(tmp_path / "home")
            one.unlink() if rng.random() < 0.1 else one.write_bytes(_damaged(one.read_bytes(), rng))
            server.stdin.write(f"{copy}\n")
            told.setdefault(int(server.stdout.readline()), []).append(str(one.relative_to(copy)))
    finally:
        server.kill()
        server.communicate()
    assert not {code for code in told if os.WIFSIGNALED(code) and os.WTERMSIG(code) != signal.SIGKILL}, told
    assert set(told) <= {0, 256}, told
