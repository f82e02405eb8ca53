"""What `benchmarks/stream.py` compares with: the bare decode loop, rasterio, and TorchGeo in an environment of its own.

As a script (`python stream_peers.py FOLDER grid|random SECONDS WORKERS`) it runs TorchGeo in the Python it is given.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """Chips, seconds by the clock, and seconds of processors (this process, its threads and its children)."""

    chips: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Chips a second by the clock."""
        return self.chips / self.wall

    @property
    def cost(self) -> float:
        """Processor milliseconds a chip."""
        return 1000 * self.cpu / self.chips


def used() -> float:
    """Processor seconds of this process and its ended children."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, kinds))


def timed(act: Callable[[], int]) -> Run:
    """Runs something that returns how many chips it read."""
    wall, cpu = time.perf_counter(), used()
    chips = act()
    return Run(chips, time.perf_counter() - wall, used() - cpu)


def limit(paths: Sequence[Path], threads: int, chip: int = 256) -> int:
    """Every block of the scenes decoded in a random order and dropped: nothing that trains can be faster."""
    import numpy as np

    from training.io import open_bytes
    from training.tiff import codecs
    from training.tiff.header import header
    from training.tiff.read import places, ranges

    data = open_bytes()
    heads = [header(data, str(path)) for path in paths]
    jobs = [(one, place) for one in heads for place in places(one, 0, 0, one.height, one.width)]
    files = {one.href: os.open(one.href, os.O_RDONLY) for one in heads}
    order = np.random.default_rng(0).permutation(len(jobs))

    def decode(at: int) -> int:
        one, place = jobs[at]
        start, length = ranges(one, place, [0])[0]
        raw = os.pread(files[one.href], length, start)
        codecs.decode(one, memoryview(raw), codecs.rows_of(one, place.block_row))
        return place.height * place.width

    with ThreadPoolExecutor(threads) as pool:
        pixels = sum(pool.map(decode, order.tolist()))
    for file in files.values():
        os.close(file)
    return pixels // chip**2


def rasterio_windows(paths: Sequence[Path], count: int, shuffled: bool, chip: int = 256) -> int:
    """Windows by rasterio from scenes that stay open: in the order of blocks, or anywhere."""
    import numpy as np
    import rasterio
    from rasterio.windows import Window

    sources = [rasterio.open(path) for path in paths]
    rng = np.random.default_rng(0)
    places: Iterator[tuple[int, int, int]] = (
        (int(s), int(r), int(c))
        for s, r, c in (
            zip(
                rng.integers(0, len(sources), count),
                *rng.integers(0, sources[0].height - chip, (2, count)),
                strict=True,
            )
            if shuffled
            else (
                (scene, row + y, column + x)
                for scene in range(len(sources))
                for row in range(0, sources[0].height, 2 * chip)
                for column in range(0, sources[0].width, 2 * chip)
                for y in (0, chip)
                for x in (0, chip)
            )
        )
    )
    read = 0
    for scene, row, column in places:
        sources[scene].read(window=Window(column, row, chip, chip))
        read += 1
        if read == count:
            break
    for source in sources:
        source.close()
    return read


def rasterio_files(paths: Sequence[Path]) -> int:
    """Small files by `rasterio.open` and `read`, one by one."""
    import rasterio

    for path in paths:
        with rasterio.open(path) as source:
            source.read()
    return len(paths)


def torchgeo(python: str, folder: str, sampler: str, seconds: float, workers: int) -> Run | None:
    """TorchGeo's sampler and data loader over a folder of scenes; None where it cannot be run."""
    command = [python, "-W", "ignore", __file__, folder, sampler, str(seconds), str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20 * seconds + 300, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.stderr.write(f"TorchGeo: {done.stderr.strip()[-300:]}\n")
        return None
    return Run(**json.loads(lines[-1]))


def _torchgeo_here(folder: str, sampler: str, seconds: float, workers: int) -> None:
    """Runs in TorchGeo's own environment."""
    import importlib

    with contextlib.suppress(ImportError):
        # where torchvision cannot be installed beside this torch, a stand-in of that name may be
        importlib.import_module("tvstub")
    from torch.utils.data import DataLoader  # type: ignore[import-not-found,unused-ignore]

    datasets = importlib.import_module("torchgeo.datasets")
    samplers = importlib.import_module("torchgeo.samplers")
    scenes = datasets.RasterDataset(folder)
    if sampler == "grid":
        chosen = samplers.GridGeoSampler(scenes, size=256, stride=256)
    else:
        chosen = samplers.RandomGeoSampler(scenes, size=256, length=100_000)
    loader = DataLoader(scenes, batch_size=32, sampler=chosen, num_workers=workers, collate_fn=datasets.stack_samples)
    batches = iter(loader)
    next(batches)
    chips, start, cpu = 0, time.perf_counter(), used()
    for batch in batches:
        chips += len(batch["image"])
        if time.perf_counter() - start > seconds:
            break
    wall = time.perf_counter() - start
    del batches, loader
    sys.stdout.write(json.dumps({"chips": chips, "wall": wall, "cpu": used() - cpu}) + "\n")


if __name__ == "__main__":
    _torchgeo_here(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
