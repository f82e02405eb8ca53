"""`earthdex sources` and `earthdex ask` with a source, as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.live.server import free_port


def _run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EARTHDEX_HOME": str(root), "EARTHDEX_LIVE_SECONDS": "240"}
    command = [sys.executable, "-m", "earthdex", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_source_is_added_asked_and_removed(archive: str, root: Path) -> None:
    listed = json.loads(_run(root, "sources", "list", "--json").stdout)
    assert {one["name"] for one in listed} == {"copernicus", "earth-search", "planetary-computer"}
    assert not any(one["enabled"] for one in listed)
    added = _run(root, "sources", "add", "stac", archive, "--name", "mine", "--json")
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["filter"] is True
    assert _run(root, "sources", "add", "stac", archive, "--name", "mine").returncode == 1
    tried = _run(root, "sources", "test", "--json")
    assert [one["works"] for one in json.loads(tried.stdout)] == [True]
    answer = json.loads(_run(root, "ask", "latest Landsat scene", "--json").stdout)
    assert answer["found"] == 1
    assert answer["sources"][0].startswith("Test Archive (live): ")
    shown = _run(root, "sparql", "SELECT ?s { ?s a ed:Scene } LIMIT 2")
    assert "From Test Archive" in shown.stdout
    assert _run(root, "sources", "disable", "mine").returncode == 0
    assert json.loads(_run(root, "ask", "latest Landsat scene", "--json").stdout)["sources"] == []
    assert _run(root, "sources", "remove", "mine").returncode == 0
    assert not list((root / "live").rglob("*.parquet"))


def test_what_is_no_source_is_refused_with_a_remedy(root: Path) -> None:
    gone = _run(root, "sources", "add", "stac", f"http://127.0.0.1:{free_port()}")
    assert gone.returncode == 1
    assert "cannot be reached" in gone.stderr
    assert _run(root, "sources", "add", "stac", "file:///etc").returncode == 1
    unknown = _run(root, "sources", "enable", "nosuch")
    assert unknown.returncode == 3
    assert "There are copernicus" in unknown.stderr
    assert _run(root, "sources", "add", "csw", "https://x.example").returncode == 2


def test_a_page_that_is_no_stac_api_is_refused(root: Path, tmp_path: Path, serve_folder: object) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<html>hello</html>")
    address = serve_folder(tmp_path / "page")  # type: ignore[operator]
    refused = _run(root, "sources", "add", "stac", address)
    assert refused.returncode == 1
    assert "no JSON" in refused.stderr
