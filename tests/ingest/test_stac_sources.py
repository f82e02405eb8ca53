"""Folders, linked catalogues and addresses: followed within bounds, and hostile ones told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.add import add_sources
from ingest.report import AddReport
from ingest.stac_json import parse, read_json
from kg.home import open_home
from ontology.errors import FetchError
from tests.ingest.stac import collection, item, write


def add(home: Path, *sources: Path | str) -> AddReport:
    return add_sources([str(one) for one in sources], home)


def catalog(*links: tuple[str, str], identifier: str = "root") -> dict[str, Any]:
    return {
        "type": "Catalog",
        "stac_version": "1.0.0",
        "id": identifier,
        "description": "d",
        "links": [{"rel": rel, "href": href} for rel, href in links],
    }


def make_catalogue(folder: Path) -> Path:
    """Root -> collection -> two items, one of which links back up."""
    root = write(folder / "catalog.json", catalog(("child", "./a/collection.json"), ("self", "./catalog.json")))
    linked = collection("a", links=[{"rel": "item", "href": "./1.json"}, {"rel": "item", "href": "sub/2.json"},
                                    {"rel": "parent", "href": "../catalog.json"}])  # fmt: skip
    write(folder / "a" / "collection.json", linked)
    write(folder / "a" / "1.json", item("1"))
    loop = item("2")
    loop["links"] = [{"rel": "child", "href": "../../catalog.json"}]
    write(folder / "a" / "sub" / "2.json", loop)
    return root


def test_a_catalogue_is_followed_downwards_each_document_once(tmp_path: Path) -> None:
    root = make_catalogue(tmp_path / "in")
    write(tmp_path / "in" / "unlinked.json", item("3"))
    report = add(tmp_path / "home", root)
    assert (report.scenes, report.datasets, report.skipped) == (2, 1, {})
    assert add(tmp_path / "home", tmp_path / "in").scenes == 1  # the folder holds the third


def test_a_copy_of_a_published_catalogue_is_followed_by_its_old_addresses(tmp_path: Path) -> None:
    stem = "https://example.com/stac/"
    write(tmp_path / "in" / "catalog.json", catalog(("self", stem + "catalog.json"), ("item", stem + "items/1.json")))
    write(tmp_path / "in" / "items" / "1.json", item("1"))
    assert add(tmp_path / "home", tmp_path / "in" / "catalog.json").scenes == 1


@pytest.mark.parametrize(
    ("href", "reason"),
    [
        ("../outside.json", "link leads outside the folder"),
        ("%2e%2e/outside.json", "link leads outside the folder"),
        ("../../../../../../etc/passwd", "link leads outside the folder"),
        ("missing.json", "link leads to no file"),
        ("/etc/passwd", "link leads outside the folder"),
        ("https://example.com/a.json", "link leads to another origin"),
        ("file:///etc/passwd", "link leads to another origin"),
        ("a\x00b.json", "link leads to no file"),
        ("x" * 3000, "link cannot be read"),
    ],
)
def test_links_that_lead_elsewhere_are_told_not_followed(tmp_path: Path, href: str, reason: str) -> None:
    write(tmp_path / "outside.json", item("outside"))
    write(tmp_path / "in" / "good.json", item("good"))
    root = write(tmp_path / "in" / "catalog.json", catalog(("item", href), ("item", "good.json")))
    report = add(tmp_path / "home", root)
    assert report.scenes == 1
    assert sum(report.skipped.values()) == 1
    assert reason in report.skipped or reason == "link leads to no file"


def test_a_symbolic_link_out_of_the_folder_is_not_followed_from_a_record(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.json", item("secret"))
    (tmp_path / "in").mkdir()
    os.symlink(secret, tmp_path / "in" / "link.json")
    root = write(tmp_path / "in" / "catalog.json", catalog(("item", "link.json")))
    assert add(tmp_path / "home", root).skipped == {"link leads outside the folder": 1}


def test_loops_of_folders_and_broken_links_end(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "a" / "1.json", item("1"))
    os.symlink(folder, folder / "a" / "loop", target_is_directory=True)
    os.symlink(folder / "nowhere.json", folder / "broken.json")
    os.symlink(folder / "self.json", folder / "self.json")
    report = add(tmp_path / "home", folder)
    assert report.scenes == 1
    assert report.skipped == {"file cannot be read": 2}


def test_lists_of_items_lines_and_arrays(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "1.json", {"type": "FeatureCollection", "features": [item("1"), item("2"), None, 5]})
    write(folder / "2.ndjson", item("3"), item("4"))
    write(folder / "3.json", item("5"), item("6"))  # lines in a file that is called .json
    write(folder / "4.json", [item("7"), item("8")])
    write(folder / "5.json", {"collections": [collection("c1"), collection("c2")], "links": []})
    report = add(tmp_path / "home", folder)
    assert (report.scenes, report.datasets) == (8, 2)
    assert report.skipped == {"not a STAC record": 2}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"\x00\x01\x02", "not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested too deep"),
        (b"3", "not a STAC record"),
        (b'"text"', "not a STAC record"),
        (b"9" * 5_000, "not JSON"),
        (b"<html></html>", "not JSON"),
    ],
)
def test_what_is_no_json_object(data: bytes, reason: str) -> None:
    assert parse(data).reason == reason


def test_numbers_and_letters_that_json_does_not_know() -> None:
    found = parse(b'\xef\xbb\xbf{"a": NaN, "b": Infinity, "c": "\\ud800", "d": "\xff", "e": 1e999}')
    assert found.value is not None
    assert found.value["a"] is None
    assert set(found.repairs) == {
        "replaced bytes that are not UTF-8",
        "dropped numbers that are not finite",
        "replaced halves of surrogate pairs",
    }
    json.dumps(found.value).encode()


def test_a_hostile_record_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "items.ndjson"
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    strange = [
        {**item("list"), "properties": []},
        {**item("geometry"), "geometry": {"type": "Polygon", "coordinates": deep}},
        {**item("assets"), "assets": {"a": None, "b": {"href": 5}, "c": "x"}},
        {**item("links"), "links": {"a": 1}},
        {**item("deep"), "properties": {"datetime": "2020-01-01T00:00:00Z", "x": deep}},
        {**item("nan"), "bbox": ["a", None, {}, []], "geometry": None},
        {**item("numbers"), "properties": {"datetime": 5, "eo:cloud_cover": 10**400, "platform": {"a": 1}}},
        {**item("id" * 5_000)},
        {**collection("c"), "extent": {"spatial": {"bbox": [[1], "x", [None] * 4]}, "temporal": {"interval": [5]}}},
        {**collection("d"), "providers": "me", "summaries": [1], "keywords": {"a": 1}, "links": None, "extent": 3},
        {**collection("e"), "title": {"de": "Ding", "en": "Thing"}, "license": ["a"], "item_assets": [1]},
    ]
    write(path, *strange, item("good"))
    report = add(tmp_path / "home", path)
    assert report.read == 12
    assert report.read == report.added + sum(report.skipped.values())
    assert report.datasets == 3
    with open_home(tmp_path / "home") as home:
        assert home.scenes.get("things", "good", ("id",)) == {"id": "good"}


def test_lines_are_streamed_and_too_long_ones_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ingest.stac_json as module

    monkeypatch.setattr(module, "MAX_DOCUMENT", 5_000)
    path = write(tmp_path / "items.ndjson", item("1"), item("2", note="x" * 20_000), item("3"))
    found = list(read_json(path))
    assert [one.reason for one in found] == ["", "larger than 64 MB", ""]


def test_a_catalogue_over_http(tmp_path: Path, serve_folder: Callable[[Path], str]) -> None:
    make_catalogue(tmp_path / "in")
    address = serve_folder(tmp_path / "in") + "/catalog.json"
    report = add(tmp_path / "home", address)
    assert (report.scenes, report.datasets, report.skipped) == (2, 1, {})
    assert not add(tmp_path / "home", address).changed


def test_no_record_leads_to_another_host(tmp_path: Path, serve_folder: Callable[[Path], str]) -> None:
    private = serve_folder(tmp_path / "private")
    write(tmp_path / "private" / "1.json", item("secret"))
    links = [("item", private + "/1.json"), ("item", "http://169.254.169.254/latest"), ("item", "file:///etc/passwd"),
             ("item", "http://[bad"), ("item", "missing.json")]  # fmt: skip
    write(tmp_path / "in" / "catalog.json", catalog(*links))
    report = add(tmp_path / "home", serve_folder(tmp_path / "in") + "/catalog.json")
    assert report.scenes == 0
    assert report.skipped["link leads to another origin"] >= 3
    assert report.skipped["linked document cannot be read"] == 1


def test_an_address_that_cannot_be_read_says_what_to_do(tmp_path: Path, serve_folder: Callable[[Path], str]) -> None:
    with pytest.raises(FetchError) as caught:
        add(tmp_path / "home", serve_folder(tmp_path) + "/missing.json")
    assert caught.value.remedy


def test_a_redirect_to_another_origin_is_refused(tmp_path: Path) -> None:
    import http.server
    import threading

    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.2:1/x.json")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(FetchError, match="another origin"):
            add(tmp_path / "home", f"http://127.0.0.1:{server.server_address[1]}/a.json")
        server.shutdown()
