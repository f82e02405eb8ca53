"""Records from outside cannot do anything in a page but be read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from api.serve.service import Service
from api.web.frame import Frame, json_block, web_link
from api.web.record import record_values
from api.web.record_data import record_of
from ingest.add import add_sources
from kg.home import Home, open_home
from ontology.namespaces import BASE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_OWNED = "document.title='owned'"
_TRIPLES = f"""\
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX ed: <https://w3id.org/earthdex/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
<{BASE}dataset/hostile> a dcat:Dataset, ed:TrainingDataset ;
  dct:title "<img src=x onerror={_OWNED}>\u202e Ω" ; dct:identifier "hostile" ;
  skos:altLabel "</script><script>{_OWNED}</script>", "בדיקה RTL" ;
  dct:description "</script><svg onload={_OWNED}> {{{{ 7*7 }}}} ' & </title><script>{_OWNED}</script>" ;
  ed:labelClass <{BASE}dataset/hostile/class/bold> ;
  dcat:landingPage <javascript:{_OWNED}> ; dct:isReferencedBy <data:text/html,owned> ; ed:band <javascript:owned> .
<{BASE}dataset/hostile/class/bold> a skos:Concept ; skos:prefLabel "<b onmouseover={_OWNED}>bold</b>" .
"""


@pytest.fixture(scope="module")
def hostile(builtin_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A catalogue with a hostile record."""
    path = tmp_path_factory.mktemp("hostile") / "home"
    shutil.copytree(builtin_path, path, ignore=shutil.ignore_patterns("writer.lock"))
    triples = path.parent / "hostile.ttl"
    triples.write_text(_TRIPLES, encoding="utf-8")
    assert add_sources([str(triples)], path, as_graph=True).to_dict()["graphs"] == 1
    home = open_home(path)
    yield home
    home.close()


@pytest.fixture(scope="module")
def html(hostile: Home) -> str:
    """The page of the hostile record."""
    frame = Frame(Service(hostile.path))
    request: Any = SimpleNamespace(
        base_url="http://127.0.0.1/", url=SimpleNamespace(path="/dataset/hostile"), headers={}
    )
    record = record_of(hostile, f"{BASE}dataset/hostile")
    structured = {"name": record.about.name, "description": record.about.description}
    return bytes(frame.page(request, "record.html", structured=structured, **record_values(record, {})).body).decode()


def test_markup_in_a_record_is_text(html: str) -> None:
    assert "hostile" in html
    assert "<img src=x" not in html
    assert "<svg onload" not in html
    assert "<b onmouseover" not in html
    assert "document.title='owned'</script>" not in html
    assert "{{ 7*7 }}" in html
    assert "‮" not in html
    assert 'href="javascript:' not in html
    assert 'href="data:' not in html
    assert "javascript:document" in html


def test_nothing_of_a_record_runs_in_a_browser(chromium: Browser, html: str, tmp_path: Path) -> None:
    page = chromium.new_page()
    page.set_content(html)
    page.wait_for_timeout(100)
    assert page.title() != "owned"
    assert page.locator("script[type='application/ld+json']").count() == 1
    page.close()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "https:evil",
        "http://",
        "https://[::1",
        "https://a/'><script>",
        'https://a/"onmouseover="x',
        "https://a b",
        "",
        "x" * 5000,
        "https://e/" + "x" * 5000,
    ],
)
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    assert web_link(address) == ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=c&d#e", "https://example.org/a?b=c&d#e"),
        (" https://example.org ", "https://example.org"),
        ("10.1109/JSTARS.2021.3073965", "https://doi.org/10.1109/JSTARS.2021.3073965"),
    ],
)
def test_addresses_stay_as_they_are(text: str, address: str) -> None:
    assert web_link(text) == address


def test_data_blocks_cannot_be_ended_from_inside() -> None:
    block = str(json_block({"a": "</script><!--<script>\u2028&"}))
    assert not re.search(r"[<>&\u2028]", block)
