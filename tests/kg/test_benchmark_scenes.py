"""The made-up scenes of the benchmark: the table's schema, the same for the same seed, and real in what matters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import shapely

from benchmarks.peer_virtuoso import text_of
from benchmarks.scene_generator import generate
from benchmarks.scene_queries import TITLES, ask, regions
from benchmarks.scene_rdf import chunks
from ingest.product_ids import parse_product_id
from kg.columns import COLUMN_TYPES, Engine

COUNT = 5_000


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return generate(tmp_path_factory.mktemp("scenes"), COUNT)


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    engine = duckdb.connect()
    engine.execute("SET enable_geoparquet_conversion = false")
    return list(engine.execute(sql.replace("SCENES", f"'{path}'")).fetchall())


def test_the_schema_is_that_of_the_table(parts: list[Path]) -> None:
    described = rows(parts[0], "DESCRIBE SELECT * FROM SCENES")
    kinds = {name: "TIMESTAMPTZ" if kind.startswith("TIMESTAMP WITH") else kind for name, kind, *_ in described}
    assert kinds.pop("bbox").startswith("STRUCT")
    assert kinds == COLUMN_TYPES


def test_the_same_seed_gives_the_same_rows(parts: list[Path], tmp_path: Path) -> None:
    again = generate(tmp_path / "again", COUNT)
    engine = Engine()
    both = [engine.rows(f"SELECT * EXCLUDE (start_time, end_time) FROM '{one[0]}'") for one in (parts, again)]
    engine.close()
    assert both[0] == both[1]
    assert generate(tmp_path / "again", COUNT) == again


def test_identifiers_are_unique_and_say_what_the_columns_say(parts: list[Path]) -> None:
    found = rows(parts[0], "SELECT id, mission, platform, collection, product_type, epoch(start_time) FROM SCENES")
    assert len({row[0] for row in found}) == COUNT
    for name, mission, platform, collection, product, start in found:
        read = parse_product_id(name)
        assert read is not None, name
        assert (read.mission, read.platform, read.collection) == (mission, platform, collection)
        assert read.product_type == product
        if mission != "landsat" and read.start_time is not None:
            assert read.start_time.timestamp() == start


def test_footprints_are_whole_and_lie_in_the_world(parts: list[Path]) -> None:
    found = rows(parts[0], "SELECT geometry, bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax FROM SCENES")
    shapes = shapely.from_wkb(np.array([row[0] for row in found], dtype=object))
    boxes = np.array([row[1:] for row in found])
    assert shapely.is_valid(shapes).all()
    assert np.array_equal(shapely.bounds(shapes), boxes)
    assert (np.abs(boxes) <= (180, 90, 180, 90)).all()
    many = shapely.get_num_geometries(shapes) > 1
    assert 0 < many.sum() < COUNT * 0.05
    assert (boxes[many][:, 0] == -180).all()
    assert (boxes[many][:, 2] == 180).all()


def test_a_scene_makes_almost_ten_triples(parts: list[Path]) -> None:
    assert sum(count for _, count in chunks(parts)) == 9.8 * COUNT


@pytest.mark.parametrize("key", list(TITLES))
def test_queries_have_variants_and_a_text_for_virtuoso(key: str) -> None:
    texts = {ask(key, variant).sparql for variant in range(12)}
    assert len(texts) == 12
    text = text_of(ask(key))
    assert bool(text) == (key != "g")
    assert "geof:sf" not in text
    assert "hasGeometry/" not in text


def test_regions_are_two_hundred_valid_polygons() -> None:
    assert len(regions()) == 200
    assert all(one.is_valid for one in regions().values())
