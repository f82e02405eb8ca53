"""Identifiers of satellite products, as their publishers write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.product_ids import parse_product_id


def test_a_sentinel_1_name_says_all_of_it() -> None:
    found = parse_product_id("S1A_IW_GRDH_1SDV_20230628T210705_20230628T210730_049191_05EA4D_21D1.SAFE")
    assert found is not None
    assert (found.mission, found.platform, found.instrument) == ("sentinel-1", "sentinel-1a", ("c-sar",))
    assert (found.product_type, found.processing_level, found.sensor_mode) == ("GRD", "L1", "IW")
    assert found.polarisation == ("VV", "VH")
    assert (found.absolute_orbit, found.relative_orbit) == (49191, 119)
    assert found.start_time == datetime(2023, 6, 28, 21, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "platform", "level", "tile", "day"),
    [
        (
            "S2B_MSIL1C_20190910T095029_N0208_R079_T33TWN_20190910T120910.SAFE",
            "sentinel-2b",
            "L1C",
            "33TWN",
            "20190910",
        ),
        ("S2A_MSIL2A_20241128T092331_R093_T34SEJ_20241128T122153", "sentinel-2a", "L2A", "34SEJ", "20241128"),
        ("S2A_OPER_MSI_L2A_TL_SGS__20180524T190423_A015250_T26SKD_N02.08", "sentinel-2a", "L2A", "26SKD", "20180524"),
        ("S2B_20EPT_20250731_0_L2A", "sentinel-2b", "L2A", "20EPT", "20250731"),
        ("S2C_T13TDE_20250729T180310_L2A", "sentinel-2c", "L2A", "13TDE", "20250729"),
        ("20190212T142031_20190212T143214_T19FDF", None, None, "19FDF", "20190212"),
    ],
)
def test_sentinel_2_in_all_its_spellings(text: str, platform: str, level: str, tile: str, day: str) -> None:
    found = parse_product_id(text)
    assert found is not None
    assert found.mission == "sentinel-2"
    assert (found.platform, found.processing_level, found.tile_id) == (platform, level, tile)
    assert found.start_time is not None
    assert found.start_time.strftime("%Y%m%d") == day


@pytest.mark.parametrize(
    ("text", "platform", "level", "path", "row", "day"),
    [
        ("LC08_L2SP_047027_20201204_20210313_02_T1", "landsat-8", "L2SP", 47, 27, "20201204"),
        ("LC09_L2SR_081122_20221130_02_T2", "landsat-9", "L2SR", 81, 122, "20221130"),
        ("LM01_L1GS_001010_19720908_02_T2", "landsat-1", "L1GS", 1, 10, "19720908"),
        ("LC81530252014153LGN00", "landsat-8", None, 153, 25, "20140602"),
        ("LC08_044034_20140318", "landsat-8", None, 44, 34, "20140318"),
    ],
)
def test_landsat_of_all_collections(text: str, platform: str, level: str, path: int, row: int, day: str) -> None:
    found = parse_product_id(text)
    assert found is not None
    assert (found.mission, found.platform, found.processing_level) == ("landsat", platform, level)
    assert (found.wrs_path, found.wrs_row) == (path, row)
    assert found.start_time is not None
    assert found.start_time.strftime("%Y%m%d") == day


@pytest.mark.parametrize(
    ("text", "mission", "kind"),
    [
        (
            "S3A_OL_1_EFR____20180708T090000_20180708T090300_20180709T120000_0179_033_164_2340_LN1_O_NT_002.SEN3",
            "sentinel-3",
            "OL_1_EFR",
        ),
        ("S5P_OFFL_L2__CH4____20190101T000000_20190101T010000_06305_01_010202_20190107T010203", "sentinel-5p", "CH4"),
        ("MOD14A1.A2000049.h00v08.061.2020041150332", "terra", "MOD14A1"),
        ("HLS.S30.T33UUP.2021001T101411.v2.0", "sentinel-2", "HLSS30"),
        ("OPERA_L2_RTC-S1_T018-038454-IW2_20220109T232826Z_20241218T104825Z_S1A_30_v1.0", "sentinel-1", "RTC-S1"),
    ],
)
def test_other_missions(text: str, mission: str, kind: str) -> None:
    found = parse_product_id(text)
    assert found is not None
    assert found.mission == mission
    assert found.product_type is not None
    assert kind in found.product_type


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sentinel-2-l2a",
        "S2B_MSIL1C_20191310T095029_N0208_R079_T33TWN_20190910T120910",
        "LC08_L2SP_047027_20201304_02_T1",
    ],
)
def test_names_that_say_nothing_or_the_impossible(text: str) -> None:
    assert parse_product_id(text) is None


@given(st.text(max_size=400))
def test_any_text_is_read_or_is_none(text: str) -> None:
    parse_product_id(text)


@given(st.from_regex(r"S2[ABC]_MSIL(1C|2A)_[0-9]{8}T[0-9]{6}_N[0-9]{4}_R[0-9]{3}_T[0-9]{2}[A-Z]{3}_[0-9]{8}T[0-9]{6}"))
def test_names_that_look_right_never_raise(text: str) -> None:
    found = parse_product_id(text)
    assert found is None or found.mission == "sentinel-2"
