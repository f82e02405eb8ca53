"""Servers that answer wrongly, slowly, endlessly or elsewhere: clear errors, bounds of time and memory, no secrets."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kg.remote import RemoteSettings, RemoteStore
from kg.remote.client import Client
from ontology.errors import (
    EarthdexError,
    QueryError,
    QuerySyntaxError,
    QueryTooLarge,
    StoreError,
    StoreReadOnly,
    TooBusy,
)

SELECT = "SELECT ?s { ?s ?p ?o }"
JSON = "application/sparql-results+json"
SECRET = "Opensesame-42"
Behave = Callable[[BaseHTTPRequestHandler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    behave: Behave
    seen: list[dict[str, str]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()})
        with suppress(OSError):
            self.server.behave(self)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def serve() -> Iterator[Callable[[Behave], _Server]]:
    """Starts a server that behaves so."""
    started: list[_Server] = []

    def start(behave: Behave) -> _Server:
        server = _Server(("127.0.0.1", 0), _Handler)
        server.behave, server.seen = behave, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server

    yield start
    for one in started:
        one.shutdown()
        one.server_close()


def _url(server: _Server, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_address[1]}/sparql"


def _store(server: _Server, timeout: float = 5.0, dialect: str = "generic", **more: str) -> RemoteStore:
    return RemoteStore(_url(server), timeout=timeout, dialect=dialect, **more)  # type: ignore[arg-type]


def _says(body: bytes, kind: str = JSON, status: int = 200, **headers: str) -> Behave:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


_ONE = b'{"head": {"vars": ["s"]}, "results": {"bindings": [%s]}}'
_WRONG = {
    "no JSON": b"<html>hello</html>",
    "cut off": b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "val',
    "a list": b"[1, 2]",
    "no head": b'{"results": {"bindings": []}}',
    "head of numbers": b'{"head": {"vars": [1]}, "results": {"bindings": []}}',
    "rows that are none": b'{"head": {"vars": ["s"]}, "results": {"bindings": {"s": 1}}}',
    "a row that is a text": _ONE % b'"x"',
    "an unknown kind of term": _ONE % b'{"s": {"type": "triple", "value": {}}}',
    "a value that is a number": _ONE % b'{"s": {"type": "uri", "value": 5}}',
    "an IRI that is none": _ONE % b'{"s": {"type": "uri", "value": "http://x/> } DELETE WHERE { ?s ?p ?o"}}',
    "a datatype that is none": _ONE % b'{"s": {"type": "literal", "value": "x", "datatype": "a b"}}',
    "a cell that is null": _ONE % b'{"s": null}',
    "a truth value that is a text": b'{"boolean": "yes"}',
    "a truth value for rows": b'{"head": {}, "boolean": true}',
    "nested without end": b"[" * 200_000,
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", _WRONG)
def test_an_answer_that_is_none_is_an_error_that_names_the_server(name: str, serve: Callable[..., _Server]) -> None:
    server = serve(_says(_WRONG[name]))
    for dialect in ("generic", "virtuoso"):
        with pytest.raises(StoreError, match=r"127.0.0.1"):
            _store(server, dialect=dialect).query(SELECT)


def test_another_media_type_is_an_error(serve: Callable[..., _Server]) -> None:
    with pytest.raises(StoreError, match="text/html"):
        _store(serve(_says(b"<html>", "text/html; charset=utf-8"))).query(SELECT)
    with pytest.raises(StoreError, match="no media type"):
        _store(serve(_says(b"{}", ""))).query(SELECT)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b"parse error at line 1", QuerySyntaxError),
        (400, b"something else", QueryError),
        (401, b"", StoreReadOnly),
        (403, b"", StoreReadOnly),
        (404, b"", StoreError),
        (413, b"", QueryTooLarge),
        (500, b"Traceback ...", QueryError),
        (500, b"Virtuoso S1T00 Error SR171: Transaction timed out", QueryTooLarge),
        (418, b"", QueryError),
    ],
)
def test_a_refusal_says_why(status: int, body: bytes, kind: type[EarthdexError], serve: Callable[..., _Server]) -> None:
    with pytest.raises(kind, match=r"127.0.0.1") as caught:
        _store(serve(_says(body, "text/plain", status))).query(SELECT)
    assert len(str(caught.value)) < 500


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(serve: Callable[..., _Server]) -> None:
    answers = iter([_says(b"", status=503, retry_after="0.2"), _says(b"", status=429, retry_after="0.1")])
    good = _says(_ONE % b'{"s": {"type": "uri", "value": "urn:x"}}')
    server = serve(lambda handler: next(answers, good)(handler))
    started = time.monotonic()
    assert len(_store(server).query(SELECT)) == 1  # type: ignore[arg-type]
    assert time.monotonic() - started >= 0.3
    assert len(server.seen) == 3


def test_a_server_that_stays_busy_is_given_up(serve: Callable[..., _Server]) -> None:
    started = time.monotonic()
    with pytest.raises(TooBusy):
        _store(serve(_says(b"", status=503, retry_after="86400"))).query(SELECT)
    with pytest.raises(TooBusy):
        _store(serve(_says(b"later", status=429))).query(SELECT)
    assert time.monotonic() - started < 5


def _drip(handler: BaseHTTPRequestHandler) -> None:
    _head(handler)
    for _ in range(200):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def _head(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", JSON)
    handler.send_header("connection", "close")
    handler.end_headers()


def _slow_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        handler.wfile.write(f"x-{number}: y\r\n".encode())
        time.sleep(0.1)


@pytest.mark.parametrize("behave", [_drip, _slow_headers, lambda handler: time.sleep(20)])
def test_a_slow_answer_ends_in_time(behave: Behave, serve: Callable[..., _Server]) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTooLarge, match="within 1 s"):
        _store(serve(behave), timeout=1.0).query(SELECT)
    assert time.monotonic() - started < 4


def test_an_endless_answer_is_cut(serve: Callable[..., _Server]) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        _head(handler)
        while True:
            handler.wfile.write(b" " * 65_536)

    store = _store(serve(endless), timeout=30)
    store.client.most_bytes = 2**20
    with pytest.raises(QueryTooLarge, match="larger than 1 MB"):
        store.query(SELECT)


def test_an_endless_refusal_is_cut(serve: Callable[..., _Server]) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(500)
        handler.send_header("connection", "close")
        handler.end_headers()
        while True:
            handler.wfile.write(b"no " * 20_000)

    with pytest.raises(QueryError) as caught:
        _store(serve(endless)).query(SELECT)
    assert len(str(caught.value)) < 500


def test_an_answer_that_breaks_off_is_an_error(serve: Callable[..., _Server]) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", JSON)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(_ONE % b"")
        handler.close_connection = True

    with pytest.raises(StoreError, match="breaks off"):
        _store(serve(short)).query(SELECT)


def test_what_is_no_http_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                held, _ = listener.accept()
                held.recv(65_536)
                held.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                held.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(StoreError, match=r"cannot be reached|no HTTP"):
            RemoteStore(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=3, dialect="generic").query(SELECT)


def test_a_connection_that_the_server_closed_is_opened_again(serve: Callable[..., _Server]) -> None:
    good = _says(_ONE % b"")

    def once(handler: BaseHTTPRequestHandler) -> None:
        good(handler)
        handler.close_connection = True  # without saying so

    store = _store(serve(once))
    for _ in range(3):
        assert len(store.query(SELECT)) == 0  # type: ignore[arg-type]


def test_no_redirect_is_followed_and_no_secret_goes_elsewhere(serve: Callable[..., _Server]) -> None:
    other = serve(_says(_ONE % b""))
    first = serve(_says(b"", status=307, location=_url(other, "localhost") + "?token=1"))
    with pytest.raises(StoreError, match=r"localhost.*follows no redirects") as caught:
        _store(first, user="anna", password=SECRET).query(SELECT)
    assert not other.seen
    assert "token" not in str(caught.value)


def _asks(challenge: str) -> Behave:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("authorization"):
            body = f"wrong: {handler.headers['authorization']} {SECRET}".encode()
            _says(body, "text/plain", 403)(handler)
        else:
            _says(b"", "text/plain", 401, www_authenticate=challenge)(handler)

    return behave


@pytest.mark.parametrize("challenge", ['Basic realm="x"', 'Digest realm="x", nonce="n", qop="auth", algorithm=MD5'])
def test_a_password_is_in_no_message(challenge: str, serve: Callable[..., _Server]) -> None:
    server = serve(_asks(challenge))
    store = _store(server, user="anna", password=SECRET)
    with pytest.raises(StoreReadOnly) as caught:
        store.query(SELECT)
    basic = base64.b64encode(f"anna:{SECRET}".encode()).decode()
    said = f"{caught.value} {caught.value!r} {store.settings!r} {store.endpoint}"
    assert SECRET not in said
    assert basic not in said
    assert "authorization" not in server.seen[0], "nobody had asked for it yet"
    assert server.seen[1]["authorization"].startswith(challenge.split()[0])


def test_a_password_in_the_address_is_taken_out_of_it() -> None:
    settings = RemoteSettings(f"http://anna:{SECRET}@127.0.0.1:1/sparql?key={SECRET}").checked()
    assert (settings.user, settings.password) == ("anna", SECRET)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        RemoteStore(settings).query(SELECT)
    assert SECRET not in str(caught.value)
    with pytest.raises(StoreError) as caught:
        RemoteSettings(f"ftp://anna:{SECRET}@x").checked()
    assert SECRET not in str(caught.value)


def test_another_server_for_updates_is_told_no_password_unless_it_was_set(serve: Callable[..., _Server]) -> None:
    other = serve(_asks('Basic realm="x"'))
    client = Client(RemoteSettings("http://127.0.0.1:1/sparql", user="anna", password=SECRET))
    with pytest.raises(StoreReadOnly):
        client.update("CLEAR ALL", _url(other, "localhost"))
    assert all("authorization" not in one for one in other.seen)


def test_settings_that_make_no_sense_are_told() -> None:
    for environment in (
        {"EARTHDEX_STORE": "not an address"},
        {"EARTHDEX_STORE": "http://x/", "EARTHDEX_STORE_DIALECT": "sql"},
        {"EARTHDEX_STORE": "http://x/", "EARTHDEX_STORE_TIMEOUT": "soon"},
        {"EARTHDEX_STORE": "http://x/", "EARTHDEX_STORE_UPDATE": "file:///x"},
        {"EARTHDEX_STORE": "http://x:99999999/"},
    ):
        with pytest.raises(StoreError):
            RemoteSettings.read(environment)
    assert RemoteSettings.read({}) is None


def test_user_and_password_come_from_netrc(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    file = f"{tmp_path}/netrc"
    with open(file, "w", encoding="ascii") as text:
        text.write(f"machine sparql.example.org login anna password {SECRET}\n")
    monkeypatch.setenv("NETRC", file)
    found = RemoteSettings("https://sparql.example.org/sparql").checked()
    assert (found.user, found.password) == ("anna", SECRET)
    assert RemoteSettings("https://other.example.org/sparql").checked().user == ""


def test_an_answer_that_the_time_limit_cut_is_not_taken_for_whole(serve: Callable[..., _Server]) -> None:
    server = serve(_says(_ONE % b"", x_sql_state="S1TAT"))
    with pytest.raises(QueryTooLarge, match="stopped early"):
        _store(server, dialect="virtuoso").query(SELECT)


def test_a_server_that_never_ends_its_pages_is_left(serve: Callable[..., _Server]) -> None:
    rows = ", ".join('{"s": {"type": "uri", "value": "urn:a"}, "p": {"type": "uri", "value": "urn:b"}, '
                     '"o": {"type": "uri", "value": "urn:c"}, "n": {"type": "literal", "value": "7"}}'
                     for _ in range(10_000))  # fmt: skip
    body = f'{{"head": {{"vars": ["s", "p", "o", "n"]}}, "results": {{"bindings": [{rows}]}}}}'.encode()
    server = serve(_says(body))
    with pytest.raises(EarthdexError, match=r"127.0.0.1|triples"):
        _store(server, timeout=20, dialect="virtuoso").query("SELECT * { ?s <urn:b> ?o }")
    assert len(server.seen) < 20
