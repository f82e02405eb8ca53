"""Bands by wavelength, and what stored values mean; with a real Landsat item, its MTL and records of the catalogue."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import EarthdexError
from tests.corpora import corpus
from tests.training.care.make import item
from training.care.bands import Band, match_bands, stac_bands
from training.care.calibration import (
    by_file,
    mtl_calibration,
    sentinel2_baseline,
    stac_calibration,
    with_calibration,
)
from training.care.records import bands
from training.types import Part

if TYPE_CHECKING:
    from kg.home import Home

_PRODUCT = "LC08_L2SP_017036_20130419_20200913_02_T2"
_BANDS = st.builds(
    Band,
    name=st.text("abcdef", min_size=1, max_size=3),
    centre=st.none() | st.floats(400, 2_500),
    width=st.none() | st.floats(1, 200),
    common=st.sampled_from(["", "red", "VV", "VH"]),
)


def landsat(name: str) -> Any:
    return json.loads(corpus("rasters", "landsat-c2-l2", f"{_PRODUCT}_{name}.json").read_text(encoding="utf-8"))


@given(st.lists(_BANDS, max_size=6), st.lists(_BANDS, max_size=6))
def test_every_wanted_band_is_told_and_no_band_is_taken_twice(source: list[Band], wanted: list[Band]) -> None:
    made = match_bands(source, wanted)
    assert [one.wanted for one in made.pairs] == wanted
    used = [id(one.source) for one in made.pairs if one.source is not None]
    assert len(used) == len(set(used))
    assert len(used) + len(made.unused) == len(source)
    for one in made.pairs:
        assert 0 <= one.overlap <= 1
        assert (one.source is None) == (one.quality == "missing")
        if one.source is not None and {one.source.common, one.wanted.common} == {"VV", "VH"}:
            assert one.source.centre is not None


def test_the_nearest_band_is_taken_whatever_the_order() -> None:
    source = [Band("wide", centre=850, width=120), Band("narrow", centre=865, width=20)]
    wanted = [Band("B8A", centre=864.7, width=21), Band("B08", centre=832.8, width=106)]
    assert match_bands(source, wanted).order() == ("narrow", "wide")
    assert match_bands(source[::-1], wanted[::-1]).order() == ("wide", "narrow")
    near = match_bands([Band("a", centre=700, width=10)], [Band("b", centre=720, width=10)])
    assert near.pairs[0].quality == "extrapolated"
    far = match_bands([Band("a", centre=700, width=10)], [Band("b", centre=800, width=10)])
    assert far.missing == ("b",)
    with pytest.raises(EarthdexError, match="Nothing stands for b"):
        far.order()


def test_a_real_landsat_item_for_models_of_the_catalogue(builtin_home: Home) -> None:
    own = stac_bands(landsat("SR_stac"))
    assert [one.name for one in own] == [f"SR_B{n}" for n in range(1, 8)]
    assert own[4].common == "narrow near infrared"
    _, oli = bands(builtin_home, "resnet50-landsat-oli-sr-moco")
    made = match_bands(own, oli)
    assert made.order() == tuple(f"SR_B{n}" for n in range(1, 8))
    _, sentinel = bands(builtin_home, "resnet18-sentinel2-all-moco")
    partly = match_bands(own, sentinel)
    assert set(partly.missing) == {"B05", "B06", "B07", "B08", "B09", "B10"}
    assert "interpolated from 30 m" in partly.text()


def test_eurosat_for_models_of_the_catalogue(builtin_home: Home) -> None:
    _, own = bands(builtin_home, "eurosat")
    _, same = bands(builtin_home, "resnet18-sentinel2-all-moco")
    assert match_bands(own, same).score == 1
    _, oli = bands(builtin_home, "resnet50-landsat-oli-sr-moco")
    made = match_bands(own, oli)
    assert made.order() == ("B01", "B02", "B03", "B04", "B8A", "B11", "B12")
    assert made.resolution == 30
    assert made.pairs[1].resample == "averaged from 10 m"
    _, prithvi = bands(builtin_home, "prithvi-eo-2.0-300m")
    found = {one.wanted.name: one.source.name for one in match_bands(own, prithvi).pairs if one.source}
    assert (found["blue"], found["green"], found["red"]) == ("B02", "B03", "B04")
    assert (found["SWIR 1"], found["SWIR 2"]) == ("B11", "B12")
    _, radar = bands(builtin_home, "resnet50-sentinel1-all-moco")
    assert len(match_bands(own, radar).missing) == 2


def test_landsat_values_by_item_and_by_mtl() -> None:
    told = stac_calibration(landsat("SR_stac"))
    assert {(one.scale, one.offset) for rows in told.values() for one in rows} == {(2.75e-05, -0.2)}
    assert len(told) == 7  # none for quality bands
    known = mtl_calibration(landsat("MTL"))
    assert known[f"{_PRODUCT}_ST_B10.TIF"].offset == 149.0
    parts = tuple(Part("image", f"folder/{_PRODUCT}_{band}.TIF") for band in ("SR_B4", "QA_PIXEL"))
    made = with_calibration(replace(item(1), parts=parts), known)
    assert [(one.scale, one.offset) for one in made.parts] == [(2.75e-05, -0.2), (1.0, 0.0)]
    assert by_file(landsat("SR_stac"))[f"{_PRODUCT}_SR_B4.TIF"].scale == 2.75e-05


def _sentinel2(baseline: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": "S2B_33UXP_20220601_0_L2A",
        "properties": {"s2:processing_baseline": baseline, **properties},
        "assets": {"red": {"href": "x/B04.tif"}, "scl": {"href": "x/SCL.tif"}, "visual": {"href": "x/TCI.tif"}},
    }


def test_sentinel2_offsets_by_baseline() -> None:
    old, new = stac_calibration(_sentinel2("03.01")), stac_calibration(_sentinel2("05.00"))
    assert old["red"][0].offset == 0
    assert new["red"][0].offset == pytest.approx(-0.1)
    assert new.keys() == {"red"}
    applied = stac_calibration(_sentinel2("05.00", **{"earthsearch:boa_offset_applied": True}))
    assert applied["red"][0].offset == 0
    twice = _sentinel2("05.00", **{"earthsearch:boa_offset_applied": True})
    twice["assets"]["red"]["raster:bands"] = [{"scale": 1e-4, "offset": -0.1}]
    assert stac_calibration(twice)["red"][0].offset == 0
    told = _sentinel2("05.00")
    told["assets"]["red"]["raster:bands"] = [{"scale": 1e-4, "offset": -0.1}]
    assert stac_calibration(told)["red"][0].offset == -0.1
    by_name = {"id": "S2A_MSIL2A_20180601T100031_N0500_R122_T33UXP_20230101T000000", "assets": {}}
    assert sentinel2_baseline(by_name) == 5.0
    assert sentinel2_baseline({"id": "S2A_x", "properties": {"s2:processing_baseline": "02.14"}}) == 2.14
    assert sentinel2_baseline({}) is None


_KEYS = ["id", "properties", "assets", "eo:bands", "bands", "raster:bands", "href", "scale", "x"]
_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(_KEYS), _ODD, max_size=4))
def test_odd_items_are_no_trouble(odd: dict[str, Any]) -> None:
    stac_bands(odd)
    stac_calibration(odd)
    by_file(odd)
    mtl_calibration(odd)


def test_real_items_of_many_publishers() -> None:
    counted = 0
    for path in sorted(corpus("stac-items").glob("stactools-packages+sentinel2.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            baseline = sentinel2_baseline(record)
            for key, rows in stac_calibration(record).items():
                if baseline is not None and baseline < 4 and key.upper() in {"B02", "B03", "B04"}:
                    assert all(one.offset == 0 for one in rows)
                counted += 1
    assert counted > 20
