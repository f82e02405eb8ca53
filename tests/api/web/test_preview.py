"""Pages show chips only where the operator has the files, and only of those."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest

from api.serve.service import Service
from api.serve.settings import Settings
from api.web.preview import Pictures, files_of
from ontology.errors import NotFound


@pytest.fixture(scope="module")
def service(builtin_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service whose operator has a few chips of EuroSAT, over a catalogue of its own."""
    rasterio = pytest.importorskip("rasterio")
    pytest.importorskip("PIL")
    tmp_path = tmp_path_factory.mktemp("previews")
    for name in ("Forest", "River"):
        folder = tmp_path / "files" / "eurosat" / name
        folder.mkdir(parents=True)
        pixels = np.random.default_rng(1).integers(0, 3000, (13, 64, 64), np.uint16)
        profile = {"driver": "GTiff", "count": 13, "height": 64, "width": 64, "dtype": "uint16", "crs": "EPSG:32633",
                   "transform": rasterio.Affine(10, 0, 500000, 0, -10, 5000000)}  # fmt: skip
        with rasterio.open(folder / f"{name}_1.tif", "w", **profile) as file:
            file.write(pixels)
    (tmp_path / "secret").mkdir()
    (tmp_path / "files" / "escape").symlink_to(tmp_path / "secret")
    home = tmp_path / "home"
    shutil.copytree(builtin_path, home, ignore=shutil.ignore_patterns("writer.lock"))
    return Service(home, settings=Settings(files=str(tmp_path / "files")))


def test_chips_become_a_picture_that_is_kept(service: Service) -> None:
    async def twice() -> tuple[Path, Path]:
        pictures = Pictures(service)
        return await pictures.of("eurosat"), await pictures.of("eurosat")

    first, second = asyncio.run(twice())
    assert first == second
    assert first.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("slug", ["..", "escape", "../secret", "timesen2crop", "", "/etc", "EUROSAT/.."])
def test_nothing_else_is_read(service: Service, slug: str) -> None:
    assert files_of(service, slug) is None
    with pytest.raises(NotFound):
        asyncio.run(Pictures(service).of(slug))


def test_without_a_folder_there_is_none(builtin_path: Path) -> None:
    assert files_of(Service(builtin_path, settings=Settings()), "eurosat") is None
