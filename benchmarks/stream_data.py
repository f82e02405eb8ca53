"""What `benchmarks/stream.py` reads: scenes, chips and pixel series that compress like real ones, made from a seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIDE = 4096
BANDS = 6
CHIP_SIDE = 64
CHIP_BANDS = 12


def relief(rng: np.random.Generator, side: int) -> npt.NDArray[np.float32]:
    """A texture with the power spectrum of landscapes (amplitude falls with frequency to the power of 1.5)."""
    noise = np.fft.rfft2(rng.standard_normal((side, side), dtype=np.float32))
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]) + 1 / side
    made = np.fft.irfft2(noise / frequency**1.5, s=(side, side))
    return ((made - made.mean()) / made.std()).astype(np.float32)


def pixels(rng: np.random.Generator, base: npt.NDArray[np.float32], bands: int, side: int) -> npt.NDArray[np.uint16]:
    """(bands, side, side) reflectances in 1/10,000: a relief seen by bands that agree in part, with sensor noise."""
    out = np.empty((bands, side, side), dtype=np.uint16)
    shared = cut(rng, base, side)
    for band in out:
        values = rng.uniform(800, 3000) + 500 * shared + 250 * cut(rng, base, side)
        values += 12 * rng.standard_normal((side, side), dtype=np.float32)
        np.copyto(band, np.clip(values, 1, 65535), casting="unsafe")
    return out


def cut(rng: np.random.Generator, base: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    """(side, side) from anywhere on a texture, which repeats itself."""
    row, column = (int(one) for one in rng.integers(0, base.shape[0], 2))
    if max(row, column) + side <= base.shape[0]:
        return base[row : row + side, column : column + side]
    return np.roll(base, (-row, -column), (0, 1))[:side, :side]


def scenes(folder: Path, count: int, codec: str, seed: int = 0) -> list[Path]:
    """Cloud-optimised GeoTIFFs, 4096 x 4096 x 6 uint16 in tiles of 512, of one codec (`deflate` or `zstd`)."""
    import rasterio
    from rasterio.transform import from_origin

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"scene-{number:02}.tif" for number in range(count)]
    if all(path.exists() for path in paths):
        return paths
    rng = np.random.default_rng(seed)
    base = relief(rng, SIDE)
    for number, path in enumerate(paths):
        values = pixels(np.random.default_rng([seed, number]), base, BANDS, SIDE)
        if path.exists():
            continue
        part = path.with_suffix(".part")
        with rasterio.open(
            part,
            "w",
            driver="COG",
            width=SIDE,
            height=SIDE,
            count=BANDS,
            dtype="uint16",
            crs="EPSG:32633",
            transform=from_origin(300_000 + 50_000 * (number % 8), 5_400_000 - 50_000 * (number // 8), 10, 10),
            compress=codec,
            predictor="YES",
            blocksize=512,
            interleave="pixel",
            overviews="NONE",
        ) as target:
            target.write(values)
        part.replace(path)
    return paths


def chips(folder: Path, count: int, seed: int = 1) -> list[Path]:
    """Small GeoTIFFs as data sets of chips come: 64 x 64 x 12 uint16, deflate, in ten class folders."""
    import rasterio
    from rasterio.transform import from_origin

    paths = [folder / f"class-{number % 10}" / f"chip-{number:05}.tif" for number in range(count)]
    if all(path.exists() for path in paths):
        return paths
    for number in range(10):
        (folder / f"class-{number}").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    base = relief(rng, 1024)
    for number, path in enumerate(paths):
        values = pixels(rng, base, CHIP_BANDS, CHIP_SIDE)
        if path.exists():
            continue
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=CHIP_SIDE,
            height=CHIP_SIDE,
            count=CHIP_BANDS,
            dtype="uint16",
            crs="EPSG:32633",
            transform=from_origin(300_000 + 640 * (number % 100), 5_400_000 - 640 * (number // 100), 10, 10),
            compress="deflate",
            predictor=2,
            interleave="pixel",
        ) as target:
            target.write(values)
    return paths


def series(path: Path, count: int, channels: int = 9, times: int = 28, seed: int = 2) -> Path:
    """Pixel series as CSV: a class, then `channels` values for each of `times` dates, as a row."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 10_000, (count, channels * times))
    labels = rng.integers(0, 16, count)
    names = ["class", *[f"b{band}_{time}" for time in range(times) for band in range(channels)]]
    part = path.with_suffix(".part")
    with part.open("w") as file:
        file.write(",".join(names) + "\n")
        for label, row in zip(labels.tolist(), values.tolist(), strict=True):
            file.write(f"{label}," + json.dumps(row, separators=(",", ":"))[1:-1] + "\n")
    part.replace(path)
    return path
