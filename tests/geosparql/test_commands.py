"""RDF of any kind on the command line and behind the service."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from typer.testing import CliRunner

from api.commands.cli import app
from api.serve.app import create_app
from ontology.errors import EarthdexError, RecordError
from tests.geosparql.compliance import DATA, EX

QUERY = f"SELECT ?x WHERE {{ ?x geo:sfOverlaps <{EX}Port> ; a geo:Feature }}"


def _csv(*options: str, code: int = 0) -> list[str]:
    done = CliRunner().invoke(app, ["sparql", "--format", "csv", *options])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout.split()


def test_files_are_queried_alone() -> None:
    assert _csv("--data", str(DATA / "harbour.rdf"), QUERY) == ["x", f"{EX}Market"]
    assert _csv("--data", str(DATA / "harbour.ttl"), "--no-rewrite", QUERY, code=3) == ["x"]


def test_several_files_are_one_graph(tmp_path: Path) -> None:
    (tmp_path / "more.ttl").write_text(f"<{EX}Market> <{EX}sells> <{EX}fish> .")
    (tmp_path / "data.xml").write_bytes((DATA / "harbour.rdf").read_bytes())
    query = QUERY.replace("}", f"; <{EX}sells> ?y }}")
    files = [tmp_path / "more.ttl", tmp_path / "data.xml"]
    assert _csv(*(part for one in files for part in ("--data", str(one))), query) == ["x", f"{EX}Market"]


def test_a_file_that_is_no_rdf_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("<urn:a> <urn:b>")
    for name, reason in (("README.md", "no RDF file by its ending"), ("broken.ttl", "line 1")):
        with pytest.raises(RecordError, match=reason):
            _csv("--data", str(tmp_path / name), QUERY)
    with pytest.raises(EarthdexError, match="no file"):
        _csv("--data", str(tmp_path / "missing.ttl"), QUERY)


def test_the_service_answers_from_files() -> None:
    server = uvicorn.Server(uvicorn.Config(create_app(data=[DATA / "harbour.ttl"]), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            found = client.get("/sparql", params={"query": QUERY}, headers={"accept": "text/csv"})
            assert found.text.split() == ["x", f"{EX}Market"]
            assert client.get("/sparql", params={"query": "ASK { ?s ?p"}).status_code == 400
    finally:
        server.should_exit = True
        thread.join(10)
