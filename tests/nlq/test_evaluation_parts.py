"""The parts of the evaluation: verdicts, gold answers, changed copies, made-up scenes."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import re
from types import ModuleType
from typing import Any

import pytest

from ingest.product_ids import parse_product_id
from kg.solutions import Result, Solutions
from nlq.evaluation.gold import compare, run_gold
from nlq.evaluation.grid import path_row, tile_at
from nlq.evaluation.perturb import KINDS, perturbed
from nlq.evaluation.products import MAKERS
from nlq.evaluation.scenes import frozen_scenes
from nlq.evaluation.verdict import judge
from ontology.errors import EarthdexError
from ontology.records import Scene
from ontology.terms import IRI, Literal, Term
from tests.corpora import shared

OPS = ("=", "!=", "<", "<=", ">", ">=", "contains", "in", "not_contains")


# --- verdicts ----------------------------------------------------------------------------------------------------


def _public_program() -> ModuleType:
    path = shared("questions", "score.py")
    spec = importlib.util.spec_from_file_location("public_score", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _spoilt(rng: random.Random, slots: dict[str, Any]) -> dict[str, Any]:
    """An interpretation with none, one or two things changed."""
    out = copy.deepcopy(slots)
    for _ in range(rng.choice([0, 1, 1, 2])):
        name = rng.choice(list(out) or ["target"])
        value = out.get(name)
        if rng.random() < 0.25:
            out[name] = None
        elif name == "filters" and value:
            _spoil_filter(rng, value)
        elif name == "place" and isinstance(value, str):
            out[name] = rng.choice([f"{value}, Ohio", value.split(",")[0], value.upper(), f"the {value}"])
        elif name == "limit" and value:
            out[name] = value + rng.choice([0, 1])
        elif name == "time" and isinstance(value, list) and isinstance(value[0], str):
            out[name] = ["2001-01-01", value[1]]
    return out


def _spoil_filter(rng: random.Random, filters: list[dict[str, Any]]) -> None:
    one = rng.choice(filters)
    value = one.get("value")
    match rng.randrange(4):
        case 0:
            filters.remove(one)
        case 1:
            one["op"] = rng.choice(OPS)
        case 2 if isinstance(value, (int, float)):
            one["value"] = value * rng.choice([1.001, 1.004, 1.2])
        case _ if isinstance(value, str):
            one["value"] = rng.choice([value.upper(), f"{value}s", value.replace("-", " "), "zz"])
    if one["op"] == "in" and not isinstance(one["value"], list):
        one["value"] = [one["value"]]


def test_verdicts_are_those_of_the_public_program() -> None:
    program = _public_program()
    lines = program.read_lines(shared("questions", "dev_questions.jsonl"))
    rng = random.Random(7)
    wrong = 0
    for line in lines * 12:
        prediction = {
            "id": line["id"],
            "interpretation": _spoilt(rng, line["expect"]),
            "answerable": rng.random() > 0.1,
            "clarify": rng.random() < 0.1,
        }
        theirs, accepted = program.judge(line, prediction)
        ours = judge(
            line, prediction["interpretation"], answerable=prediction["answerable"], clarify=prediction["clarify"]
        )
        assert sorted(ours.slots) == sorted(theirs), (line["id"], prediction)
        assert ours.right is False or ours.accepted == accepted
        wrong += bool(theirs)
    assert wrong > 300  # the copies were spoilt indeed


def _line(expect: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "X1", "question": "?", "class": "none", "style": "plain", "phenomena": [], "answerable": True} | {
        "expect": {"target": "product", "filters": [], **expect},
        **more,
    }


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (
            {"filters": [("cloud_cover", "between", [5, 10])]},
            {"filters": [("cloud_cover", ">=", 5), ("cloud_cover", "<=", 10)]},
        ),
        ({"filters": [("num_classes", ">", 9)]}, {"filters": [("num_classes", ">=", 10)]}),
        (
            {"filters": [("platform", "=", "Landsat-8")]},
            {"filters": [("platform", "=", "landsat 8"), ("mission", "=", "Landsat")]},
        ),
        ({"filters": [("topic", "=", "flood")]}, {"filters": [("topic", "contains", "inundation")]}),
        ({"filters": [("polarisation", "=", "VV+VH")]}, {"filters": [("polarisation", "=", "VH+VV")]}),
        ({"place": "Gdansk"}, {"place": "Gdańsk, Poland", "relation": "intersects"}),
    ],
)  # fmt: skip
def test_what_means_the_same_is_the_same(expected: dict[str, Any], found: dict[str, Any]) -> None:
    sides = [
        {
            **one,
            "filters": [dict(zip(("property", "op", "value"), each, strict=True)) for each in one.get("filters", ())],
        }
        for one in (expected, found)
    ]
    verdict = judge(_line(sides[0]), {"target": "product", **sides[1]}, answerable=True, clarify=False)
    assert verdict.right, verdict.slots


# --- gold answers ------------------------------------------------------------------------------------------------


class _Fixed:
    """A home whose every answer is the same."""

    def __init__(self, variables: str, rows: list[tuple[Term | None, ...]]) -> None:
        self.answer = Solutions(tuple(variables.split()), tuple(rows))
        self.asked = ""

    def query(
        self, sparql: str, timeout: float | None = None, max_rows: int | None = None, rules: bool | None = None
    ) -> Result:
        self.asked = sparql
        return self.answer


def _thing(name: str) -> IRI:
    return IRI(f"https://example.org/{name}")


def _listed(*names: str) -> dict[str, Any]:
    return {"kind": "list", "rows": [{"iri": str(_thing(one)), "name": one} for one in names]}


def test_ties_at_a_limit_are_fair() -> None:
    rows = [(_thing(name), Literal.of(size)) for name, size in (("a", 9), ("b", 5), ("c", 5), ("d", 1))]
    home = _Fixed("d order_key", list(rows))
    gold = run_gold(home, "SELECT ?d WHERE { ?d ed:classCount ?n } ORDER BY DESC(?n) LIMIT 2")
    assert "LIMIT" not in home.asked and "(?n) AS ?order_key" in home.asked
    assert not compare(_listed("a", "b"), gold, {})
    assert not compare(_listed("a", "c"), gold, {})
    assert compare(_listed("b", "a"), gold, {})  # the order counts
    assert compare(_listed("a", "d"), gold, {})
    assert compare(_listed("a"), gold, {})
    assert compare(_listed("a", "x"), gold, {})


def test_sets_of_things_are_equal_or_not() -> None:
    gold = run_gold(_Fixed("d", [(_thing("a"),), (_thing("b"),), (_thing("a"),)]), "SELECT ?d WHERE { ?d a ?x }")
    assert not compare(_listed("b", "a"), gold, {})
    assert compare(_listed("a"), gold, {}) == ("missing: https://example.org/b",)
    assert compare(_listed("a", "b", "c"), gold, {}) == ("not expected: https://example.org/c",)
    assert compare({"kind": "refusal", "rows": [], "reason": "no"}, gold, {}) == ("refusal: no",)


def test_figures_groups_and_values() -> None:
    count = run_gold(_Fixed("n", [(Literal.of(12),)]), "SELECT (COUNT(*) AS ?n) WHERE { ?d a ?x }")
    assert not compare({"kind": "count", "value": 12, "rows": []}, count, {})
    assert compare({"kind": "count", "value": 13, "rows": []}, count, {})
    total = run_gold(_Fixed("n", [(Literal.of(12_500_000_000),)]), "SELECT (SUM(?b) AS ?n) WHERE { ?d a ?x }")
    assert not compare({"kind": "value", "value": 12.5, "rows": []}, total, {"aggregate": "sum(size_gb)"})
    groups = run_gold(
        _Fixed("k n", [(_thing("mit"), Literal.of(3)), (Literal.of("x"), Literal.of(2))]),
        "SELECT ?k (COUNT(?d) AS ?n) WHERE { ?d ?p ?k } GROUP BY ?k",
    )
    rows = [{"license": "x", "count": 2}, {"iri": str(_thing("mit")), "name": "MIT", "count": 3}]
    assert not compare({"kind": "groups", "rows": rows}, groups, {})
    assert compare({"kind": "groups", "rows": rows[:1]}, groups, {})
    assert compare({"kind": "groups", "rows": [rows[0] | {"count": 9}, rows[1]]}, groups, {})
    values = run_gold(_Fixed("v", [(Literal.of(10.0),), (Literal.of("red"),)]), "SELECT ?v WHERE { ?d ?p ?v }")
    told = [{"iri": "x", "name": "X", "property": "p", "value": one} for one in (10, "Red")]
    assert not compare({"kind": "value", "rows": told}, values, {})
    assert compare({"kind": "value", "rows": told[:1]}, values, {})


def test_yes_no_and_unknown() -> None:
    class Asked(_Fixed):
        def query(self, *_: Any, **__: Any) -> Result:
            return False

    no = run_gold(Asked("", []), "ASK { ?s ?p ?o }")
    assert not compare({"kind": "yesno", "value": False}, no, {})
    assert not compare({"kind": "yesno", "value": None}, no, {})
    assert compare({"kind": "yesno", "value": True}, no, {})


# --- changed copies ----------------------------------------------------------------------------------------------

_QUESTIONS = [
    "Find Sentinel-2 L2A images over Lake Garda with at most 12.5 % clouds in May 2020",
    "Which datasets were made from EuroSAT and hold 10,000 samples?",
    "landsat 8 LC08_L1TP_190030 june 2018",
]
_LINES = [_line({}, id=f"X{number}", question=text) for number, text in enumerate(_QUESTIONS)]


def test_copies_are_the_same_every_time_and_keep_what_is_expected() -> None:
    copies = perturbed(_LINES, list(KINDS))
    assert copies == perturbed(_LINES, list(KINDS))
    assert copies != perturbed(_LINES, list(KINDS), seed=1)
    assert {one["perturbation"] for one in copies} >= {"typos", "case", "politeness"}
    originals = {line["id"]: line for line in _LINES}
    for one in copies:
        assert one["question"] != originals[one["id"]]["question"]
        assert one["expect"] == originals[one["id"]]["expect"]
    with pytest.raises(EarthdexError, match="no perturbation"):
        perturbed(_LINES, ["nonsense"])


def test_typing_errors_spare_numbers_codes_and_short_words() -> None:
    for seed in range(60):
        for one in perturbed(_LINES, ["typos"], seed=seed):
            original = next(line["question"] for line in _LINES if line["id"] == one["id"])
            before, after = original.split(), one["question"].split()
            assert len(before) == len(after)
            changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
            assert 1 <= len(changed) <= 3
            assert all(not re.search(r"\d|[A-Z]{2}|[a-z][A-Z]", a) and len(a) > 4 for a, _ in changed)


# --- made-up scenes ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    line = _line(
        {
            "filters": [
                {"property": "platform", "op": "=", "value": "Landsat-9"},
                {"property": "cloud_cover", "op": "<", "value": 10},
            ],
            "place": "Lake Balaton",
            "time": ["2022-05-01", "2022-05-31"],
        }
    )
    return list(frozen_scenes([line]))


def test_scenes_are_told_apart_and_say_what_their_identifiers_say(scenes: list[Scene]) -> None:
    assert len(scenes) > 5000
    assert len({one.iri for one in scenes}) > len(scenes) - 10
    assert {one.mission for one in scenes} >= {one for one in MAKERS if one != "modis"}
    checked = 0
    for one in scenes:
        parsed = parse_product_id(one.id)
        assert parsed is not None, one.id
        for name in ("mission", "platform", "tile_id", "relative_orbit", "wrs_path", "wrs_row", "polarisation"):
            said = getattr(parsed, name)
            if said and not one.id.startswith(("S5P", "MOD", "MYD")):
                assert getattr(one, name) == said, (one.id, name)
                checked += 1
    assert checked > 10_000


def test_a_question_has_scenes_of_its_own(scenes: list[Scene]) -> None:
    from shapely import from_wkb
    from shapely.geometry import Point

    lake = Point(17.75, 46.83)
    fit = [
        one
        for one in scenes
        if one.platform == "landsat-9"
        and (one.cloud_cover or 0) < 10
        and one.start_time is not None
        and f"{one.start_time:%Y-%m}" == "2022-05"
        and one.geometry is not None
        and from_wkb(one.geometry).distance(lake) < 0.6
    ]
    assert len(fit) >= 3


def test_the_grid_names_known_places() -> None:
    assert tile_at(16.37, 48.21)[0] == "33UXP"  # Vienna
    assert tile_at(-43.2, -22.9)[0] == "23KPQ"  # Rio de Janeiro
    assert path_row(16.37, 48.21)[1] in (26, 27)
    assert json.dumps(tile_at(0.5, 0.5)[1])


def test_no_scenes_of_questions_that_cannot_be_read() -> None:
    with pytest.raises(EarthdexError, match="X1"):
        list(frozen_scenes([_line({"time": ["not a day", None]})]))
