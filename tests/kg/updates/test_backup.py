"""A backup holds everything, is taken while others write, and is refused when it is damaged in any place."""

from __future__ import annotations

import random
import shutil
import zipfile
from pathlib import Path

import pytest

from kg.backup import INDEX, backup, restore
from kg.home import open_home, open_writer
from kg.updates.committer import Committer
from kg.updates.work import Change
from ontology.errors import EarthdexError, NotFound, StoreCorrupt
from ontology.terms import IRI, Literal
from tests.kg import world

_ASK = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"


def _make(path: Path) -> None:
    world.make_home(path, world.scenes(20))
    committer = Committer(path)
    committer.submit(Change("update", text="INSERT DATA { <a:b> <a:c> 1 . GRAPH <a:g> { <a:b> <a:c> 2 } }")).result(60)
    committer.close()
    (path / "service").mkdir()
    (path / "service" / "keys.json").write_text("[]")


def test_a_restored_catalogue_is_the_one_that_was_saved(quick_path: Path) -> None:
    own, other, archive = quick_path / "own", quick_path / "other", quick_path / "saved.zip"
    _make(own)
    saved = backup(archive, own)
    restored = restore(archive, other)
    assert (restored.files, restored.bytes, restored.scenes) == (saved.files, saved.bytes, 20)
    with open_home(own) as one, open_home(other) as two:
        assert one.query(_ASK) == two.query(_ASK)
        assert one.scenes.count() == two.scenes.count() == 20
        assert two.query("ASK { GRAPH <a:g> { <a:b> <a:c> 2 } }") is True
    assert (other / "service" / "keys.json").read_text() == "[]"
    with open_writer(other) as writer:  # sources and journal came along
        writer.repair()
    with open_home(own) as one, open_home(other) as two:
        assert one.query(_ASK) == two.query(_ASK)


def test_a_restore_over_a_newer_catalogue_is_its_newest_version(quick_path: Path) -> None:
    own, archive = quick_path / "own", quick_path / "saved.zip"
    _make(own)
    backup(archive, own)
    with open_home(own) as reader:
        committer = Committer(own)
        committer.submit(Change("update", text="DELETE WHERE { ?s ?p ?o }")).result(60)
        committer.close()
        (own / "service" / "keys.json").write_text('["newer"]')
        before = reader.query(_ASK)
        version = restore(archive, own).version
        assert reader.is_stale()
        assert reader.query(_ASK) == before  # whoever reads goes on reading
    with open_home(own) as home:
        assert home.version == version
        assert home.query(_ASK) == before
    assert (own / "service" / "keys.json").read_text() == '["newer"]'
    assert not list((own / "versions").glob("restored-*"))


def test_a_damaged_archive_is_refused_and_changes_nothing(quick_path: Path) -> None:
    own, archive = quick_path / "own", quick_path / "saved.zip"
    with open_writer(own) as writer:
        writer.replace_builtin([(IRI("a:b"), IRI("a:c"), Literal("d" * 50), None)], "one")
        writer.publish()
    backup(archive, own)
    whole = archive.read_bytes()
    rng = random.Random(3)
    with open_home(own) as home:
        version = home.version
    for number in range(30):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: rng.randrange(len(data))]
        else:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        archive.write_bytes(data)
        try:
            restore(archive, quick_path / "other")
        except StoreCorrupt:
            assert not (quick_path / "other" / "current").exists()
            continue
        with open_home(quick_path / "other") as home:  # a bit that means nothing, such as a time
            assert home.query("SELECT * { <a:b> <a:c> ?o }").rows[0][0] == Literal("d" * 50)  # type: ignore[union-attr]
        shutil.rmtree(quick_path / "other")
    with open_home(own) as home:
        assert home.version == version


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "sources/../../outside.nq", "sources/x.py", "current"])
def test_members_that_lead_elsewhere_are_refused(quick_path: Path, name: str) -> None:
    own, archive = quick_path / "own", quick_path / "saved.zip"
    with open_writer(own) as writer:
        writer.replace_builtin([(IRI("a:b"), IRI("a:c"), Literal("d"), None)], "one")
        writer.publish()
    backup(archive, own)
    with zipfile.ZipFile(archive) as read:
        index = read.read(INDEX).decode()
        members = {one: read.read(one) for one in read.namelist() if one != INDEX}
    import hashlib
    import json

    told = json.loads(index)
    told["files"][name] = {"bytes": 4, "sha256": hashlib.sha256(b"evil").hexdigest()}
    with zipfile.ZipFile(archive, "w") as write:
        for one, data in (members | {name: b"evil", INDEX: json.dumps(told).encode()}).items():
            write.writestr(one, data)
    with pytest.raises(StoreCorrupt):
        restore(archive, quick_path / "other")
    assert not list(quick_path.rglob("outside*"))


def test_what_is_not_there_is_said(quick_path: Path) -> None:
    with pytest.raises(NotFound):
        restore(quick_path / "nothing.zip", quick_path / "other")
    with pytest.raises(EarthdexError):
        backup(quick_path / "saved.zip", quick_path / "nothing")
    assert not (quick_path / "saved.zip").exists()
