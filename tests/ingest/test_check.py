"""`earthdex check`: each kind of mistake is found at its line, with a remedy, whatever the file is."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.check import check_path
from ingest.check_shapes import check_shapes, violations
from ingest.known import KnownNames
from ingest.problems import Problem, did_you_mean
from ingest.quads import to_triples
from ingest.reader import load_record
from ingest.yamltext import MAX_BYTES
from ontology.errors import NotFound
from ontology.namespaces import expand
from ontology.paths import catalogue_dir
from ontology.terms import IRI, Literal

GOOD = """\
id: alpine-crops
type: dataset
name: Alpine Crops
description: Labelled fields in alpine valleys, seen by Sentinel-2.
topic: [crop type]
task: [semantic segmentation]
sensor: [Sentinel-2]
modality: [multispectral]
band: [B02, B03, B04, B08]
resolution_m: 10
num_samples: 1200
class_label:
  - {name: Corn, value: 1, exact_match: hcat/maize}
  - {name: Meadow, value: 2, close_match: corine/231}
coverage: [Austria, country:CH]
time_start: 2019-03
time_end: 2019-10
publication_year: 2020
license: CC-BY-4.0
doi: 10.1000/alpine
homepage: https://example.org/alpine
distribution:
  - {url: "https://example.org/a.zip", format: ZIP, checksum: "md5:0123456789abcdef0123456789abcdef"}
derived_from: [eurosat]
source:
  homepage: https://example.org/alpine
