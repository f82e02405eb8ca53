"""The first-use build: complete, repeated only when records change, safe against kills and other processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.builtin import ensure_built
from ingest.catalogue import content_digest, input_files, packaged_records, place_quads, quick_signature
from ingest.known import KnownNames
from ingest.names import RecordIndex
from ingest.quads import to_triples
from kg.home import builtin_version, open_home, open_writer
from kg.solutions import Solutions
from ontology.errors import StoreLocked, StoreReadOnly
from ontology.namespaces import expand, record_iri, sparql_prologue
from ontology.terms import IRI, Literal

ROOT = Path(__file__).resolve().parents[2]
BUILD = """
import sys
from pathlib import Path
from ingest.builtin import ensure_built
print(ensure_built(Path(sys.argv[1])))
"""
USER = (IRI("https://example.org/d"), expand("dct:title"), Literal("Mine"), None)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds of a few triples, for tests of when rather than what."""
    version = content_digest()
    quads = [(IRI("https://example.org/builtin"), expand("dct:title"), Literal(version), None)]
    monkeypatch.setattr("ingest.catalogue.catalogue_quads", lambda progress=None: iter(quads))


def _titles(path: Path) -> set[str]:
    with open_home(path) as home:
        found = home.query(sparql_prologue("dct:title") + "SELECT ?t { ?s dct:title ?t }")
        assert isinstance(found, Solutions)
        return {str(row[0]) for row in found.rows}


def test_holds_records_places_and_vocabulary(builtin_path: Path) -> None:
    body = """ASK {
  ?d dct:identifier "timesen2crop" ; a dcat:Dataset ; dct:spatial ?place ; dcat:theme ?topic .
  ?place geo:hasGeometry/geo:asWKT ?wkt ; ed:placeKind/skos:prefLabel "country"@en .
  ?topic skos:prefLabel "crop type"@en .
}"""
    with open_home(builtin_path) as home:
        assert home.query(sparql_prologue(body) + body) is True


def test_a_second_start_builds_nothing(builtin_path: Path) -> None:
    assert ensure_built(builtin_path) is False
    assert builtin_version(builtin_path) == content_digest()


def test_progress_reaches_its_totals(tmp_path: Path) -> None:
    seen: dict[str, tuple[int, int]] = {}
    assert ensure_built(tmp_path, lambda stage, done, total: seen.__setitem__(stage, (done, total)))
    assert {"Reading records", "Reading places"} <= seen.keys()
    assert all(done == total for done, total in seen.values() if total)


def test_the_quads_are_the_same_each_time() -> None:
    records = packaged_records()
    names = KnownNames(RecordIndex(records))
    first = [quad for record in records for quad in to_triples(record, names)]
    assert first == [quad for record in records for quad in to_triples(record, names)]
    assert len(first) > 20_000


@pytest.mark.usefixtures("small")
def test_a_changed_catalogue_is_built_again_and_what_users_added_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ensure_built(tmp_path)
    with open_writer(tmp_path) as writer:
        writer.add_graph([USER], source_key="mine")
        writer.publish()
    changed = [(IRI("https://example.org/builtin"), expand("dct:title"), Literal("changed"), None)]
    monkeypatch.setattr("ingest.catalogue.catalogue_quads", lambda progress=None: iter(changed))
    monkeypatch.setattr("ingest.builtin.quick_signature", lambda: "other")
    monkeypatch.setattr("ingest.builtin.content_digest", lambda: "other")
    assert ensure_built(tmp_path)
    assert _titles(tmp_path) == {"Mine", "changed"}
    assert ensure_built(tmp_path) is False


@pytest.mark.usefixtures("small")
def test_touched_but_equal_files_build_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ensure_built(tmp_path)
    monkeypatch.setattr("ingest.builtin.quick_signature", lambda: "touched")
    assert ensure_built(tmp_path) is False
    assert "touched" in json.loads((tmp_path / "builtin.json").read_text())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("damage", [b"", b"[1]", b"\xff\x00", b'{"a": 1}'])
def test_a_damaged_stamp_costs_nothing(tmp_path: Path, damage: bytes) -> None:
    assert ensure_built(tmp_path)
    (tmp_path / "builtin.json").write_bytes(damage)
    assert ensure_built(tmp_path) is False
    assert _titles(tmp_path) == {content_digest()}


@pytest.mark.usefixtures("small")
def test_while_another_process_writes_the_published_catalogue_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ensure_built(tmp_path)
    monkeypatch.setattr("ingest.builtin.quick_signature", lambda: "other")
    monkeypatch.setattr("ingest.builtin.content_digest", lambda: "other")
    with open_writer(tmp_path):
        start = time.monotonic()
        assert ensure_built(tmp_path) is False
        assert time.monotonic() - start < 5


@pytest.mark.usefixtures("small")
def test_a_first_build_waits_for_another_process_and_gives_up_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.builtin._WAIT_SECONDS", 0.3)
    waited: list[str] = []
    with open_writer(tmp_path), pytest.raises(StoreLocked) as caught:
        ensure_built(tmp_path, lambda stage, done, total: waited.append(stage))
    assert caught.value.remedy
    assert "Waiting for another earthdex" in waited


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.usefixtures("small")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreReadOnly):
            ensure_built(tmp_path / "home")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("after", [0.6, 1.5, 3.0])
def test_a_killed_first_build_leaves_nothing_half(tmp_path: Path, after: float) -> None:
    code = (
        "from pathlib import Path; import sys; from ingest.builtin import ensure_built; ensure_built(Path(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    try:
        time.sleep(after)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    if not builtin_version(tmp_path):
        with open_writer(tmp_path) as writer:  # the lock died with the process, and what it left does no harm
            writer.add_graph([USER], source_key="mine")
            writer.publish()
        assert _titles(tmp_path) == {"Mine"}
    assert list((tmp_path / "versions").glob("*.tmp")) == []


def test_two_first_builds_at_once_make_one_catalogue(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILD, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(one.communicate(timeout=200)[0].strip() for one in both)
    assert said == ["False", "True"]
    with open_home(tmp_path) as home:
        assert home.version == "000001"


def test_places_of_records_are_in_the_graph() -> None:
    names = KnownNames()
    village = names.place("Vaihingen an der Enz")
    assert village is not None
    subjects = {str(quad[0]) for quad in place_quads(names, [village, record_iri("place", "city/999999999999")])}
    assert village in subjects
    assert record_iri("place", "country/AT") in subjects
    assert record_iri("place", "city/999999999999") not in subjects


def test_the_signature_notices_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _ in input_files():
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".py"):
            copy.write_bytes((ROOT / name).read_bytes())
    record = tmp_path / "catalogue" / "datasets" / "a.yaml"
    record.write_text("id: a")
    monkeypatch.setattr("ingest.catalogue.catalogue_dir", lambda: tmp_path / "catalogue")
    first = (quick_signature(), content_digest())
    assert (quick_signature(), content_digest()) == first
    record.write_text("id: ab")
    assert quick_signature() != first[0]
    assert content_digest() != first[1]
