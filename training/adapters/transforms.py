"""Transforms of batches: the same in every adapter, and the same for the same lock, epoch and chip.

A transform takes a `Batch` and a seed and gives a new one; what is random about it is drawn for each chip from (seed,
epoch, chip number) alone, so neither workers nor ranks nor the place in a batch change it. Each is a frozen value that
can be pickled and compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ontology.errors import NotFound, RasterError
from training.select.lock import Lock
from training.types import Array, Batch
from training.windows import noise

# indices of two bands (a - b) / (a + b): names of the bands that each takes, most common first
_NIR, _RED, _GREEN, _SWIR = (
    ("B08", "B8", "nir", "nir08"),
    ("B04", "B4", "red"),
    ("B03", "B3", "green"),
    ("B11", "swir16"),
)
INDICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ndvi": (_NIR, _RED),
    "ndwi": (_GREEN, _NIR),
    "ndmi": (_NIR, _SWIR),
    "mndwi": (_GREEN, _SWIR),
    "nbr": (_NIR, ("B12", "swir22")),
    "ndsi": (_GREEN, _SWIR),
}


# keys of the draws, so that no two things are drawn alike
_MIRROR, _TURN = 100, 101


class Transform(Protocol):
    """What changes batches."""

    def __call__(self, batch: Batch, seed: int) -> Batch:
        """The changed batch; the given one stays as it is. Raises RasterError where it does not fit the pixels."""

    def names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the channels afterwards."""


def channel_axis(image: Array) -> int:
    """Which axis holds the channels: 1 of chips and pixel series, 2 of series of scenes."""
    return 2 if image.ndim == 5 else 1


def _along(values: Sequence[float], image: Array) -> npt.NDArray[np.float32]:
    """Values for each channel, shaped to broadcast against an image.

    Raises:
        RasterError: there are more or fewer than channels.
    """
    axis = channel_axis(image)
    if len(values) not in (1, image.shape[axis]):
        raise RasterError(
            f"{len(values)} values for {image.shape[axis]} channels.", "Give one value for each channel, or one."
        )
    shape = [1] * image.ndim
    shape[axis] = len(values)
    return np.asarray(values, np.float32).reshape(shape)


def _spread(valid: npt.NDArray[np.bool_], image: Array) -> npt.NDArray[np.bool_]:
    """`valid` with an axis for the channels, to broadcast against `image`."""
    if image.ndim == 5 and valid.ndim == 3:
        valid = valid[:, None]
    return np.expand_dims(valid, channel_axis(image))


