"""Labels under one scheme: nearest class wins, never downwards, and all that is lost is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import EarthdexError, NotFound
from training.care.merge import Links, merge
from training.care.schemes import merge_classes
from training.distributions import LabelClass

if TYPE_CHECKING:
    from kg.home import Home


def links(steps: dict[str, list[tuple[str, str]]], broader: dict[str, list[str]] | None = None) -> Links:
    return Links(steps, broader or {}, {})


def test_the_nearest_class_wins_and_equals_are_ambiguous() -> None:
    classes = {"A": [LabelClass("x", 1, "x"), LabelClass("y", 2, "y"), LabelClass("z", 3, "z")]}
    made = merge(
        classes,
        links(
            {"x": [("close", "t1"), ("exact", "m")], "m": [("exact", "t2")], "y": [("close", "t1"), ("close", "t2")]}
        ),
        ["t1", "t2"],
        "target",
    )
    assert [(one.label, one.target, one.how) for one in made.sources] == [
        ("x", "t2", "exact"),
        ("y", "", "ambiguous"),
        ("z", "", "unmapped"),
    ]
    assert made.table("A") == {1: 0, 2: 255, 3: 255}
    assert made.lost()["ambiguous"] == ["A: y may be t1 or t2"]
    assert made.lookup("A", 5).tolist() == [255, 0, 255, 255, 255]


def test_a_broader_class_takes_in_its_parts_where_a_data_set_knows_no_more() -> None:
    classes = {"fine": [LabelClass("oak", 0, "a"), LabelClass("fir", 1, "b")], "coarse": [LabelClass("wood", 7, "c")]}
    steps = {"a": [("exact", "oaks")], "b": [("exact", "firs")], "c": [("exact", "forest")]}
    broader = {"oaks": ["forest"], "firs": ["forest"]}
    made = merge(classes, links(steps, broader), ["forest", "oaks", "firs"], "target")
    assert len(made.classes) == 1
    assert made.table("fine") == {0: 0, 1: 0}
    assert made.lost()["merged"] == ["fine: oak, fir are all forest"]
    assert len(made.folded) == 2


def test_never_downwards() -> None:
    classes = {"A": [LabelClass("wood", 0, "w"), LabelClass("oak", 1, "o")]}
    steps = {"w": [("exact", "forest")], "oaks": [("broader", "forest")], "o": [("exact", "oaks")]}
    made = merge(classes, links(steps), ["oaks"], "target")
    assert made.table("A") == {0: 255, 1: 0}


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"),
        st.lists(st.tuples(st.sampled_from(["exact", "close", "broader"]), st.sampled_from("abcdefghtuv")), max_size=4),
    )
)
def test_any_web_of_links_comes_to_an_end(steps: dict[str, list[tuple[str, str]]]) -> None:
    classes = {"A": [LabelClass(one, n, one) for n, one in enumerate("abcd")]}
    try:
        made = merge(classes, links(steps, {"t": ["u"], "u": ["t"]}), ["t", "u", "v"], "target")
    except EarthdexError:
        return
    assert set(made.table("A")) == {0, 1, 2, 3}
    assert set(made.table("A").values()) <= {255, *(one.value for one in made.classes)}


def test_land_cover_of_three_publishers(builtin_home: Home) -> None:
    made = merge_classes(builtin_home, ["EuroSAT", "loveda", "DeepGlobe Land Cover"], "worldcover")
    codes = {one.value: one.code for one in made.classes}
    assert list(codes.values()) == ["10", "30", "40", "50", "60", "80"]
    forest = dict(made.classes[0].made_of)
    assert forest.keys() == {"EuroSAT", "LoveDA", "DeepGlobe Land Cover"}
    assert "EuroSAT: River, Sea & Lake are all Permanent water bodies" in made.lost()["merged"]
    labels = np.array([[1, 8], [9, 2]])
    assert [codes[value] for value in made.lookup("EuroSAT")[labels].ravel()] == ["10", "80", "80", "30"]
    assert "LoveDA: background" in made.lost()["unmapped"]
    json.dumps(made.to_dict())


def test_what_data_sets_have_in_common(builtin_home: Home) -> None:
    crops = merge_classes(builtin_home, ["TimeSen2Crop", "PASTIS"])
    assert crops.scheme == "class/hcat"
    maize = next(one for one in crops.classes if one.label == "Maize")
    assert maize.made_of == (("TimeSen2Crop", "Maize"), ("PASTIS", "corn"))
    cover = merge_classes(builtin_home, ["EuroSAT", "BigEarthNet"])
    assert cover.scheme == "class/corine"
    own = merge_classes(builtin_home, ["EuroSAT", "ESA WorldCover"], "ESA WorldCover")
    assert own.scheme == "ESA WorldCover"
    assert "Tree cover" in [one.label for one in own.classes]


def test_what_cannot_be_merged_is_said(builtin_home: Home) -> None:
    with pytest.raises(NotFound, match="no class scheme"):
        merge_classes(builtin_home, ["EuroSAT"], "class/of-the-moon")
    with pytest.raises(NotFound, match="not among"):
        merge_classes(builtin_home, ["EuroSAT"], "LoveDA")
    with pytest.raises(EarthdexError, match="has a counterpart"):
        merge_classes(builtin_home, ["EuroSAT"], "wmo-sea-ice", by_name=False)
    made = merge_classes(builtin_home, ["EuroSAT"], "worldcover")
    with pytest.raises(EarthdexError, match="No classes of 'LoveDA'"):
        made.table("LoveDA")
