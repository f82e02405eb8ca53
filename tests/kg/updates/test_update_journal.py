"""What is kept of updates: through upgrades, sources that come and go, rebuilds, merges and damage."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from kg.home import open_home, open_writer
from kg.layout import Layout
from kg.rules.entailment import ENTAILED
from kg.solutions import Solutions
from kg.updates import journal
from kg.updates.committer import Committer, Done
from kg.updates.work import PROVENANCE, Change
from ontology.errors import QueryTimeout, StoreCorrupt, StoreLocked, TooBusy
from ontology.namespaces import expand
from ontology.terms import IRI, BNode, Literal, Term

EX = "http://example.org/"
Quads = list[tuple[IRI | BNode, IRI, Term, IRI | BNode | None]]


def ex(name: str) -> IRI:
    return IRI(EX + name)


def said(*names: str) -> Quads:
    return [(ex(one), ex("is"), Literal(one), None) for one in names]


def build(path: Path, *names: str, version: str = "one") -> None:
    with open_writer(path) as writer:
        writer.replace_builtin(said(*names), version)
        writer.publish()


def holds(path: Path) -> set[str]:
    """What the default graph says."""
    with open_home(path) as home:
        found = home.query(f"SELECT ?o {{ ?s <{EX}is> ?o }}")
    return {str(row[0]) for row in found.rows} if isinstance(found, Solutions) else set()


def change(committer: Committer, text: str) -> Done:
    return committer.submit(Change("update", text=f"PREFIX : <{EX}> {text}", agent="me")).result(60)


def test_what_was_updated_outlives_upgrades_sources_and_rebuilds(quick_path: Path) -> None:
    build(quick_path, "a", "b")
    committer = Committer(quick_path)
    change(committer, "INSERT DATA { :x :is 'x' . GRAPH :mine { :x :is 'x' } } ; DELETE DATA { :a :is 'a' }")
    change(committer, "CREATE GRAPH :empty")
    assert holds(quick_path) == {"b", "x"}
    build(quick_path, "a", "b", "c", version="two")  # an upgrade says again what was removed
    assert holds(quick_path) == {"b", "c", "x"}
    with open_writer(quick_path) as writer:
        writer.add_graphs([("one", said("x", "a", "d")), ("two", said("d"))])
        writer.publish()
    assert holds(quick_path) == {"b", "c", "d", "x"}
    with open_writer(quick_path) as writer:
        writer.remove_source("one")
        writer.publish()
    assert holds(quick_path) == {"b", "c", "d", "x"}
    with open_writer(quick_path) as writer:
        writer.repair()
    assert holds(quick_path) == {"b", "c", "d", "x"}
    change(committer, "INSERT DATA { :a :is 'a' } ; DROP GRAPH :mine")
    assert holds(quick_path) == {"a", "b", "c", "d", "x"}
    with open_writer(quick_path) as writer:
        writer.repair()
    with open_home(quick_path) as home:
        assert set(home.graph.graph_names()) == {ex("empty"), PROVENANCE}
        assert home.content != ""
    committer.close()


def test_blank_nodes_and_odd_literals_are_kept_as_they_are(quick_path: Path) -> None:
    build(quick_path, "a")
    committer = Committer(quick_path)
    text = "INSERT DATA { :x :is 'é\\n\\u2028\\t\"\\\\\\u0001🛰', 'b'@en-GB, 1.0, '1'^^:own ."
    text += " :x :has [ :is 'in' ; :has _:n ] . _:n :is 'on' }"
    change(committer, text)
    query = f"SELECT * {{ <{EX}x> <{EX}is> ?o . <{EX}x> <{EX}has>/<{EX}has>/<{EX}is> ?in }}"
    with open_home(quick_path) as home:
        before = home.query(query)
    assert isinstance(before, Solutions) and len(before) == 4
    with open_writer(quick_path) as writer:
        writer.repair()
    with open_home(quick_path) as home:
        assert set(home.query(query).rows) == set(before.rows)  # type: ignore[union-attr]
    change(committer, "DELETE WHERE { :x :has ?b . ?b :is ?v ; :has ?c . ?c :is ?w }")
    with open_writer(quick_path) as writer:
        writer.repair()
    with open_home(quick_path) as home:
        assert len(home.query("SELECT * { ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }")) == 0  # type: ignore[arg-type]
    committer.close()


def test_many_changes_share_versions_and_few_files(quick_path: Path) -> None:
    build(quick_path, "a")
    committer = Committer(quick_path)
    futures: list[Future[Done]] = [
        committer.submit(Change("update", text=f"INSERT DATA {{ <{EX}{one}> <{EX}is> '{one}' }}")) for one in range(60)
    ]
    versions = {one.result(60).version for one in futures}
    assert len(versions) < 40
    for one in range(4):
        change(committer, f"DELETE DATA {{ <{EX}{one}> <{EX}is> '{one}' }}")
    assert holds(quick_path) == {"a", *(str(one) for one in range(4, 60))}
    files = list((quick_path / "sources").glob("*.changes"))
    current = Layout(quick_path).current()
    assert current is not None
    assert {one.name for one in files} == set(current.changes)
    assert len(files) <= 24
    committer.close()


def test_segments_are_merged_without_losing_their_order(quick_path: Path) -> None:
    names: tuple[str, ...] = ()
    wanted: dict[bytes, bool] = {}
    for number in range(200):
        made = journal.Changes()
        line = b"<a:%d> <a:b> <a:c> .\n" % (number % 17)
        made.note(line, added=number % 3 != 0)
        wanted[line] = number % 3 != 0
        names = journal.append(quick_path, names, made)
        assert len(names) <= 24
    assert journal.read(quick_path, names).lines == wanted


def test_a_damaged_journal_is_said_and_nothing_is_lost_silently(quick_path: Path) -> None:
    build(quick_path, "a")
    committer = Committer(quick_path)
    change(committer, "INSERT DATA { :x :is 'x' }")
    committer.close()
    (file,) = (quick_path / "sources").glob("*.changes")
    file.write_bytes(file.read_bytes()[:-9])
    assert holds(quick_path) == {"a", "x"}  # what is published stays readable
    with open_writer(quick_path) as writer, pytest.raises(StoreCorrupt, match="damaged"):
        writer.repair()
    assert holds(quick_path) == {"a", "x"}


def test_a_change_that_takes_too_long_takes_no_other_with_it(quick_path: Path) -> None:
    build(quick_path, *(f"v{one}" for one in range(400)))
    committer = Committer(quick_path, seconds=1, most=4)
    first = committer.submit(Change("update", text=f"INSERT DATA {{ <{EX}x> <{EX}is> 'x' }}"))
    endless = (
        "INSERT { ?a <a:b> ?e } WHERE { ?a ?p ?o . ?b ?q ?r . ?c ?s ?t . ?d ?u ?v . ?e ?w ?y . FILTER(?o = ?y + 1) }"
    )
    slow = committer.submit(Change("update", text=endless))
    last = committer.submit(Change("update", text=f"INSERT DATA {{ <{EX}y> <{EX}is> 'y' }}"))
    with pytest.raises(TooBusy):
        for _ in range(8):
            committer.submit(Change("update", text="INSERT DATA {}"))
    assert first.result(60).added == last.result(60).added == 1
    with pytest.raises(QueryTimeout):
        slow.result(60)
    assert {"x", "y"} < holds(quick_path)
    committer.close()


def test_another_writer_is_waited_for(quick_path: Path) -> None:
    build(quick_path, "a")
    committer = Committer(quick_path, lock_seconds=0.2)
    with open_writer(quick_path), pytest.raises(StoreLocked):
        change(committer, "INSERT DATA { :x :is 'x' }")
    assert change(committer, "INSERT DATA { :x :is 'x' }").added == 1
    committer.close()


def test_what_follows_from_an_update_follows_at_once(quick_path: Path) -> None:
    schema: Quads = [
        (ex("Field"), expand("rdfs:subClassOf"), ex("Land"), None),
        (ex("grows"), expand("rdfs:domain"), ex("Field"), None),
        (ex("grows"), expand("rdfs:subPropertyOf"), ex("has"), None),
    ]
    with open_writer(quick_path) as writer:
        writer.replace_builtin(said("a"), "one")
        writer.add_graph(schema, "graph:my.ttl")
        writer.publish()
    committer = Committer(quick_path)

    def asked(pattern: str) -> bool:
        with open_home(quick_path) as home:
            return home.query(f"PREFIX : <{EX}> ASK {{ {pattern} }}", rules=True) is True

    def derived() -> set[tuple[str, ...]]:
        with open_home(quick_path) as home:
            return {tuple(map(str, one[:3])) for one in home.graph.matching(graph=ENTAILED)}

    change(committer, "INSERT DATA { :f :grows :wheat }")
    assert asked(":f a :Land ; a :Field ; :has :wheat")
    quick = derived()
    with open_writer(quick_path) as writer:
        writer.repair()
    assert derived() == quick  # as if all were derived anew
    change(committer, "INSERT DATA { :f a :Land }")
    with open_home(quick_path) as home:
        rows = home.query(f"SELECT ?c {{ <{EX}f> a ?c FILTER(?c = <{EX}Land>) }}", rules=True)
    assert len(rows) == 1  # type: ignore[arg-type]
    change(committer, "DELETE DATA { :f :grows :wheat }")
    assert asked(":f a :Land") and not asked(":f :has :wheat") and not asked(":f a :Field")
    change(committer, "INSERT DATA { :Land rdfs:subClassOf :Thing }")
    assert asked(":f a :Thing")
    committer.close()


def test_geometries_are_read_again_only_where_any_changed(quick_path: Path) -> None:
    def within() -> int:
        with open_home(quick_path) as home:
            found = home.query("SELECT * { ?a geo:sfWithin ?b . FILTER(?a != ?b) }", rules=True)
        return len(found) if isinstance(found, Solutions) else -1

    def kept() -> int | None:
        with open_home(quick_path) as home:
            file = home.kept / "objects.npz" if home.kept is not None else quick_path
        return file.stat().st_ino if file.exists() else None

    wkt = "'POLYGON((0 0, {0} 0, {0} {0}, 0 {0}, 0 0))'^^geo:wktLiteral"
    build(quick_path, "a")
    committer = Committer(quick_path)
    change(committer, f"INSERT DATA {{ :big geo:hasGeometry :g1 . :g1 geo:asWKT {wkt.format(9)} }}")
    first = within()
    before = kept()
    change(committer, "INSERT DATA { :big :is 'big' }")
    assert kept() == before is not None
    change(committer, f"INSERT DATA {{ :small geo:hasGeometry :g2 . :g2 geo:asWKT {wkt.format(1)} }}")
    assert kept() is None
    assert within() > first
    committer.close()
