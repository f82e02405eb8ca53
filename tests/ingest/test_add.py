"""`earthdex add` from end to end: what is kept, what is told, and that nothing stops it."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.add import add_sources
from ingest.report import AddReport
from kg.home import open_home
from ontology.errors import NotFound, StoreLocked
from tests.corpora import corpus
from tests.ingest.stac import SQUARE, collection, item, write


def add(home: Path, *sources: Path) -> AddReport:
    return add_sources([str(one) for one in sources], home)


def scenes(home: Path, *columns: str) -> list[dict[str, Any]]:
    with open_home(home) as opened:
        return opened.scenes.select(columns or ("collection", "id"), order=[("id", "asc")])


def test_an_item_is_added_once(tmp_path: Path) -> None:
    path = write(tmp_path / "item.json", item())
    first, again = add(tmp_path / "home", path), add(tmp_path / "home", path)
    assert (first.read, first.scenes, first.changed) == (1, 1, True)
    assert (again.scenes, again.unchanged, again.changed) == (0, 1, False)
    assert again.version == first.version
    assert scenes(tmp_path / "home") == [{"collection": "things", "id": "scene-1"}]


def test_another_version_of_a_scene_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "item.json"
    add(tmp_path / "home", write(path, item(**{"eo:cloud_cover": 1})))
    report = add(tmp_path / "home", write(path, item(**{"eo:cloud_cover": 2})))
    assert (report.scenes, report.updated) == (0, 1)
    assert scenes(tmp_path / "home", "cloud_cover") == [{"cloud_cover": 2.0}]


def test_of_records_with_one_identifier_the_fullest_stays(tmp_path: Path) -> None:
    poor = item(platform="landsat-8")
    poor["geometry"] = poor["bbox"] = None
    path = write(tmp_path / "items.ndjson", poor, item(), item())
    report = add(tmp_path / "home", path)
    assert (report.read, report.scenes, report.duplicates) == (3, 1, 2)
    assert scenes(tmp_path / "home", "mission")[0]["mission"] is None
    assert not add(tmp_path / "home", path).changed


def test_every_skip_and_repair_is_told_and_logged(tmp_path: Path) -> None:
    path = tmp_path / "items.ndjson"
    turned = item("turned")
    turned["geometry"] = {"type": "Polygon", "coordinates": [SQUARE["coordinates"][0][::-1]]}
    nothing = {"type": "Feature", "stac_version": "1.0.0", "id": "x", "properties": {}}
    write(path, item(), turned, nothing, 7, "text", {"type": "Feature", "properties": {"name": "Paris"}})
    path.write_text(path.read_text() + '\n{"type": "Feature", \n', encoding="utf-8")
    report = add(tmp_path / "home", path)
    assert report.read == 7
    assert report.scenes == 2
    assert report.skipped == {"neither time nor footprint": 1, "not a STAC record": 3, "not JSON": 1}
    assert report.repaired["footprint: rewound to counter-clockwise"] == 1
    logged = [json.loads(line) for line in Path(report.log).read_text(encoding="utf-8").splitlines()]
    assert len(logged) == sum(report.skipped.values()) + sum(report.repaired.values())
    assert {one["line"] for one in logged} >= {2, 3, 4, 5, 6, 7}
    assert report.read == report.scenes + report.duplicates + sum(report.skipped.values())


def test_the_report_is_plain_data(tmp_path: Path) -> None:
    found = add(tmp_path / "home", write(tmp_path / "a.json", item())).to_dict()
    assert json.loads(json.dumps(found)) == found
    assert list(found) == ["sources", "read", "scenes", "datasets", "models", "places", "graphs", "updated",
                           "unchanged", "duplicates", "repaired", "skipped", "problems", "seconds",
                           "version", "log"]  # fmt: skip


def test_a_missing_source_is_refused_before_anything_is_added(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        add(tmp_path / "home", write(tmp_path / "a.json", item()), tmp_path / "missing.json")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["", "\x00", "a" * 5000, "~nobody/x", "http:/x"])
def test_names_that_are_no_sources(tmp_path: Path, name: str) -> None:
    if not name:
        return
    with pytest.raises(NotFound):
        add_sources([name], tmp_path / "home")


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    from kg.home import open_writer

    path = write(tmp_path / "a.json", item())
    with open_writer(tmp_path / "home"), pytest.raises(StoreLocked):
        add(tmp_path / "home", path)
    assert add(tmp_path / "home", path).scenes == 1


def test_collections_models_and_yaml_records_go_into_the_graph(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "collection.json", collection())
    model = item("net", **{"mlm:name": "Net", "mlm:tasks": ["object-detection"], "mlm:framework": "pytorch"})
    write(folder / "model.json", model)
    (folder / "mine.yaml").write_text(
        "id: mine\ntype: dataset\nname: Mine\ndescription: My fields.\ntopic: crop type\n"
        "source:\n  me: I made it\n", encoding="utf-8"
    )  # fmt: skip
    report = add(tmp_path / "home", folder)
    assert (report.datasets, report.models, report.scenes) == (2, 1, 0), report.to_dict()
    assert not add(tmp_path / "home", folder).changed
    with open_home(tmp_path / "home") as home:
        names = home.query(
            "PREFIX dct: <http://purl.org/dc/terms/> SELECT ?t WHERE { ?s dct:title ?t ; dct:description ?d }"
        ).rows
        assert {str(row[0]) for row in names} == {"Things seen", "Mine"}


def test_progress_is_reported(tmp_path: Path) -> None:
    seen: list[str] = []
    add_sources([write(tmp_path / "a.json", item())], tmp_path / "home", lambda stage, done, total: seen.append(stage))
    assert "files" in seen


@functools.cache
def _real() -> list[dict[str, Any]]:
    found = []
    for path in sorted(corpus("stac-items").glob("*.ndjson")):
        with path.open(encoding="utf-8") as file:
            found += [json.loads(line) for number, line in enumerate(file) if number % 37 == 0]
    return found


_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A real record with up to five of its values replaced by anything."""
    value = copy.deepcopy(draw(st.sampled_from(_real())))
    for _ in range(draw(st.integers(1, 5))):
        holder: Any = value
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], (dict, list)) and draw(st.booleans()):
                holder = holder[key]
                continue
            holder[key] = draw(_junk)
            break
    return value


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(mutated(), min_size=1, max_size=12))
def test_mutated_real_records_never_stop_a_run_and_adding_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("add")
    path = write(folder / "items.ndjson", *values)
    first = add(folder / "home", path)
    kept = first.added + first.duplicates + sum(first.skipped.values())
    assert first.read >= len(values) or kept <= first.read
    again = add(folder / "home", path)
    assert not again.changed
    assert again.version == first.version
    assert (again.repaired, again.skipped) == (first.repaired, first.skipped)
    with open_home(folder / "home") as home:
        assert home.scenes.count() == first.scenes


