"""What only the files know: grids, sizes, checksums. A few ranges of each are read, many at once."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ontology.errors import EarthdexError
from training.select.countries import countries
from training.select.facts import names_of
from training.types import TARGET_ROLES, Bytes, Grid, Item, Part

if TYPE_CHECKING:
    import pyproj

    from training.tiff.header import TiffHeader

Progress = Callable[[str, int, int], None]
_BLOCK = 1 << 22
_MOST_SIDE = 4096
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Headed:
    """Items after their headers were read.

    Attributes:
        items: with grid, bbox, country, sizes and names of bands; those that cannot be read are left out.
        problems: those, with the reason, by IRI.
        raw_bytes: of the pixels of each item when decoded.
        channels: of each item.
    """

    items: tuple[Item, ...]
    problems: tuple[tuple[str, str], ...]
    raw_bytes: tuple[int, ...]
    channels: tuple[int, ...]


def read_headers(
    items: Sequence[Item],
    data: Bytes,
    *,
    bands: Mapping[str, tuple[str, ...]] | None = None,
    checksums: bool = False,
    threads: int = 8,
    progress: Progress | None = None,
) -> Headed:
    """Reads the header of each file of some items.

    Args:
        items: the items.
        data: where bytes come from.
        bands: names of the bands of each dataset, by IRI, in the order of channels.
        checksums: whether to hash local files (all of their bytes are read); the ETag is taken of others.
        threads: that read.
        progress: called with ("headers", done, items).
    """
    known = bands or {}
    done: list[Item] = []
    problems: list[tuple[str, str]] = []
    raws: list[int] = []
    channels: list[int] = []

    def one(item: Item) -> tuple[Item, int, int]:
        return _headed(item, data, known.get(item.dataset, ()), checksums)

    with ThreadPoolExecutor(max(1, threads), thread_name_prefix="earthdex-header") as pool:
        for number, (item, result) in enumerate(zip(items, pool.map(_safe(one), items), strict=True)):
            if isinstance(result, EarthdexError):
                problems.append((item.iri, str(result)))
            else:
                done.append(result[0])
                raws.append(result[1])
                channels.append(result[2])
            if progress is not None and (number % 64 == 0 or number + 1 == len(items)):
                progress("headers", number + 1, len(items))
    return Headed(tuple(_located(done)), tuple(problems), tuple(raws), tuple(channels))


def _safe(
    function: Callable[[Item], tuple[Item, int, int]],
) -> Callable[[Item], tuple[Item, int, int] | EarthdexError]:
    def run(item: Item) -> tuple[Item, int, int] | EarthdexError:
        try:
            return function(item)
        except EarthdexError as error:
            return error

    return run


def _headed(item: Item, data: Bytes, bands: tuple[str, ...], checksums: bool) -> tuple[Item, int, int]:
    from training.tiff.header import header

    parts: list[Part] = []
    heads: list[TiffHeader] = []
    finest: TiffHeader | None = None
    raw, channels = 0, 0
    for part in item.parts:
        checksum = part.checksum or (checksum_of(part.href, data) if checksums else "")
        if part.role == "vector":
            parts.append(replace(part, size=data.size(part.href), checksum=checksum))
            continue
        one = header(data, part.href)
        heads.append(one)
        names = part.names
        if part.role not in TARGET_ROLES:
            names = names or (names_of(bands, part.role, one.samples) if not part.bands else ())
            if finest is None or one.width * one.height > finest.width * finest.height:
                finest = one
            channels += len(part.bands) or one.samples
        raw += (len(part.bands) or one.samples) * one.width * one.height * max(one.bits // 8, 1)
        parts.append(replace(part, names=names, size=one.size, checksum=checksum))
    grid = finest.grid if finest is not None else item.grid
    block = block_of(heads, finest) if finest is not None else 0
    return replace(item, parts=tuple(parts), grid=grid, bbox=item.bbox or bbox_of(grid), block=block), raw, channels


def block_of(heads: Iterable[TiffHeader], finest: TiffHeader) -> int:
    """`Item.block` of files that lie on one another, the finest of which is the chip grid."""
    side = 1
    for one in heads:
        times = finest.width // one.width
        if not one.tiled or (one.width * times, one.height * times) != (finest.width, finest.height):
            return 0
        side = math.lcm(side, one.block_width * times, one.block_height * times)
    return side if side <= _MOST_SIDE else 0


def checksum_of(href: str, data: Bytes) -> str:
    """sha256 of a local file (or member of a local archive), the ETag of another."""
    if "://" in href:
        found = data.validator(href)
        return found if found.startswith("etag:") and found.isascii() and found.isprintable() else ""
    return digest_of(href, data, "sha256")


def digest_of(href: str, data: Bytes, algorithm: str) -> str:
    """`algorithm:hex` of all bytes of a file; `sha256`, `sha512`, `sha1` or `md5`. Raises FetchError."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    size = data.size(href)
    for start in range(0, size, _BLOCK):
        digest.update(data.read(href, start, min(_BLOCK, size - start)))
    return f"{algorithm}:{digest.hexdigest()}"


def bbox_of(grid: Grid | None) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a grid in degrees (CRS84); west > east across the antimeridian."""
    if grid is None or not grid.crs:
        return None
    import pyproj
    from pyproj.exceptions import ProjError

    a, b, c, d, e, f = grid.transform
    corners = [(x, y) for x in (0, grid.width) for y in (0, grid.height)]
    xs = [c + a * x + b * y for x, y in corners]
    ys = [f + d * x + e * y for x, y in corners]
    try:
        transformer = to_degrees(grid.crs)
        box = transformer.transform_bounds(min(xs), min(ys), max(xs), max(ys), densify_pts=21)
    except (ProjError, pyproj.exceptions.CRSError):
        return None
    if not all(math.isfinite(one) for one in box) or box[1] > box[3] or max(abs(box[1]), abs(box[3])) > 90.0:
        return None
    west, south, east, north = (round(float(one), 7) for one in box)
    return (_wrapped(west), south, _wrapped(east), north) if east - west < 360 else (-180.0, south, 180.0, north)


def _wrapped(longitude: float) -> float:
    return longitude if -180.0 <= longitude <= 180.0 else round((longitude + 180.0) % 360.0 - 180.0, 7)


def to_degrees(crs: str) -> pyproj.Transformer:
    """The way from a CRS to longitude and latitude in degrees (CRS84), held for this thread. Raises CRSError."""
    import pyproj

    # transformers are not safe for threads
    held: dict[str, pyproj.Transformer] = _local.__dict__.setdefault("held", {})
    if crs not in held:
        if len(held) > 100:
            held.clear()
        held[crs] = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    return held[crs]


def _located(items: Iterable[Item]) -> list[Item]:
    """Items with the country of the middle of their bbox."""
    known = list(items)
    asked = [at for at, one in enumerate(known) if one.bbox is not None and not one.country]
    if not asked:
        return known
    middles = [_middle(known[at].bbox or (0.0, 0.0, 0.0, 0.0)) for at in asked]
    for at, code in zip(asked, countries([x for x, _ in middles], [y for _, y in middles]), strict=True):
        if code:
            known[at] = replace(known[at], country=code)
    return known


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    west, south, east, north = box
    middle = (west + east + (360.0 if west > east else 0.0)) / 2
    return _wrapped(middle), (south + north) / 2
