"""A STAC API with real items, and two catalogues: one that asks it, one that holds the same items itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.live.manage import add_source
from ingest.live.tier import open_live
from kg.home import Home, open_home
from tests.corpora import corpus
from tests.live import server

_FILES = (
    "stactools-packages+sentinel2",
    "stactools-packages+sentinel1",
    "stactools-packages+landsat",
    "stac-utils+pgstac",
    "stac-utils+pystac-client",
)
_MANY = ("naip", "landsat-8-c2-l2", "pgstac-test-collection")  # each twentieth of these is enough
KEPT = "LC08_L2SP_045034_20201222_02_T1"
_SUMMARISED = ("platform", "constellation", "instruments")


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    """Machines that run tests may be slow; the time limit has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARTHDEX_LIVE_SECONDS", "240")
        yield


@pytest.fixture(scope="session")
def items(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real items of several archives, each once, as lines."""
    path = tmp_path_factory.mktemp("items") / "items.ndjson"
    seen: set[tuple[str, str]] = set()
    with path.open("w", encoding="utf-8") as out:
        for name in _FILES:
            lines = corpus("stac-items", f"{name}.ndjson").read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines):
                item = json.loads(line)
                timed = any(item.get("properties", {}).get(key) for key in ("datetime", "start_datetime"))
                if item.get("type") != "Feature" or not item.get("geometry") or not timed:
                    continue
                key = (item.setdefault("collection", "loose"), item["id"])
                if key in seen or (item["collection"] in _MANY and number % 20 and item["id"] != KEPT):
                    continue
                seen.add(key)
                item["links"] = []
                out.write(json.dumps(item) + "\n")
    return path


def _collections(items: Path) -> list[dict[str, Any]]:
    """Collections whose summaries list what their items say, as those of archives do."""
    made: dict[str, dict[str, Any]] = {}
    for line in items.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        one = made.setdefault(
            item["collection"],
            {
                "type": "Collection",
                "id": item["collection"],
                "stac_version": "1.0.0",
                "description": "Items for tests",
                "license": "other",
                "links": [],
                "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
                "summaries": {},
            },
        )
        for name in _SUMMARISED:
            said = item["properties"].get(name)
            for value in said if isinstance(said, list) else [said] if said else []:
                held = one["summaries"].setdefault(name, [])
                if value not in held:
                    held.append(value)
    return list(made.values())


@pytest.fixture(scope="session")
def database(items: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """PgSTAC that holds the items."""
    with server.postgres() as environment:
        server.fill(environment, tmp_path_factory.mktemp("load"), _collections(items), items)
        yield environment


@pytest.fixture(scope="session")
def archive(database: dict[str, str]) -> Iterator[str]:
    """The address of a STAC API with filter and sort."""
    with server.api(database) as address:
        yield address


@pytest.fixture(scope="session")
def plain_archive(database: dict[str, str]) -> Iterator[str]:
    """The address of one over the same items that offers nothing beyond the plain search."""
    with server.api(database, ENABLED_EXTENSIONS="pagination") as address:
        yield address


@pytest.fixture(scope="session")
def local_home(items: Path, builtin_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A catalogue that holds the items."""
    import shutil

    from ingest.add import add_sources

    root = tmp_path_factory.mktemp("local") / "home"
    shutil.copytree(builtin_path, root, ignore=shutil.ignore_patterns("*.partial"))
    add_sources([items], root)
    with open_home(root) as home:
        yield home


@pytest.fixture
def root(tmp_path: Path, builtin_path: Path) -> Path:
    """A catalogue's folder of its own, without scenes."""
    import shutil

    path = tmp_path / "home"
    shutil.copytree(builtin_path, path, ignore=shutil.ignore_patterns("*.partial"))
    return path


@pytest.fixture(scope="session")
def live_home(archive: str, builtin_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A catalogue without scenes that asks the archive."""
    import shutil

    root = tmp_path_factory.mktemp("live") / "home"
    shutil.copytree(builtin_path, root, ignore=shutil.ignore_patterns("*.partial"))
    add_source(root, archive, name="archive")
    with open_home(root) as home:
        home.live = open_live(root)
        yield home