@dataclass(frozen=True, slots=True)
class Normalise:
    """(pixel - mean) / std for each channel as float32; `fill` where nothing was measured.

    Attributes:
        mean, std: one for each channel, in the pixels' own units.
        fill: value of pixels that are not valid.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    fill: float = 0.0

    @classmethod
    def of(cls, lock: Lock, *, fill: float = 0.0) -> Normalise:
        """With the statistics that the lock holds (`earthdex lock --statistics`), in the order of its bands.

        Raises:
            NotFound: the lock holds none.
        """
        bands = (lock.content.get("statistics") or {}).get("bands")
        if not bands:
            raise NotFound("The lock holds no statistics of its bands.", "Make it with `--statistics`.")
        rows = [(float(one["mean"] or 0.0), float(one["std"] or 1.0)) for one in bands]
        return cls(tuple(mean for mean, _ in rows), tuple(std for _, std in rows), fill)

    def __call__(self, batch: Batch, seed: int) -> Batch:  # noqa: D102
        image = batch.image.astype(np.float32)
        image -= _along(self.mean, image)
        image /= np.maximum(_along(self.std, image), 1e-12)
        np.copyto(image, np.float32(self.fill), where=~_spread(batch.valid, image))
        return replace(batch, image=image)

    def names(self, names: tuple[str, ...]) -> tuple[str, ...]:  # noqa: D102
        return names


@dataclass(frozen=True, slots=True)
class Scale:
    """pixel * factor + offset as float32, such as 1e-4 for reflectances stored as ten thousandths."""

    factor: float = 1e-4
    offset: float = 0.0

    def __call__(self, batch: Batch, seed: int) -> Batch:  # noqa: D102
        image = batch.image.astype(np.float32)
        image *= np.float32(self.factor)
        image += np.float32(self.offset)
        return replace(batch, image=image)

    def names(self, names: tuple[str, ...]) -> tuple[str, ...]:  # noqa: D102
        return names


@dataclass(frozen=True, slots=True)
class Bands:
    """Some channels, by 0-based position, in the given order."""

    positions: tuple[int, ...]

    def __call__(self, batch: Batch, seed: int) -> Batch:  # noqa: D102
        axis = channel_axis(batch.image)
        if not self.positions or not all(0 <= one < batch.image.shape[axis] for one in self.positions):
            raise RasterError(
                f"Channels {list(self.positions)} of {batch.image.shape[axis]}.", "Channels are counted from 0."
            )
        return replace(batch, image=np.take(batch.image, self.positions, axis=axis))

    def names(self, names: tuple[str, ...]) -> tuple[str, ...]:  # noqa: D102
        return tuple(names[one] for one in self.positions) if names else ()


@dataclass(frozen=True, slots=True)
class Index:
    """Appends (a - b) / (a + b) of two channels as a new one; all become float32.

    Attributes:
        a, b: 0-based channels: near infrared and red for NDVI.
        name: of the new channel.
    """

    a: int
    b: int
    name: str = "ndvi"

    @classmethod
    def named(cls, name: str, channels: Sequence[str]) -> Index:
        """A known index (`ndvi`, `ndwi`, `ndmi`, `mndwi`, `nbr`, `ndsi`) for channels of these names.

        Raises:
            RasterError: there is no such index, or a channel for it is missing.
        """
        if name not in INDICES:
            raise RasterError(f"There is no index {name!r}.", f"Known: {', '.join(INDICES)}.")
        known = {one.casefold(): number for number, one in reversed(list(enumerate(channels)))}
        found = [next((known[one.casefold()] for one in side if one.casefold() in known), -1) for side in INDICES[name]]
        if min(found) < 0:
            wanted = " and ".join(side[0] for side in INDICES[name])
            raise RasterError(
                f"{name} needs {wanted}; there are {', '.join(channels) or 'no names'}.", "Use Index(a, b)."
            )
        return cls(found[0], found[1], name)

    def __call__(self, batch: Batch, seed: int) -> Batch:  # noqa: D102
        image = batch.image.astype(np.float32)
        axis = channel_axis(image)
        if max(self.a, self.b) >= image.shape[axis]:
            raise RasterError(f"{self.name} of channels {self.a} and {self.b}.", f"There are {image.shape[axis]}.")
        a, b = np.take(image, [self.a], axis=axis), np.take(image, [self.b], axis=axis)
        total = a + b
        index = np.divide(a - b, total, out=np.zeros_like(total), where=total != 0)
        return replace(batch, image=np.concatenate([image, index], axis=axis))

    def names(self, names: tuple[str, ...]) -> tuple[str, ...]:  # noqa: D102
        return (*names, self.name) if names else ()


@dataclass(frozen=True, slots=True)
class Flips:
    """Each chip in one of its eight mirrored and turned forms (four of chips that are not square), with its target.

    Attributes:
        turn: whether chips are turned by quarters too; False: mirrored only.
    """

    turn: bool = True

    def __call__(self, batch: Batch, seed: int) -> Batch:  # noqa: D102
        image = batch.image
        if image.ndim < 4:
            raise RasterError("Pixel series cannot be mirrored.", "Leave Flips out.")
        square = image.shape[-1] == image.shape[-2]
        ways = (noise(batch.index, seed, batch.epoch, _MIRROR) * 4).astype(np.int64)
        quarter = (noise(batch.index, seed, batch.epoch, _TURN) < 0.5) & (self.turn and square)
        out, valid = image.copy(), batch.valid.copy()
        mask = None if batch.mask is None else batch.mask.copy()
        for way in range(8):
            at = np.flatnonzero((ways == way % 4) & (quarter == (way >= 4)))
            if way and len(at):
                out[at], valid[at] = _form(image[at], way), _form(batch.valid[at], way)
                if mask is not None and batch.mask is not None:
                    mask[at] = _form(batch.mask[at], way)
        boxes = batch.boxes and [
            _moved(one, int(way) + 4 * int(turn), image.shape[-2], image.shape[-1])
            for one, way, turn in zip(batch.boxes, ways, quarter, strict=True)
        ]
        return replace(batch, image=out, valid=valid, mask=mask, boxes=boxes)

    def names(self, names: tuple[str, ...]) -> tuple[str, ...]:  # noqa: D102
        return names


def _form(pixels: npt.NDArray[np.generic], way: int) -> npt.NDArray[np.generic]:
    """Mirrored left to right (bit 0) and top to bottom (bit 1) after rows and columns change places (bit 2)."""
    if way & 4:
        pixels = np.swapaxes(pixels, -1, -2)
    if way & 1:
        pixels = pixels[..., ::-1]
    return pixels[..., ::-1, :] if way & 2 else pixels


def _moved(boxes: npt.NDArray[np.float32], way: int, height: int, width: int) -> npt.NDArray[np.float32]:
    moved = boxes.copy()
    if way & 4:
        moved[:, :4] = moved[:, [1, 0, 3, 2]]
    if way & 1:
        moved[:, [0, 2]] = width - moved[:, [2, 0]]
    if way & 2:
        moved[:, [1, 3]] = height - moved[:, [3, 1]]
    return moved
