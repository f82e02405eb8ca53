"""The reference page of the ontology is bound to the profile and the schemes."""

from __future__ import annotations

import re
from pathlib import Path

from ontology.namespaces import PREFIXES, expand, shorten
from ontology.reasoning import read_turtle
from ontology.rebuild import rebuild, with_tables
from ontology.taxonomy import closure_path, context_path, profile_path, schemes

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "ontology.md").read_text(encoding="utf-8")


def test_the_page_lists_every_own_term_with_its_definition_and_no_other() -> None:
    definitions = {
        shorten(str(s)): str(o)
        for s, p, o in read_turtle([profile_path()])
        if p == expand("skos:definition") and str(s).startswith(PREFIXES["ed"])
    }
    rows = dict(re.findall(r"^\| `(ed:\w+)` \|.*\| ([^|]+) \|$", PAGE, re.M))
    assert rows == definitions


def test_the_page_lists_every_scheme_with_its_size() -> None:
    rows = {name: int(count) for name, count in re.findall(r"^\| `([\w/-]+)` \| (\d+) \|", PAGE, re.M)}
    assert rows == {scheme.name: len(scheme.concepts) for scheme in schemes()}


def test_the_page_names_every_file() -> None:
    root = profile_path().parent.parent
    for name in re.findall(r"`(ontology/[\w./-]+\.(?:ttl|jsonld))`", PAGE):
        assert (root / name).exists(), name


def test_the_page_is_the_one_that_a_rebuild_writes() -> None:
    assert with_tables(PAGE) == PAGE, "run python -m ontology.rebuild"


def test_a_page_without_tables_is_left_alone() -> None:
    assert with_tables("# Something else\n") == "# Something else\n"


def test_a_rebuild_changes_nothing_that_is_up_to_date(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    rebuild(page, tmp_path)
    assert page.read_text() == PAGE
    for path in (closure_path(), context_path()):
        assert (tmp_path / path.name).read_text() == path.read_text()
    rebuild(tmp_path / "missing.md", tmp_path)
    assert not (tmp_path / "missing.md").exists()