@pytest.mark.slow
def test_all_real_items_and_model_records(tmp_path: Path) -> None:
    report = add(tmp_path / "home", corpus("stac-items"), corpus("stac-model-items"))
    assert report.read == 3279
    assert report.scenes > 2700
    assert report.datasets >= 240
    assert report.models == 7
    assert report.read == report.added + report.duplicates + sum(report.skipped.values())
    assert not add(tmp_path / "home", corpus("stac-items"), corpus("stac-model-items")).changed


def test_a_record_that_the_graph_refuses_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ingest.harvest_graph as module
    from ontology.terms import IRI, Literal

    real = module.import_collection

    def broken(value: Any, path: str, names: Any) -> Any:
        found = real(value, path, names)
        if value["id"] == "bad":
            bad = (found.iri, IRI("http://exa mple.com/p"), Literal("x"), None)
            return type(found)(found.iri, found.kind, (*found.quads, bad), found.repairs)
        return found

    monkeypatch.setattr(module, "import_collection", broken)
    path = write(tmp_path / "c.ndjson", collection("a"), collection("bad"), collection("b"))
    report = add(tmp_path / "home", path)
    assert report.datasets == 2
    assert report.skipped == {"the graph refuses it": 1}
    with open_home(tmp_path / "home") as home:
        rows = home.query("PREFIX dct: <http://purl.org/dc/terms/> SELECT ?i WHERE { ?s dct:identifier ?i }").rows
        assert {str(row[0]) for row in rows} == {"a", "b"}


def test_a_source_is_the_same_by_a_relative_path_and_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    path = write(tmp_path / "in" / "all.ndjson", item(), collection())
    assert add(tmp_path / "home", path).added == 2
    monkeypatch.chdir(tmp_path)
    assert not add(tmp_path / "home", Path("in/all.ndjson")).changed
    copied = write(tmp_path / "copy.ndjson", item())
    assert not add(tmp_path / "home", copied).changed
