"""Has this model seen my area? Yes, no or unknown, each only where it is right to say so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shapely import to_wkb
from shapely.geometry import box

from kg.home import open_home, open_writer
from ontology.errors import EarthdexError, NotFound
from ontology.namespaces import expand, record_iri
from ontology.records import Scene
from ontology.terms import IRI, Literal
from tests.training.care.make import box_item
from training.care.seen import has_seen
from training.select.area import area_of

if TYPE_CHECKING:
    from kg.home import Home

_LSTM = "ai4copernicus-crop-type-lstm"  # trained on TimeSen2Crop: Austria, September 2017 to August 2018
_TIMESEN = "https://w3id.org/earthdex/dataset/timesen2crop"


@pytest.mark.parametrize(
    ("place", "period", "answer"),
    [
        ("Austria", "", "yes"),
        ("Europe", "", "yes"),
        ("Vienna", "", "unknown"),
        ("Kenya", "", "no"),
        ("Austria", "2020", "no"),
        ("Austria", "2018-01/2018-12", "unknown"),
        ("Austria", "2017/2018", "yes"),
    ],
)
def test_by_coverage_and_time(builtin_home: Home, place: str, period: str, answer: str) -> None:
    area = area_of(place, builtin_home.path).geometry
    told = has_seen(builtin_home, _LSTM, area, area_name=place, period=period)
    assert told.answer == answer, told.text()
    assert told.evidence[0].dataset == "TimeSen2Crop"
    assert place in told.text()


def test_samples_at_hand_decide(builtin_home: Home) -> None:
    vienna = area_of("Vienna", builtin_home.path).geometry
    there, elsewhere = box_item(1, 16.37, 48.2), box_item(2, 13.0, 47.8)
    assert has_seen(builtin_home, _LSTM, vienna, known={_TIMESEN: [there, elsewhere]}).answer == "yes"
    assert has_seen(builtin_home, _LSTM, vienna, known={_TIMESEN: [elsewhere]}).answer == "no"
    tested = [box_item("t", 16.375, 48.205), box_item("u", 16.5, 48.3)]
    told = has_seen(builtin_home, _LSTM, tested, known={_TIMESEN: [there]})
    assert told.answer == "yes"
    assert "1 of the 2 test items" in told.evidence[0].why


def test_what_is_not_known_is_said(builtin_home: Home) -> None:
    area = box(16, 48, 17, 49)
    everywhere = has_seen(builtin_home, "resnet18-sentinel2-all-moco", area)
    assert everywhere.answer == "unknown"
    assert "all over the world" in everywhere.evidence[0].why
    silent = has_seen(builtin_home, "s2cloudless", area)
    assert silent.answer == "unknown"
    assert silent.caveats
    with pytest.raises(EarthdexError, match="not a model"):
        has_seen(builtin_home, "EuroSAT", area)
    with pytest.raises(NotFound):
        has_seen(builtin_home, "no such model", area)


def test_scenes_of_the_training_data_tell(tmp_path: Path) -> None:
    def quad(subject: str, predicate: str, value: IRI | Literal) -> tuple[IRI, IRI, IRI | Literal, None]:
        return record_iri(*subject.split("/", 1)), expand(predicate), value, None  # type: ignore[return-value]

    day = datetime(2019, 5, 1, tzinfo=UTC)
    scenes = [
        Scene(
            str(number),
            "mine",
            start_time=day,
            end_time=day,
            geometry=to_wkb(box(16 + number, 48, 16.5 + number, 48.5)),
        )
        for number in range(4)
    ]
    with open_writer(tmp_path) as writer:
        told = [
            quad("dataset/mine", "rdf:type", expand("dcat:Dataset")),
            quad("dataset/mine", "dct:title", Literal("Mine")),
            quad("dataset/mine", "dct:identifier", Literal("mine")),
            quad("model/net", "rdf:type", expand("it6:MachineLearningModel")),
            quad("model/net", "dct:title", Literal("Net")),
            quad("model/net", "it6:trainedOn", record_iri("dataset", "mine")),
        ]
        writer.replace_builtin(told, "one")
        writer.add_scenes(scenes)
        writer.publish()
    with open_home(tmp_path) as home:
        seen = has_seen(home, "Net", box(17.2, 48.2, 18.2, 48.4))
        assert seen.answer == "yes"
        assert "2 of its 4 scenes" in seen.evidence[0].why
        assert has_seen(home, "Net", box(17.2, 48.2, 18.2, 48.4), period="2019").answer == "yes"
        assert has_seen(home, "Net", box(17.2, 48.2, 18.2, 48.4), period="2020").answer == "unknown"
        assert has_seen(home, "Net", box(0, 0, 1, 1)).answer == "unknown"


def test_commands(builtin_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import json

    from typer.testing import CliRunner

    from api.commands.cli import app
    from tests.corpora import corpus

    monkeypatch.setenv("EARTHDEX_HOME", str(builtin_path))

    def run(*words: str) -> dict[str, object]:
        done = CliRunner().invoke(app, [*words, "--json"])
        assert done.exit_code == 0, (done.output, done.exception)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    assert run("licences", "EuroSAT", "LoveDA")["uses"]["commercial"] == "forbidden"  # type: ignore[index]
    assert run("bands", "EuroSAT", "resnet50-landsat-oli-sr-moco")["missing"] == []
    assert run("classes", "EuroSAT", "--into", "worldcover")["scheme"] == "class/worldcover"
    assert run("leakage", "--model", _LSTM, "--area", "Austria")["answer"] == "yes"
    root = str(corpus("rasters", "eurosat-small"))
    lock = str(tmp_path / "earthdex.lock")
    options = ("--split", "random", "--split-option", 'fractions={"train": 0.5, "test": 0.5}')
    done = CliRunner().invoke(app, ["lock", "EuroSAT", "--root", root, "-o", lock, *options])
    assert done.exit_code == 0, done.output
    told = run("leakage", lock, "--root", root, "--pixels")
    findings = told["comparisons"][0]["findings"]  # type: ignore[index]
    assert {kind: one["answer"] for kind, one in findings.items()} == {
        "space": "no",
        "date": "no",
        "scene": "unknown",
        "duplicate": "no",
        "lookalike": "no",
    }
    assert run("leakage", lock, lock, "--root", root, "--root", root)["answer"] == "yes"
    assert run("licences", lock)["uses"]["commercial"] == "allowed"  # type: ignore[index]
    assert CliRunner().invoke(app, ["leakage"]).exit_code == 2
