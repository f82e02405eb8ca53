"""The service's life: ready, worker lost, a newer version, what it logs, an orderly end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from api.serve.service import Service
from api.serve.settings import Settings
from kg.home import open_writer
from kg.solutions import Solutions
from ontology.terms import IRI, Literal
from tests.api.serve.conftest import Started

COUNT = "SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }"
SECRET = "the-word-nobody-may-see"


def _port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_killed_worker_is_told_and_replaced(hostile: Started) -> None:
    port, service = hostile
    burning = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != <urn:killed>) }"}
    lost = 0
    for _ in range(5):  # the worker that has it may be done with before it is killed
        before = {one.pid for one in service.queries.processes()}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            found: list[httpx.Response] = []
            thread = threading.Thread(target=lambda: found.append(client.get("/sparql", params=burning)))  # noqa: B023
            thread.start()
            time.sleep(0.3)
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            thread.join()
        lost += found[0].status_code == 503 and "WorkerLost" in found[0].text
        assert found[0].status_code in (503, 504)
        if lost:
            break
    assert lost
    reply = httpx.get(
        f"http://127.0.0.1:{port}/sparql", params={"query": "SELECT ?o { <urn:n3> <urn:value> ?o }"}, timeout=60
    )
    while reply.status_code == 503 and reply.json()["title"] in ("WorkerLost", "TooBusy"):
        reply = httpx.get(str(reply.request.url), timeout=60)
    assert reply.status_code == 200
    assert not {one.pid for one in service.queries.processes()} & before


def _publish(path: Path, count: int) -> None:
    with open_writer(path) as writer:
        writer.add_graph([(IRI(f"urn:{n}"), IRI("urn:p"), Literal(str(n)), None) for n in range(count)], "test:own")
        writer.publish()


def test_the_next_query_sees_the_next_version(tmp_path: Path) -> None:
    _publish(tmp_path, 3)

    async def run() -> list[str]:
        service = Service(tmp_path, settings=Settings(workers=1, slow_workers=1, spare_workers=0))
        service.queries.start()  # no questions are asked here
        service._watcher = asyncio.ensure_future(asyncio.sleep(0))
        found = []
        for count in (3, 4, 9):
            await asyncio.to_thread(_publish, tmp_path, count)
            result = await service.query(None, COUNT)
            assert isinstance(result, Solutions)
            found.append(str(result.rows[0][0]))
            rendered = await service.query_bytes(None, COUNT)
            assert rendered.etag == (await service.query_bytes(None, COUNT)).etag
            assert f'"{count}"' in rendered.body.decode()
        await service.close()
        return found

    assert asyncio.run(run()) == ["3", "4", "9"]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_start_log_and_end_of_the_command(builtin_path: Path) -> None:
    port = _port()
    command = [sys.executable, "-m", "earthdex", "serve", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "EARTHDEX_HOME": str(builtin_path), "EARTHDEX_SERVE_SPARE_WORKERS": "0"}
    environment["AWS_SECRET_ACCESS_KEY"] = SECRET
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    children: list[int] = []
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            end = time.monotonic() + 120
            status = 0
            while status != 200 and time.monotonic() < end:
                try:
                    status = client.get("/ready").status_code
                except httpx.TransportError:
                    status = 0
                time.sleep(0.1)
            ready = client.get("/ready").json()
            assert ready["status"] == "ready"
            assert ready["version"]
            asked = {"q": f"crop type datasets {SECRET}", "limit": 2}
            first, again = (client.get("/ask", params=asked, headers={"authorization": f"x {SECRET}"}) for _ in "ab")
            assert first.status_code == again.status_code == 200
            assert first.content == again.content
            same = client.get("/ask", params=asked, headers={"if-none-match": first.headers["etag"]})
            assert same.status_code == 304
            assert "default-src 'self'" in first.headers["content-security-policy"]
            numbers = client.get("/metrics").text
            assert 'earthdex_requests_total{method="GET",route="/ask",status="200"} 2.0' in numbers
            assert client.get("/metrics", headers={"x-forwarded-for": "1.2.3.4"}).status_code in (401, 403)
            children = [
                int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            ]
            for child in children:
                assert SECRET not in Path(f"/proc/{child}/environ").read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not [one for one in children if Path(f"/proc/{one}").exists()]
    lines = [json.loads(line) for line in told.splitlines()]
    asks = [line for line in lines if line.get("route") == "/ask"]
    assert {line["status"] for line in asks} == {200, 304}
    assert {"time", "event", "method", "ms", "client"} <= set(asks[0])
    assert SECRET not in told
    assert "127.0.0.1" not in json.dumps(asks)
