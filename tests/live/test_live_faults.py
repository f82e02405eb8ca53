"""A source that fails, lies or turns hostile: a clear report within bounded time and memory, and the rest answered."""

from __future__ import annotations

import http.server
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.live.manage import add_source, try_source
from ingest.live.sources import Registry, Source
from ingest.live.tier import Bounds, StacTier
from kg.live import LiveReport, LiveRequest
from kg.scenes.terms import AnyOf, Column, Compare, Const, Known
from ontology.errors import QueryTooLarge
from tests.live import proxy as faults
from tests.live.proxy import Fault, Proxy

_ASKED = LiveRequest((AnyOf("mission", ("sentinel-2",)), Known("cloud_cover")))
_SECONDS = 4.0


@pytest.fixture(scope="module")
def spoilt(archive: str) -> Iterator[Proxy]:
    with faults.proxy(archive) as one:
        yield one


@pytest.fixture(scope="module")
def source(spoilt: Proxy, builtin_path: object, tmp_path_factory: pytest.TempPathFactory) -> Source:
    return add_source(tmp_path_factory.mktemp("described"), spoilt.address, name="spoilt")


def _ask(
    root: object, source: Source, spoilt: Proxy, fault: Fault, request: LiveRequest = _ASKED, seconds: float = 60.0
) -> LiveReport:
    spoilt.fault, spoilt.seen = fault, faults.Seen()
    tier = StacTier(root, [source], Bounds(seconds=seconds, expiry=0))  # type: ignore[arg-type]
    reply = tier.fetch(request)
    (report,) = reply.reports
    assert bool(reply.parts) == bool(report.scenes)
    return report


def _fails(report: LiveReport, text: str) -> None:
    assert report.state == "failed"
    assert text in report.text
    assert report.note().startswith("Test Archive is missing: ")


FAILS: dict[str, tuple[Fault, str]] = {
    "500": (faults.status(500), "status 500"),
    "404": (faults.status(404), "nothing at that address"),
    "401": (faults.status(401), "a key is needed or wrong"),
    "429 for long": (faults.status(429, retry_after="3600"), "asked too often"),
    "truncated": (faults.truncated, "no JSON, or was cut off"),
    "broken off": (faults.broken_off, "broke off"),
    "a list": (faults.spoken([1, 2]), "a JSON list"),
    "a text": (faults.spoken("hello"), "not a STAC record"),
    "no features": (faults.spoken({"type": "FeatureCollection"}), "lists no items"),
    "features of the wrong kind": (faults.spoken({"features": {"a": 1}}), "lists no items"),
    "a page of HTML": (faults.spoken(b"<html><body>Sign in</body></html>"), "no JSON"),
    "huge": (faults.huge, "larger than"),
    "a bomb": (faults.bomb, "larger than"),
    "packed twice": (faults.twice_packed, "not asked for"),
    "deep": (faults.deep, "nested too deep"),
    "redirect to this machine": (faults.redirected("http://127.0.0.1:1/"), "another host"),
    "redirect to metadata": (faults.redirected("http://169.254.169.254/latest/meta-data/"), "another host"),
    "redirect to a file": (faults.redirected("file:///etc/passwd"), "another host"),
    "redirect to nothing": (faults.redirected("http://[::bad"), "broke off"),
}


@pytest.mark.parametrize("name", FAILS)
def test_a_source_that_fails_is_named_with_the_reason(
    name: str, tmp_path: object, source: Source, spoilt: Proxy
) -> None:
    fault, text = FAILS[name]
    started = time.monotonic()
    _fails(_ask(tmp_path, source, spoilt, fault), text)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("fault", [faults.dripping, faults.silent], ids=["dripping", "silent"])
def test_a_slow_source_is_left_after_its_time(tmp_path: object, source: Source, spoilt: Proxy, fault: Fault) -> None:
    started = time.monotonic()
    _fails(_ask(tmp_path, source, spoilt, fault, seconds=_SECONDS), "within")
    assert time.monotonic() - started < _SECONDS + 4