"""


def _check(folder: Path, text: str | bytes, name: str = "alpine-crops.yaml") -> list[Problem]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return check_path(path)


def _changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_record_has_no_problems(tmp_path: Path) -> None:
    assert _check(tmp_path, GOOD) == []


MISTAKES = [
    ("topic: [crop type]", "topic: [crop typ]", "concept", "'crop type'"),
    ("task: [semantic segmentation]", "task: [semantik segmentation]", "concept", "'semantic segmentation'"),
    ("sensor: [Sentinel-2]", "sensor: [Sentinel-22]", "concept", "Sentinel-2"),
    ("band: [B02, B03", "band: [B02, B77", "concept", "band"),
    ("Austria,", "Asutriaaaa,", "place", "country:XX"),
    ("country:CH", "country:QQ", "place", "country:XX"),
    ("license: CC-BY-4.0", "license: CC-BY-5.0", "licence", "SPDX"),
    ("hcat/maize", "hcat/mayze", "class", "aize"),
    ("hcat/maize", "crops/maize", "class", "corine/..."),
    ("doi: 10.1000/alpine", "doi: https://doi.org/10.1000/alpine", "value", "bare"),
    ("time_start: 2019-03", "time_start: 2019-13", "value", "existing"),
    ("time_start: 2019-03", "time_start: March 2019", "value", "2018-05-31"),
    ("time_end: 2019-10", "time_end: 2018", "time", "Exchange"),
    ("publication_year: 2020", "publication_year: 20200", "time", "year"),
    ("md5:0123456789abcdef0123456789abcdef", "md5:0123", "checksum", "Copy"),
    ("md5:0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef", "checksum", "sha256:"),
    ("format: ZIP", "format: ZIPP", "concept", "ZIP"),
    ("derived_from: [eurosat]", "derived_from: [eurosatt]", "reference", "eurosat"),
    ("derived_from: [eurosat]", "derived_from: [alpine-crops]", "circle", "Remove"),
    ("resolution_m: 10", "resolution_m: 10 m", "value", "digits"),
    ("resolution_m: 10", "resolution_m: -10", "value", "unknown"),
    ("num_samples: 1200", "num_samples: 1,200", "value", "separators"),
    ("num_samples: 1200", "num_samples: [1200, 1300]", "source", "own source"),
    ("num_samples: 1200", "num_sample: 1200", "key", "'num_samples'"),
    ("num_samples: 1200", "architecture: [U-Net]", "key", "model record"),
    ("num_samples: 1200", "num_samples: {value: 1, source: nowhere}", "source", "source:"),
    ("num_samples: 1200", "num_samples:", "value", "unknown keys out"),
    ("value: 2,", "value: 1,", "duplicate", "own value"),
    ("name: Meadow", "name: corn", "duplicate", "Keep one"),
    ("homepage: https://example.org/alpine\nd", "homepage: example.org\nd", "value", "https://"),
    ("name: Alpine Crops", "name: EuroSAT", "duplicate", "edit that record"),
    ("id: alpine-crops", "id: Alpine Crops", "value", "my-dataset"),
    ("type: dataset", "type: data", "value", "type: dataset"),
    ("description: Labelled", "# description: Labelled", "key", "description"),
    ("{name: Corn, value: 1,", "{nam: Corn, value: 1,", "key", "name"),
    ("country:CH]", "{name: X, bbox: [1, 2, 3]}]", "value", "west"),
    ("country:CH]", "{name: X, bbox: [1, 50, 3, 40]}]", "value", "west"),
    ("country:CH]", "{name: X, bbox: [200, 40, 3, 50]}]", "value", "Longitude"),
]


@pytest.mark.parametrize(("old", "new", "code", "remedy"), MISTAKES)
def test_a_mistake_is_named_with_line_and_remedy(tmp_path: Path, old: str, new: str, code: str, remedy: str) -> None:
    text = _changed(old, new)
    problems = [one for one in _check(tmp_path, text) if one.code == code]
    assert problems, _check(tmp_path, text)
    assert any(remedy in one.remedy for one in problems), problems
    wrong = text[: text.index(new.lstrip("# "))].count("\n") + 1 if "description" not in new else 1
    assert any(one.line in range(wrong - 1, wrong + 3) for one in problems), problems


def test_the_id_of_a_packaged_record_is_taken(tmp_path: Path) -> None:
    problems = _check(tmp_path, _changed("id: alpine-crops", "id: eurosat"), "eurosat.yaml")
    assert any(one.code == "duplicate" and "eurosat.yaml" in one.message and one.line == 1 for one in problems)


def test_a_packaged_record_is_not_its_own_duplicate() -> None:
    assert check_path(catalogue_dir() / "datasets" / "eurosat.yaml") == []


def test_a_copy_of_a_record_under_another_id_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(_changed("id: alpine-crops", "id: one"))
    (tmp_path / "two.yaml").write_text(_changed("id: alpine-crops", "id: two"))
    problems = check_path(tmp_path)
    assert {one.code for one in problems} == {"duplicate"}
    assert [Path(one.path).name for one in problems] == ["two.yaml"]


def test_circles_through_several_records_are_found_once(tmp_path: Path) -> None:
    ring = {"a": "b", "b": "c", "c": "a", "d": "a"}
    for one, other in ring.items():
        text = _changed("id: alpine-crops", f"id: {one}").replace("name: Alpine Crops", f"name: Set {one}")
        (tmp_path / f"{one}.yaml").write_text(text.replace("[eurosat]", f"[{other}]"))
    problems = check_path(tmp_path)
    assert [one.code for one in problems] == ["circle"]
    assert all(name in problems[0].message for name in ("a", "b", "c"))


def test_the_file_name_is_the_id(tmp_path: Path) -> None:
    [problem] = _check(tmp_path, GOOD, "other.yaml")
    assert "Rename the file to alpine-crops.yaml" in problem.remedy


def test_folders_are_searched_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for folder in ("deep/er", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "deep/er/alpine-crops.yaml").write_text(GOOD)
    (tmp_path / ".hidden/x.yaml").write_text("nonsense")
    (tmp_path / "readme.md").write_text("no record")
    assert check_path(tmp_path) == []


def test_what_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.yaml"):
        with pytest.raises(NotFound) as caught:
            check_path(path)
        assert caught.value.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
@pytest.mark.timeout(20)
def test_special_files_do_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path("/dev/zero")):
        with pytest.raises(NotFound):
            check_path(path)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    (tmp_path / "alpine-crops.yaml").write_text(GOOD)
    problems = check_path(tmp_path)
    assert {Path(one.path).name for one in problems} == {"gone.yaml", "pipe.yaml"}
    assert all(one.code == "file" for one in problems)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    [problem] = check_path(path)
    assert problem.code == "file" and str(MAX_BYTES // 1024) in problem.message


def test_a_flood_of_problems_is_cut(tmp_path: Path) -> None:
    text = _changed("topic: [crop type]", "topic: [" + ", ".join(f"nothing{i}" for i in range(2000)) + "]")
    assert len(_check(tmp_path, text)) <= 250


def test_the_json_form_is_stable() -> None:
    found = Problem("a.yaml", 3, 2, "Wrong.", "Right it.", "key").to_dict()
    assert found == {
        "path": "a.yaml",
        "line": 3,
        "column": 2,
        "code": "key",
        "message": "Wrong.",
        "remedy": "Right it.",
    }
    assert Problem("a.yaml", 0, 0, "Wrong.").to_dict()["line"] is None


def test_problems_read_as_compilers_write_them() -> None:
    assert str(Problem("a.yaml", 3, 2, "Wrong.", "Right it.")) == "a.yaml:3:2: Wrong. Right it."


def test_advice_names_the_nearest_words() -> None:
    assert did_you_mean("floood", ["flood", "forest"]) == "Did you mean 'flood'?"
    assert did_you_mean("xyz", ["flood"], "Choose one.") == "Choose one."


_LINES = GOOD.splitlines(keepends=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, len(_LINES) - 1), st.sampled_from(["drop", "twice", "cut", "indent", "swap"])),
        max_size=4,
    )
)
def test_mangled_records_are_reported_and_never_raise(tmp_path: Path, changes: list[tuple[int, str]]) -> None:
    lines = list(_LINES)
    for at, how in changes:
        line = lines[at % len(_LINES)]
        mangled = {"drop": "", "twice": line * 2, "cut": line[:8] + "\n", "indent": "  " + line, "swap": line[::-1]}
        lines[at % len(_LINES)] = mangled[how]
    for problem in _check(tmp_path, "".join(lines)):
        assert problem.message and problem.remedy


def test_shapes_find_what_the_plain_checks_cannot() -> None:
    me = IRI("https://w3id.org/earthdex/dataset/bad")
    triples = [
        (me, expand("rdf:type"), expand("ed:TrainingDataset")),
        (me, expand("rdf:type"), expand("dcat:Dataset")),
        (me, expand("dct:identifier"), Literal("bad")),
        (me, expand("dct:title"), Literal("Bad")),
        (me, expand("ed:sampleCount"), Literal("many")),
        (me, expand("dcat:theme"), IRI("https://w3id.org/earthdex/task/flood")),
    ]
    messages = " ".join(message for _, _, _, message in violations(triples))
    assert "description" in messages and "samples" in messages and "topic" in messages


def test_findings_of_shapes_come_back_to_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "alpine-crops.yaml"
    path.write_text(GOOD)
    record = load_record(path)
    broken = [(record.iri, expand("ed:sampleCount"), Literal("1200"), None)]
    monkeypatch.setattr("ingest.check_shapes.to_triples", lambda one, names: [*to_triples(one, names), *broken])
    [problem] = check_shapes([record], KnownNames())
    assert (problem.line, problem.code) == (GOOD[: GOOD.index("num_samples")].count("\n") + 1, "shape")


def test_the_reference_lists_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "records.md").read_text("utf-8")
    sources = "".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "ingest").glob("check*.py"))
    codes = {row[2] for row in MISTAKES} | set(re.findall(r'"(file|duplicate|shape|circle|yaml)"\)', sources))
    assert all(f"`{code}`" in page for code in codes)
