"""The page of a question, as a client without JavaScript gets it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.web.examples import EXAMPLES

CROPS = "crop type datasets with Sentinel-2 time series in Austria"


def _hrefs(html: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]*)"', html)]


def test_the_start_page_has_a_question_box_and_numbers(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert 'name="q"' in page.text
    assert "training datasets" in page.text


def test_an_answer_says_what_was_understood_and_each_condition_can_go(http: httpx.Client) -> None:
    page = http.get("/", params={"q": CROPS})
    assert "TimeSen2Crop" in page.text
    assert "Datasets about crop type" in page.text
    gone = {one for href in _hrefs(page.text) for one in parse_qs(urlsplit(href).query).get("without", ())}
    assert gone == {"topic", "sensor", "temporal", "place"}
    less = http.get("/", params={"q": CROPS, "without": "place"})
    assert "Bring back" in less.text


def test_the_map_is_there_without_scripts(http: httpx.Client) -> None:
    page = http.get("/", params={"q": CROPS}).text
    assert re.search(r'<svg viewBox="[-\d. ]+" role="img"', page)
    assert len(re.findall(r'class="found" data-key="\d+"', page)) >= 2


def test_facets_count_what_they_leave(http: httpx.Client) -> None:
    page = http.get("/", params={"q": "datasets with Sentinel-2"}).text
    links = re.findall(r'<a href="([^"]*also=license[^"]*)"[^>]*><span>[^<]*</span> <b>(\d+)</b>', page)
    assert links
    for href, count in links[:2]:
        narrowed = http.get(unescape(href)).text
        assert re.search(rf"<h1[^>]*>{count} dataset", narrowed)


def test_a_changed_condition_stands_in_the_address(http: httpx.Client) -> None:
    fields = {"q": CROPS, "edit": "place", "property": "place", "op": "=", "value": "Germany"}
    moved = http.get("/", params=fields)
    assert moved.status_code == 303
    query = parse_qs(urlsplit(moved.headers["location"]).query)
    assert query == {"q": [CROPS], "without": ["place"], "also": ["place=Germany"]}
    assert "with places in Germany" in http.get(moved.headers["location"]).text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how many models run on PyTorch?", "models"),
        ("what is the resolution of EuroSAT?", "10 m"),
        ("how many datasets per sensor", "groups"),
        ("what is the weather like tomorrow", "cannot be answered"),
        ("crop type datasets in Austria at 1 cm resolution", "Nothing fits"),
        ("is EuroSAT under an open licence?", "<h1"),
        ("models", "156"),
    ],
)
def test_every_kind_of_answer_has_a_page(http: httpx.Client, question: str, said: str) -> None:
    page = http.get("/", params={"q": question})
    assert page.status_code == 200
    assert said in page.text


def test_every_example_finds_something(http: httpx.Client) -> None:
    empty = [
        one
        for _, questions in EXAMPLES
        for one in questions
        if not http.get("/ask", params={"q": one, "limit": 1}).json()["found"]
    ]
    assert empty == []


@pytest.mark.parametrize(("form", "start"), [("turtle", "@prefix"), ("stac", '{"collections"')])
def test_rows_are_downloaded(http: httpx.Client, form: str, start: str) -> None:
    file = http.get("/download", params={"q": CROPS, "format": form})
    assert file.status_code == 200
    assert file.text.startswith(start)
    assert "timesen2crop" in file.text
    assert http.get("/download", params={"q": "how many datasets are there", "format": form}).status_code == 422


def test_what_cannot_be_read_is_a_page_with_a_remedy(http: httpx.Client) -> None:
    page = http.get("/", params={"q": "datasets", "also": "nonsense"})
    assert page.status_code == 400
    assert "Write it as" in page.text


@pytest.mark.parametrize(
    "question",
    [
        "<script>alert(1)</script> datasets",
        '"><img src=x onerror=alert(1)>',
        "datasets ‮ in Austria",
        "بيانات المحاصيل في النمسا",
        "x" * 10_000,
        "crop " * 2_000,
        "{{ 7*7 }} {% raw %}",
        "\x00 datasets",
    ],
)
def test_hostile_questions_stay_text(http: httpx.Client, question: str) -> None:
    page = http.get("/", params={"q": question})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "‮" not in re.sub(r'value="[^"]*"', "", page.text)


def test_files_are_small_and_kept_for_ever(http: httpx.Client) -> None:
    page = http.get("/", params={"q": CROPS}, headers={"accept-encoding": "br"})
    names = set(re.findall(r'"(/static/[\w.-]+)', page.text))
    if not names:
        pytest.skip("the pages' files are not built")
    total = 0
    for name in names:
        file = http.get(name, headers={"accept-encoding": "br, gzip"})
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["content-encoding"] == "br"
        total += int(file.headers["content-length"])
    assert total < 120_000
    assert http.get("/static/..%2Fframe.py").status_code == 404
    assert http.get("/static/manifest.json").status_code == 404


def test_no_page_may_run_scripts_of_others(http: httpx.Client) -> None:
    policy = http.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