def test_a_source_that_was_busy_is_asked_again(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    started = time.monotonic()
    report = _ask(tmp_path, source, spoilt, faults.status(429, 1, retry_after="1"))
    assert report.state == "answered"
    assert report.scenes
    assert time.monotonic() - started > 1.0
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    assert _ask(tmp_path / "b", source, spoilt, faults.status(503, 1, retry_after=date)).scenes  # type: ignore[operator]
    assert _ask(tmp_path / "c", source, spoilt, faults.status(500, 2)).scenes  # type: ignore[operator]


@pytest.mark.parametrize("fault", [faults.same_page_again, faults.new_page_for_ever])
def test_pages_that_repeat_end_the_search(tmp_path: object, source: Source, spoilt: Proxy, fault: Fault) -> None:
    report = _ask(tmp_path, source, spoilt, fault, LiveRequest())
    assert report.state == "partial"
    assert "repeat themselves" in report.text
    assert report.note().startswith("Test Archive (incomplete): ")


def test_pages_without_end_are_too_many(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    spoilt.fault, spoilt.seen = faults.made_up_pages, faults.Seen()
    tier = StacTier(tmp_path, [source], Bounds(seconds=60, expiry=0, scenes=200))  # type: ignore[arg-type]
    with pytest.raises(QueryTooLarge, match="Test Archive has more than 200 scenes"):
        tier.fetch(LiveRequest())
    assert spoilt.seen.searches < 10


def test_what_is_too_many_to_fetch_is_counted_by_the_source(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    def matched(handler: faults.Handler, seen: faults.Seen) -> bool:
        handler.say({**handler.real(), "numberMatched": 1_234_567}, 200)
        return True

    spoilt.fault = matched
    chosen = replace(source, collections=("sentinel-2-l2a",))
    tier = StacTier(tmp_path, [chosen], Bounds(seconds=60, expiry=0))  # type: ignore[arg-type]
    counting = LiveRequest((AnyOf("mission", ("sentinel-2",)),), counts=True)
    assert tier.fetch(counting).counted == 1_234_567
    for refused in (
        replace(counting, counts=False),
        replace(counting, held=("sentinel-2-l2a",)),
        replace(counting, where=(*counting.where, Compare("<", Column("cloud_cover"), Const(10.0)))),
    ):
        with pytest.raises(QueryTooLarge, match="Test Archive has 1,234,567 scenes"):
            tier.fetch(refused)


def test_records_of_the_wrong_kind_are_passed_over_and_counted(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    right = _ask(tmp_path / "a", source, spoilt, lambda handler, seen: False)  # type: ignore[operator]
    report = _ask(tmp_path, source, spoilt, faults.wrong_types)
    assert report.state == "answered"
    assert report.scenes == right.scenes
    assert "records could not be used" in report.text


def test_a_next_page_on_another_host_is_not_read(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    asked: list[str] = []

    class Trap(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap) as trap:
        thread = threading.Thread(target=trap.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{trap.server_address[1]}/search"
        report = _ask(tmp_path, source, spoilt, faults.next_elsewhere(address), LiveRequest())
        trap.shutdown()
    assert report.state == "partial"
    assert "another host" in report.text
    assert not asked


def test_searches_go_by_get_where_post_is_refused(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    right = _ask(tmp_path / "a", source, spoilt, lambda handler, seen: False)  # type: ignore[operator]
    plain = replace(source, abilities=None)
    report = _ask(tmp_path, plain, spoilt, faults.no_post)
    assert report.state == "answered"
    assert report.scenes == right.scenes
    assert {method for method, path, _ in spoilt.seen.requests if path.startswith("/search?")} == {"GET"}


def test_a_filter_that_is_refused_is_left_out(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    request = LiveRequest((*_ASKED.where, Compare("<", Column("cloud_cover"), Const(10.0))))
    report = _ask(tmp_path, source, spoilt, faults.no_filter, request)
    assert report.state == "answered"
    assert report.scenes


def test_a_huge_answer_takes_bounded_memory(tmp_path: object, source: Source, spoilt: Proxy) -> None:
    tracemalloc.start()
    try:
        _fails(_ask(tmp_path, source, spoilt, faults.huge), "larger than")
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
    finally:
        tracemalloc.stop()


def test_the_rest_is_answered(archive: str, tmp_path: object, source: Source, spoilt: Proxy) -> None:
    right = add_source(tmp_path / "x", archive, name="right")  # type: ignore[operator]
    spoilt.fault = faults.silent
    sources = [replace(source, title="Silent"), replace(right, title="Right")]
    tier = StacTier(tmp_path, sources, Bounds(seconds=_SECONDS * 3, expiry=0))  # type: ignore[arg-type]
    reply = tier.fetch(_ASKED)
    assert [one.state for one in reply.reports] == ["failed", "answered"]
    assert len(reply.parts) == 1


def test_what_nobody_foresaw_stays_with_its_source(
    tmp_path: object, source: Source, spoilt: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ingest.live.tier.scene_of", stumble)
    _fails(_ask(tmp_path, source, spoilt, lambda handler, seen: False), "cannot be read (ZeroDivisionError)")


def test_a_key_goes_to_the_source_alone_and_into_no_message(
    archive: str, tmp_path: object, source: Source, spoilt: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "s3cret-key-of-mine"
    keyed = replace(source, key_env="EXAMPLE_KEY", key_header="X-Api-Key")
    _fails(_ask(tmp_path, keyed, spoilt, faults.status(500)), "EXAMPLE_KEY holds no key")
    monkeypatch.setenv("EXAMPLE_KEY", secret)
    report = _ask(tmp_path, keyed, spoilt, faults.status(403))
    _fails(report, "a key is needed or wrong")
    headers = {name.lower(): value for name, value in spoilt.seen.requests[-1][2].items()}
    assert headers["x-api-key"] == secret
    bearer = replace(keyed, key_header="Authorization")
    assert _ask(tmp_path, bearer, spoilt, lambda handler, seen: False).scenes
    sent = [{name.lower(): value for name, value in one[2].items()} for one in spoilt.seen.requests]
    assert all(one["authorization"] == f"Bearer {secret}" for one in sent)
    abroad = replace(keyed, url="http://example.invalid/stac")
    far = _ask(tmp_path, abroad, spoilt, faults.status(500))
    _fails(far, "by https only")
    root = tmp_path / "kept"  # type: ignore[operator]
    Registry.open(root).put(keyed)
    assert secret not in Registry.open(root).path.read_text(encoding="utf-8")
    assert secret not in str([report, far, keyed, keyed.to_dict(), try_source(root, "spoilt").to_dict()])
