"""Training streams against the bare decode loop, rasterio and TorchGeo: ratios of one run.

    python -m benchmarks.stream [--scenes 40] [--chips 20000] [--rounds 3] [--only scenes,http,cache,chips,order,memory]
        [--folder FOLDER] [--torchgeo PYTHON]

Everything is read by the same machine, by turns; a figure is the median of the rounds. Ratios are of processor time a
chip, which others on the machine disturb least; where waiting counts (HTTP), of time by the clock. Needs about 250 MB
of disk for each scene.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import stream_data, stream_peers, stream_runs
from benchmarks.stream_peers import Run, timed

WANTED = {"grid": 0.95, "random": 0.9}
KINDS = "grid,random,float32,reprojected,other resolution"


def say(text: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Table:
    """What was measured, by name."""

    runs: dict[str, list[Run]] = field(default_factory=dict)

    def add(self, name: str, act: Callable[..., int], *given: object, **named: object) -> None:
        """Measures something once more."""
        self.runs.setdefault(name, []).append(timed(lambda: act(*given, **named)))

    def cost(self, name: str) -> float:
        """Processor milliseconds a chip: the median."""
        return statistics.median(one.cost for one in self.runs[name])

    def rate(self, name: str) -> float:
        """Chips a second by the clock: the median."""
        return statistics.median(one.rate for one in self.runs[name])

    def show(self) -> None:
        """All of it."""
        for name in self.runs:
            say(
                f"    {name:42} {self.cost(name):8.3f} ms processor a chip {self.rate(name):10.1f} chips/s by the clock"
            )


def target(name: str, value: float, wanted: float, most: bool = False) -> None:
    """A ratio beside what was wanted."""
    met = value <= wanted if most else value >= wanted
    say(f"  {'met   ' if met else 'MISSED'} {name}: {value:.2f} ({'at most' if most else 'at least'} {wanted:g})")


def scenes(
    folder: Path, count: int, rounds: int, threads: int, python: str, kinds: Sequence[str], codecs: Sequence[str]
) -> None:
    """Epoch 1 from scenes on disk."""
    for codec in codecs:
        paths = stream_data.scenes(folder / codec, count, codec)
        table = Table()
        readers = {name: one for name, one in stream_runs.readers(paths, threads).items() if name in kinds}
        for name, reader in readers.items():
            start = time.perf_counter()
            next(reader.batches(0))
            say(f"  {codec}, {name}: first batch after {time.perf_counter() - start:.2f} s")
            # a machine hands out memory for the first time slowly; that epoch is told apart
            table.add(f"{name}, first of all", stream_runs.epoch, reader, 0)
        for epoch in range(1, rounds + 1):
            table.add("limit", stream_peers.limit, paths, threads)
            for name, reader in readers.items():
                table.add(name, stream_runs.epoch, reader, epoch)
            table.add("limit", stream_peers.limit, paths, threads)
            table.add("rasterio, by blocks", stream_peers.rasterio_windows, paths, 256, False)
            table.add("rasterio, anywhere", stream_peers.rasterio_windows, paths, 128, True)
            for sampler in ("grid", "random") if python else ():
                one = stream_peers.torchgeo(python, str(folder / codec), sampler, 10, 2)
                if one is not None:
                    table.runs.setdefault(f"TorchGeo {sampler}, two workers", []).append(one)
        say(f"  {codec}, {len(paths)} scenes")
        table.show()
        bare = table.cost("limit")
        for name in readers:
            # the last two read other blocks than the limit does, and about as many pixels
            target(f"{codec}: {name}, of the limit", bare / table.cost(name), WANTED.get(name, 0.6))
        if {"TorchGeo grid, two workers", "TorchGeo random, two workers", "grid", "random"} <= table.runs.keys():
            grid, anywhere = table.cost("TorchGeo grid, two workers"), table.cost("TorchGeo random, two workers")
            target(f"{codec}: chips of a grid, against TorchGeo's grid", grid / table.cost("grid"), 10)
            target(f"{codec}: random crops, against TorchGeo's random", anywhere / table.cost("random"), 30)


def http(folder: Path, count: int, rounds: int, threads: int) -> None:
    """Epoch 1 over HTTP with 20 ms of latency."""
    from benchmarks.stream_pack import served

    paths = stream_data.scenes(folder / "deflate", count, "deflate")
    table = Table()
    with served(folder, 0.02) as url:
        hrefs = [f"{url}/{path.relative_to(folder).as_posix()}" for path in paths]
        for epoch in range(rounds):
            reader = stream_runs.reader(paths, threads, hrefs=hrefs, sampling="grid", size=256)
            start = time.perf_counter()
            next(reader.batches(epoch))
            say(f"  first batch over HTTP after {time.perf_counter() - start:.2f} s")
            table.add("limit", stream_peers.limit, paths, threads)
            table.add("over HTTP", stream_runs.epoch, reader, epoch)
    table.show()
    target("over HTTP, of the local limit (by the clock)", table.rate("over HTTP") / table.rate("limit"), 0.65)
    say("  20,000 chips as a pack: python -m benchmarks.stream_pack")


def cache(folder: Path, count: int, rounds: int, threads: int) -> None:
    """Epoch 2 from decoded chips."""
    paths = stream_data.scenes(folder / "deflate", count, "deflate")
    table = Table()
    for epoch in range(rounds):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            warm = stream_runs.reader(paths, threads, sampling="grid", size=256)
            stream_runs.epoch(warm, 9)
            table.add("epoch 1", stream_runs.epoch, warm, epoch)
            filling = stream_runs.reader(paths, threads, cache=Path(place), sampling="grid", size=256)
            # the same arrays, so that only the filling differs
            filling._ring = warm._ring
            table.add("epoch 1, filling", stream_runs.epoch, filling, epoch)
            table.add("epoch 2", stream_runs.epoch, filling, epoch + 1)
            raw = next(Path(place).rglob("chips.raw"))
            chips = filling.lock.count
            stream_runs.preadv(raw, chips, threads)
            table.add("preadv", stream_runs.preadv, raw, chips, threads)
            table.add("np.memmap, each batch dropped", stream_runs.memmap, raw, chips)
            # as many as the reader has under way
            table.add("np.memmap", stream_runs.memmap, raw, chips, 6)
    table.show()
    target("epoch 2, against epoch 1", table.cost("epoch 1") / table.cost("epoch 2"), 8)
    target("epoch 2, of a bare preadv loop", table.cost("preadv") / table.cost("epoch 2"), 0.8)
    dropped = table.cost("np.memmap, each batch dropped") / table.cost("epoch 2")
    say(f"         epoch 2, against np.memmap with each batch dropped before the next: {dropped:.2f}")
    target("epoch 2, against np.memmap", table.cost("np.memmap") / table.cost("epoch 2"), 2)
    target("filling costs", table.cost("epoch 1, filling") / table.cost("epoch 1") - 1, 0.2, most=True)


def chips(folder: Path, count: int, rounds: int, threads: int) -> None:
    """Many small files."""
    paths = stream_data.chips(folder / "chips", count)
    table = Table()
    for epoch in range(rounds):
        table.add("rasterio.open and read", stream_peers.rasterio_files, paths[:1000])
        reader = stream_runs.reader(paths, threads, sampling="whole")
        table.add("chips from files", stream_runs.epoch, reader, epoch)
    table.show()
    target("chips, against rasterio", table.cost("rasterio.open and read") / table.cost("chips from files"), 6)


def memory(folder: Path, count: int, threads: int) -> None:
    """Memory over 20 epochs, and resuming."""
    paths = stream_data.scenes(folder / "deflate", count, "deflate")
    reader = stream_runs.reader(paths, threads, sampling="grid", size=256)
    held = []
    for epoch in range(20):
        for at, _ in enumerate(reader.batches(epoch)):
            # 20 whole epochs of a full run take an hour: a fifth of each shows a leak as well
            if at >= len(reader) // 5 and epoch not in (0, 19):
                break
        held.append(stream_runs.resident())
    say(f"  memory after epochs 1, 2, 10 and 20: {', '.join(f'{held[at] / 1e9:.2f}' for at in (0, 1, 9, 19))} GB")
    target("memory in GB, two threads", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1.5, most=True)
    target("growth from epoch 2 to 20", held[19] / held[1], 1.1, most=True)


def main(given: Sequence[str] | None = None) -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--chips", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="order,scenes,http,cache,chips,memory")
    parser.add_argument("--kinds", default=KINDS, help="ways of cutting scenes")
    parser.add_argument("--codecs", default="deflate,zstd")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "earthdex-stream")
    parser.add_argument("--torchgeo", default="", help="the Python of an environment with TorchGeo")
    options = parser.parse_args(given)
    asked = options.only.split(",")
    for name, act in {
        "order": lambda: stream_runs.order(say),
        "scenes": lambda: scenes(
            options.folder,
            options.scenes,
            options.rounds,
            options.threads,
            options.torchgeo,
            options.kinds.split(","),
            options.codecs.split(","),
        ),
        "http": lambda: http(options.folder, options.scenes, options.rounds, options.threads),
        "cache": lambda: cache(options.folder, options.scenes, options.rounds, options.threads),
        "chips": lambda: chips(options.folder, options.chips, options.rounds, options.threads),
        "memory": lambda: memory(options.folder, options.scenes, options.threads),
    }.items():
        if name in asked:
            say(f"{name}: {str(globals()[name].__doc__ if name in globals() else stream_runs.order.__doc__).strip()}")
            act()


if __name__ == "__main__":
    main()
