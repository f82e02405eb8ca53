"""Citations, licences in words and schema.org of all records of the built-in catalogue."""

from __future__ import annotations

import json
import re

import pytest

from api.records.citation import bibtex, cite_key, csl_json
from api.records.licences import plain_licence
from api.records.schema_org import schema_org, script_text
from kg.home import Home
from kg.record import Named, Record, read_record, read_records, record_iris


@pytest.fixture(scope="module")
def records(builtin_home: Home) -> list[Record]:
    return read_records(builtin_home, record_iris(builtin_home))


def test_all_records_are_read(records: list[Record], builtin_home: Home) -> None:
    assert len(records) >= 329
    assert {one.kind for one in records} == {"dataset", "model"}
    assert all(one.title and one.description and one.id for one in records)
    eurosat = read_record(builtin_home, "EuroSAT")
    assert [one.name for one in eurosat.classes][:2] == ["Annual Crop", "Forest"]
    assert eurosat.files[0].algorithm == "sha256"
    assert [one.id for one in eurosat.licences] == ["MIT"]


def test_every_record_can_be_cited(records: list[Record]) -> None:
    keys = [cite_key(one) for one in records if one.kind == "dataset"]
    assert len(keys) == len(set(keys))
    for one in records:
        entry = bibtex(one)
        assert re.fullmatch(r"@misc\{[a-z0-9-]+,\n(  \w+ = \{.*\},?\n)+\}\n", entry), entry
        assert _balanced(entry)
        assert csl_json(one)["type"] in ("dataset", "software")
        assert plain_licence(one)[-1] == "This is no legal advice."


def _balanced(text: str) -> bool:
    depth = 0
    for char in re.sub(r"\\[{}]", "", text):
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def test_hostile_texts_stay_texts() -> None:
    bad = Record(
        "https://w3id.org/earthdex/dataset/x",
        "dataset",
        "x}\n@article{é",
        "A_{b} \\input{/etc/passwd} 100% $x$ # & ~^",
        "</script><script>alert(1)</script>",
        things={"dct:publisher": (Named("a", "B} and {C"),), "dcat:landingPage": (Named("http://a/}{", "a"),)},
    )
    entry = bibtex(bad)
    assert _balanced(entry)
    assert "\\input" not in entry
    assert cite_key(bad) == "x-article-e"
    text = script_text(schema_org(bad, "http://localhost"))
    assert "<" not in text
    assert json.loads(text)["description"].startswith("</script>") or "alert" in json.loads(text)["description"]


def test_search_engines_find_what_they_need(records: list[Record]) -> None:
    for one in records:
        data = schema_org(one, "https://example.org")
        assert 50 <= len(data["description"]) <= 5000
        assert data["@id"] == one.iri
        assert data["url"] == f"https://example.org/{one.kind}/{one.id}"
    eurosat = schema_org(next(one for one in records if one.id == "eurosat"), "https://example.org")
    assert eurosat["license"] == ["https://spdx.org/licenses/MIT.html"]
    assert eurosat["distribution"][0]["sha256"].startswith("751f")
    assert eurosat["isAccessibleForFree"] is True
