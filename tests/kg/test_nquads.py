"""Quads as sorted text: they come back as they were, and changes are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.nquads import changes, line, without_shared, write
from kg.oxigraph import OxigraphStore
from kg.virtual import double_text, geometry_iri, geometry_key, micros_of, moment_text, scene_key
from ontology.errors import RecordError
from ontology.namespaces import scene_iri
from ontology.terms import IRI, RDF_LANG_STRING, XSD, Literal
from tests.kg.strategies import iris, literals

quads = st.lists(st.tuples(iris, iris, st.one_of(iris, literals), st.one_of(st.none(), iris)), max_size=20)


@given(quads)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quads_come_back_as_they_were(tmp_path: Path, rows: list[Any]) -> None:
    store = OxigraphStore.memory()
    path = write(rows, tmp_path, "k")
    store.load_quads(path)
    kept = {(s, p, Literal(o.value, o.datatype, o.language) if isinstance(o, Literal) else o, g) for s, p, o, g in rows}
    plain = {one for one in kept if not (isinstance(one[2], Literal) and one[2].datatype.startswith(XSD))}
    assert plain <= set(store.matching(all_graphs=True))
    assert len(store) == len(kept) or len(kept) - len(plain) > 0
    assert write(reversed(rows), tmp_path, "k") == path


@given(quads, quads)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changes_lead_from_one_to_the_other(tmp_path: Path, old: list[Any], new: list[Any]) -> None:
    a, b = write(old, tmp_path, "old"), write(new, tmp_path, "new")
    before = set(a.read_bytes().splitlines())
    for added, text in changes(a, b):
        before.symmetric_difference_update({text.rstrip(b"\n")})
        assert (text.rstrip(b"\n") in before) is added
    assert before == set(b.read_bytes().splitlines())
    assert without_shared({line(one) for one in old}, [a]) == set()


@pytest.mark.parametrize("bad", ["no scheme", "urn:with space", "urn:<", "", 'urn:"', "urn:a\\b"])
def test_what_is_no_iri_is_refused(bad: str, tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        write([(IRI("urn:s"), IRI("urn:p"), IRI(bad), None)], tmp_path, "k")
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RecordError):
        line((IRI("urn:s"), IRI("urn:p"), Literal("x", RDF_LANG_STRING, "no language"), None))


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_doubles_are_written_as_the_store_writes_them(value: float) -> None:
    store = OxigraphStore.memory()
    store.extend(
        [(IRI("urn:s"), IRI("urn:p"), Literal(repr(value).replace("inf", "INF").replace("nan", "NaN"), XSD + "double"))]
    )
    kept = next(store.matching())[2]
    assert isinstance(kept, Literal)
    text = double_text(value)
    # of two shortest texts for one number Python and Rust may choose different ones
    assert len(kept.value) == len(text)
    assert text == kept.value or float(text) == float(kept.value) == value


@given(st.integers(-62_000_000_000_000_000, 250_000_000_000_000_000))
def test_moments_come_back(micros: int) -> None:
    assert micros_of(Literal(moment_text(micros), XSD + "dateTime")) == micros


@given(st.text(min_size=1, max_size=20).filter(lambda t: t.isprintable()), st.text(min_size=1, max_size=20))
def test_the_iri_of_a_scene_tells_which_it_is(collection: str, identifier: str) -> None:
    try:
        iri = scene_iri(collection, identifier)
    except UnicodeEncodeError:
        return
    assert scene_key(iri) == (collection, identifier)
    assert geometry_key(iri) is None
    assert geometry_key(geometry_iri(iri)) == (collection, identifier)
    assert scene_key("https://example.org/") is None
