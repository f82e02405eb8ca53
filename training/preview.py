"""A grid of chips with their labels, as PNG, in a notebook or in a terminal."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ontology.errors import NotFound, RecordError
from training.palette import Colour, colours
from training.rendering import between, channels_shown, names_of_channels, painted, stretch, to_rgb
from training.select.lock import Lock
from training.types import Batch, Bytes
from training.windows import noise

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = npt.NDArray[np.uint8]
_GAP = 8
_CAPTION = 18


@dataclass(frozen=True, slots=True)
class Tile:
    """One chip as a picture.

    Attributes:
        pixels: (height, width, 3).
        caption: its class or name.
        number: of the chip in the lock.
    """

    pixels: Pixels
    caption: str
    number: int

    def resized(self, side: int) -> Pixels:
        """(side, side, 3): enlarged by whole pixels, reduced by averages, without distortion on black."""
        from PIL import Image

        height, width = self.pixels.shape[:2]
        scale = side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        method = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
        small = np.asarray(Image.fromarray(self.pixels).resize(size, method))
        out = np.zeros((side, side, 3), np.uint8)
        top, left = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
        out[top : top + small.shape[0], left : left + small.shape[1]] = small
        return out


@dataclass(frozen=True, slots=True)
class Preview:
    """Chips with their labels.

    Attributes:
        tiles: the chips.
        legend: name and colour of each class that shows.
        title: what is seen.
        problems: chips that could not be shown, with the reason.
    """

    tiles: tuple[Tile, ...]
    legend: tuple[tuple[str, Colour], ...]
    title: str
    problems: tuple[str, ...] = field(default=())

    def image(self, side: int = 0) -> Image:
        """The grid as a Pillow image; `side` is that of a tile in pixels, chosen by the number of tiles by default."""
        from PIL import Image, ImageDraw

        count = max(1, len(self.tiles))
        across = max(1, round(count**0.5 + 0.3)) if count > 3 else count
        down = -(-count // across)
        side = side or int(np.clip(960 // across, 96, 320))
        font = _font(13)
        rows = list(self._legend_rows(across * (side + _GAP) - _GAP, font))
        width = across * (side + _GAP) + _GAP
        height = _CAPTION + _GAP + down * (side + _CAPTION + _GAP) + len(rows) * 22 + _GAP
        picture = Image.new("RGB", (width, height), (250, 250, 250))
        draw = ImageDraw.Draw(picture)
        draw.text((_GAP, 6), _fitting(self.title, width - 2 * _GAP, font), fill=(60, 60, 60), font=font)
        for at, tile in enumerate(self.tiles):
            x = _GAP + at % across * (side + _GAP)
            y = _CAPTION + _GAP + at // across * (side + _CAPTION + _GAP)
            picture.paste(Image.fromarray(tile.resized(side)), (x, y))
            draw.text((x, y + side + 1), _fitting(tile.caption, side, font), fill=(30, 30, 30), font=font)
        top = height - len(rows) * 22 - _GAP // 2
        for at, row in enumerate(rows):
            for x, name, colour in row:
                y = top + at * 22
                draw.rectangle((_GAP + x, y + 2, _GAP + x + 14, y + 16), fill=colour, outline=(90, 90, 90))
                draw.text((_GAP + x + 19, y + 1), name, fill=(30, 30, 30), font=font)
        return picture

    def _legend_rows(self, width: int, font: Any) -> Iterator[list[tuple[int, str, Colour]]]:  # noqa: ANN401
        row: list[tuple[int, str, Colour]] = []
        x = 0
        for name, colour in self.legend:
            shown = _fitting(name, width - 24, font)
            wide = 19 + round(font.getlength(shown)) + 16
            if row and x + wide > width:
                yield row
                row, x = [], 0
            row.append((x, shown, colour))
            x += wide
        if row:
            yield row

    def png(self) -> bytes:
        """The grid as PNG."""
        out = io.BytesIO()
        self.image().save(out, format="PNG", optimize=True)
        return out.getvalue()

    def write(self, path: str | Path) -> None:
        """Writes the picture: a page where the name ends in `.html`, else a PNG.

        Raises:
            RecordError: it cannot be written.
        """
        place = Path(path)
        try:
            place.write_bytes(self.page().encode() if place.suffix.lower() in (".html", ".htm") else self.png())
        except OSError as error:
            raise RecordError(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error

    def page(self) -> str:
        """The grid as a web page that needs nothing else."""
        title = html.escape(self.title)
        head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        return f"{head}<h1>{title}</h1>\n{self._repr_html_()}\n</html>\n"

    def _repr_png_(self) -> bytes:
        return self.png()

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png()).decode()
        return f'<img alt="{html.escape(self.title)}" src="data:image/png;base64,{data}">'


def preview(
    lock: Lock,
    data: Bytes,
    *,
    number: int = 16,
    split: str = "",
    bands: Sequence[str | int] = (),
    seed: int = 0,
) -> Preview:
    """Shows some chips of a lock: all classes in turn where chips have one.

    Bands are those of visible light where their names tell, radar is grey; brightness is stretched between the 2nd and
    98th percentile, half way between those of all chips shown and those of the chip itself.

    Args:
        lock: what to show.
        data: where bytes come from.
        number: of chips.
        split: fold; all when empty.
        bands: names or 1-based numbers: three for red, green and blue, or one in grey.
        seed: which chips are shown.

    Raises:
        NotFound: no such fold or band.
    """
    from training.engine.reader import Reader

    reader = Reader(lock, data, threads=1)
    batches: list[Batch] = []
    problems: list[str] = []
    for at in _chosen(lock, split, seed):
        if len(batches) >= number or len(problems) > 4 * number:
            break
        batch = reader.chip(int(at))
        if len(batch.index):
            batches.append(batch)
        else:
            problems += [f"{one.iri}: {one.reason}" for one in batch.skipped]
    if not batches:
        return Preview((), (), "", tuple(problems))
    channels = channels_shown(lock, batches[0].image.shape[1], bands)
    if any(one >= batches[0].image.shape[1] for one in channels):
        raise NotFound("There is no such band.", f"Chips have {batches[0].image.shape[1]} channels.")
    low, high = stretch([(one.image[0][list(channels)], one.valid[0]) for one in batches])
    scheme = {one.value: one.name for one in lock.classes}
    palette = colours(scheme)
    tiles, seen = [], set[int]()
    for batch in batches:
        shown_channels, valid = batch.image[0][list(channels)], batch.valid[0]
        rgb = to_rgb(shown_channels, valid, *between(shown_channels, valid, low, high))
        rgb, values = painted(rgb, batch, palette, scheme, lock.recipe.ignore)
        seen |= values
        tiles.append(Tile(rgb, _caption(lock, batch, scheme), int(batch.index[0])))
    shown = [value for value in scheme if value in seen]
    if batches[0].label is not None:
        shown = []
    legend = tuple((scheme[value], palette[value]) for value in shown)
    return Preview(tuple(tiles), legend, _title(lock, channels), tuple(problems))


def _chosen(lock: Lock, split: str, seed: int) -> npt.NDArray[np.int64]:
    """Chips in the order to try: at random, classes in turn."""
    numbers = lock.numbers(split)
    if len(numbers) > 200_000:
        numbers = numbers[:: len(numbers) // 100_000]
    order = numbers[np.argsort(noise(numbers, seed, 77), kind="stable")]
    labels = [lock.items.label[int(at)] for at in lock.table.items_of(order)]
    if not any(one is not None for one in labels):
        return order
    turns: dict[int | None, int] = {}
    rank = []
    for one in labels:
        rank.append(turns.get(one, 0))
        turns[one] = rank[-1] + 1
    return order[np.lexsort((np.arange(len(order)), np.array(rank)))]


def _caption(lock: Lock, batch: Batch, scheme: dict[int, str]) -> str:
    chip = lock.chip(int(batch.index[0]))
    item = lock.items[chip.item]
    name = item.iri.rpartition("/")[2].rpartition(".")[0] or item.iri.rpartition("/")[2]
    if batch.label is not None:
        value = int(batch.label[0])
        return scheme.get(value, f"class {value}")
    place = f"{item.country} " if item.country else ""
    day = f" {item.time[:10]}" if item.time else ""
    window = f" {chip.row},{chip.column}" if lock.recipe.sampling == "grid" else ""
    return f"{place}{name}{day}{window}"


def _title(lock: Lock, channels: Sequence[int]) -> str:
    names = names_of_channels(lock)
    shown = ", ".join(names[one] if one < len(names) else str(one + 1) for one in channels)
    sources = ", ".join(one.name for one in lock.sources)
    kind = "bands" if len(channels) > 1 else "band"
    return f"{sources}: {lock.count:,} chips; {kind} {shown}"


def _font(size: int) -> Any:  # noqa: ANN401
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _fitting(text: str, width: int, font: Any) -> str:  # noqa: ANN401
    """A text cut to a width in pixels."""
    text = "".join(one for one in text if one.isprintable())
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
