"""What `benchmarks/stream.py` runs of earthdex itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.engine.reader import Reader
from training.io import open_bytes
from training.order import batch_numbers
from training.select.headers import block_of
from training.select.lock import Lock
from training.select.selection import Selection, Source
from training.tiff.header import header
from training.tiff.warp import target_grid
from training.types import Grid, Item, Part, Recipe

DATASET = "https://example.org/dataset/benchmark"


_HELD: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = []


def lock(paths: Sequence[Path], recipe: Recipe, hrefs: Sequence[str] = ()) -> Lock:
    """A lock over files, one an item."""
    data = open_bytes()
    items = []
    for number, path in enumerate(paths):
        head = header(data, str(path)) if recipe.sampling != "whole" or number == 0 else None
        grid = head.grid if head is not None else None
        block = block_of([head], head) if head is not None else 0
        part = Part("image", hrefs[number] if hrefs else str(path), size=path.stat().st_size)
        items.append(
            Item(
                f"{DATASET}/item/{number}", DATASET, (part,), label=number % 10, grid=grid, scene=path.stem, block=block
            )
        )
    root = os.path.commonpath([path.parent for path in paths])
    source = Source(DATASET, "benchmark", "benchmark", hrefs[0].rpartition("/")[0] if hrefs else root)

    def size(item: Item) -> tuple[int, int]:
        grid = target_grid(item.grid, recipe) if item.grid is not None else None
        return (grid.height, grid.width) if grid is not None else (0, 0)

    return Lock.freeze(Selection("benchmark", "0", (source,), tuple(items)), recipe, sizes=size)


def reader(
    paths: Sequence[Path], threads: int, *, hrefs: Sequence[str] = (), cache: Path | None = None, **recipe: object
) -> Reader:
    """A reader over files."""
    made = replace(Recipe(), **recipe)  # type: ignore[arg-type]
    return Reader(lock(paths, made, hrefs), open_bytes(allow_private=True), threads=threads, cache=cache)


def readers(paths: Sequence[Path], threads: int) -> dict[str, Reader]:
    """One for each way of cutting that has a target."""
    return {
        "grid": reader(paths, threads, sampling="grid", size=256),
        "random": reader(paths, threads, sampling="random", size=256),
        "float32": reader(paths, threads, sampling="grid", size=256, dtype="float32", window=256),
        "reprojected": reader(paths, threads, sampling="grid", size=256, crs="EPSG:3035", resolution=10.0, window=256),
        "other resolution": reader(paths, threads, sampling="grid", size=256, resolution=8.0, window=256),
    }


def epoch(one: Reader, number: int) -> int:
    """Chips of an epoch."""
    return sum(len(batch.index) for batch in one.batches(number))


def preadv(raw: Path, count: int, threads: int) -> int:
    """Records of a cache into arrays that are used again, in a random order, and dropped."""
    record = raw.stat().st_size // count
    file = os.open(raw, os.O_RDONLY)
    # as many arrays as a stream holds, so that caches of the processor help neither; made before the first round
    while len(_HELD) < 8 or _HELD[0].shape[1] != record:
        if _HELD and _HELD[0].shape[1] != record:
            _HELD.clear()
        _HELD.append(np.zeros((32, record), dtype=np.uint8))
        _HELD[-1].fill(1)
    held = _HELD
    order = np.random.default_rng(0).permutation(count).tolist()

    def batch(at: int) -> int:
        into = held[at % len(held)]
        chips = order[32 * at : 32 * at + 32]
        for slot, chip in enumerate(chips):
            os.preadv(file, [into[slot].data], chip * record)
        return len(chips)

    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(batch, range(-(-count // 32))))
    os.close(file)
    return done


def memmap(raw: Path, count: int, held: int = 0) -> int:
    """The same by indexing np.memmap into new arrays, of which the last `held` are kept as a stream keeps batches."""
    record = raw.stat().st_size // count
    mapped = np.memmap(raw, dtype=np.uint8, mode="r", shape=(count, record))
    order = np.random.default_rng(0).permutation(count)
    under_way: deque[object] = deque(maxlen=held)
    done = 0
    for at in range(0, count, 32):
        batch = mapped[order[at : at + 32]]
        under_way.append(batch)
        done += len(batch)
    return done


def resident() -> int:
    """Bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def order(say: Callable[[str], None]) -> None:
    """How well batches are mixed, for several windows: 40 scenes, chips of 256, batches of 32."""
    grid = Grid("EPSG:32633", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 4096, 4096)
    part = Part("image", "scene.tif")
    source = Source(DATASET, "benchmark", "benchmark", "")
    for kind, block in (("tiles of 512", 512), ("cells of 1,024", 0)):
        items = tuple(Item(f"{DATASET}/item/{n}", DATASET, (part,), grid=grid, block=block) for n in range(40))
        made = Lock.freeze(Selection("benchmark", "0", (source,), items), Recipe(sampling="grid", size=256))
        say(f"    {kind}: window   scenes in a batch   same-scene pairs   arrays of 256 x 256 x 6 uint16")
        for window in (0, 64, 256, 512, 1024, 2048, 4096, 1 << 30):
            batches = batch_numbers(made, epoch=0, window=window)
            scenes = [made.chips(one)[:, 0] for one in batches]
            distinct = float(np.mean([len(np.unique(one)) for one in scenes]))
            pairs = float(np.mean([(one[:, None] == one[None]).sum() - len(one) for one in scenes])) / (32 * 31)
            held = (min(window, made.count) + 4 * 32 + 64) * 256 * 256 * 13 / 1e9
            name = "all" if window > made.count else str(window)
            say(f"    {name:>6} {distinct:12.1f} {100 * pairs:16.1f} % {held:20.2f} GB")
