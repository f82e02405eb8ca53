"""20,000 chips over HTTP with 20 ms of latency: a pack read by ranges beside rasterio with its settings tuned.

    python -m benchmarks.stream_pack [--chips 20000] [--latency 20] [--seconds 20] [--folder FOLDER]

Both read the same deflated GeoTIFFs (64 x 64 x 12 uint16) from the same server, all on this machine, by turns. Printed
are chips a second, the CPU time of the reading process for each chip, and the ratios of this run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

from benchmarks.stream_data import chips as make_chips

TARGET = 100.0
_TUNED = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif",
    "GDAL_HTTP_MULTIPLEX": "YES",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_INGESTED_BYTES_AT_OPEN": "131072",
    "VSI_CACHE": "TRUE",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast one of them was."""

    chips: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        """Chips a second."""
        return self.chips / self.seconds


def serve(folder: str, latency: float, told: Any) -> None:  # noqa: ANN401 - a queue
    """A web server with ranges that waits before each answer, as a distant one would."""
    files: dict[str, Any] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(latency)
                method, path, _ = head.split(b" ", 2)
                name = path.decode().lstrip("/")
                if name not in files:
                    place = Path(folder, name)
                    files[name] = np.memmap(place, np.uint8, "r").data if place.is_file() else None
                data = files[name]
                if data is None:
                    writer.write(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")
                    continue
                ranged = re.search(rb"(?i)\r\nrange: bytes=(\d+)-(\d*)", head)
                start = int(ranged[1]) if ranged else 0
                end = min(int(ranged[2]) if ranged and ranged[2] else len(data) - 1, len(data) - 1)
                status = b"206 Partial" if ranged else b"200 OK"
                shown = b"Content-Range: bytes %d-%d/%d\r\n" % (start, end, len(data)) if ranged else b""
                writer.write(
                    b'HTTP/1.1 %b\r\nETag: "1"\r\nAccept-Ranges: bytes\r\n%bContent-Length: %d\r\n\r\n'
                    % (status, shown, end - start + 1)
                )
                if method != b"HEAD":
                    writer.write(data[start : end + 1])
                await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1 << 20)
        told.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextlib.contextmanager
def served(folder: Path, latency: float) -> Iterator[str]:
    """The server in a process of its own; gives its URL."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=serve, args=(str(folder), latency, told), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{told.get(timeout=60)}"
    finally:
        process.terminate()
        process.join(10)


def _timed(work: Callable[[], Iterator[int]], seconds: float) -> Rate:
    """Runs until the work or the time is over."""
    chips, start, cpu = 0, time.perf_counter(), time.process_time()
    for done in work():
        chips += done
        if time.perf_counter() - start > seconds:
            break
    return Rate(chips, time.perf_counter() - start, time.process_time() - cpu)


def read_rasterio(url: str, names: list[str]) -> Iterator[int]:
    """Chip after chip, as a map-style data set does."""
    import rasterio

    with rasterio.Env(**_TUNED):
        for name in names:
            with rasterio.open(f"/vsicurl/{url}/chips/{name}") as source:
                source.read()
            yield 1


def read_pack(url: str, names: list[str], *, decode: bool, window: int = 512) -> Iterator[int]:
    """Windows of chips in the order of the pack, as the engine asks for them."""
    from training.io import open_bytes

    with open_bytes(allow_private=True) as data:
        pack = f"{url}/chips.pack"
        ordered = sorted(names, key=lambda name: data.where(f"{pack}!/{name}")[1])

        def read(start: int) -> int:
            found = data.read_many([(f"{pack}!/{name}", 0, -1) for name in ordered[start : start + window]])
            for one in found:
                if isinstance(one, Exception):
                    raise one
                if decode:
                    imagecodecs.tiff_decode(one)
            return len(found)

        # two windows at a time: one is asked for while the other is taken in
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(read, start) for start in range(0, len(ordered), window)]
            try:
                for one in waiting:
                    yield one.result()
            finally:
                pool.shutdown(cancel_futures=True)


def run(folder: Path, chips: int, latency: float, seconds: float) -> dict[str, Rate]:
    """Measures all; by turns, the best of two for each."""
    from training.io.packs import pack

    paths = make_chips(folder / "chips", chips)
    if not (folder / "chips.pack").exists():
        pack(folder / "chips", folder / "chips.pack")
    names = sorted(path.relative_to(folder / "chips").as_posix() for path in paths)
    shuffled = [names[number] for number in np.random.default_rng(1).permutation(len(names))]
    best: dict[str, Rate] = {}
    with served(folder, latency) as url:
        for _ in range(2):
            for name, work in (
                ("rasterio, tuned", lambda: read_rasterio(url, shuffled)),
                ("pack", lambda: read_pack(url, shuffled, decode=False)),
                ("pack, decoded", lambda: read_pack(url, shuffled, decode=True)),
            ):
                rate = _timed(work, seconds)
                if name not in best or rate.per_second > best[name].per_second:
                    best[name] = rate
    return best


def main() -> None:
    """Prints the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--chips", type=int, default=20_000)
    parser.add_argument("--latency", type=float, default=20.0, help="milliseconds before each answer")
    parser.add_argument("--seconds", type=float, default=20.0, help="most seconds for each turn")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/earthdex-stream"))
    given = parser.parse_args()
    best = run(given.folder, given.chips, given.latency / 1000, given.seconds)
    base = best["rasterio, tuned"].per_second
    for name, rate in best.items():
        ratio = rate.per_second / base
        sys.stdout.write(
            f"{name:18} {rate.per_second:10.1f} chips/s {rate.cpu / rate.chips * 1e6:9.0f} us CPU/chip {ratio:8.1f} x\n"
        )
    met = best["pack"].per_second / base
    sys.stdout.write(f"target {TARGET:g} x: {'met' if met >= TARGET else 'missed'} ({met:.0f} x)\n")


if __name__ == "__main__":
    main()
