"""Prefixes and IRIs."""

from __future__ import annotations

from ontology.namespaces import sparql_prologue, with_prefixes


def test_prefixes_are_found_in_paths_and_not_in_iris() -> None:
    body = "SELECT * { ?d dct:license/spdx:licenseId ?x ; <http://example.org/dcat:nothing> ?y }"
    assert sparql_prologue(body).count("PREFIX") == 2


def test_declared_prefixes_stay_and_missing_ones_come_on_the_first_line() -> None:
    body = "PREFIX ed: <urn:mine#>\nASK { ?x ed:a dct:title }"
    full = with_prefixes(body)
    assert full.count("PREFIX ed:") == 1
    assert "PREFIX dct:" in full
    assert full.count("\n") == body.count("\n")
