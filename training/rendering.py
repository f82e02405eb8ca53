"""Channels into red, green and blue, and labels over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ontology.errors import NotFound
from training.layouts.words import band_key
from training.palette import Colour, is_left_over
from training.select.lock import Lock
from training.types import TARGET_ROLES, Array, Batch

Pixels = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

_ALPHA = 0.5
_PERCENTILES = (2.0, 98.0)
_SAR = ("vv", "vh", "hh", "hv")


def names_of_channels(lock: Lock) -> tuple[str, ...]:
    """Names of the channels of a lock's chips; empty where they are not all known."""
    item = next(iter(lock.items), None)
    parts = [part for part in item.parts if part.role not in TARGET_ROLES] if item is not None else []
    if lock.recipe.bands and all(isinstance(one, str) for one in lock.recipe.bands):
        return tuple(str(one) for one in lock.recipe.bands)
    if not parts or not all(part.names for part in parts):
        return ()
    names = tuple(name for part in parts for name in part.names)
    if lock.recipe.bands:
        numbers = range(1, len(names) + 1)
        return tuple(names[int(one) - 1] if one in numbers else str(one) for one in lock.recipe.bands)
    return names


def channels_shown(lock: Lock, count: int, bands: Sequence[str | int] = ()) -> tuple[int, ...]:
    """0-based channels to show: three for red, green and blue, or one in grey.

    Args:
        lock: what is shown.
        count: channels of a chip.
        bands: asked for, by name or 1-based number.

    Raises:
        NotFound: there is no such band.
    """
    names = names_of_channels(lock)
    keys = [band_key(one) for one in names]
    if bands:
        found = [_channel(one, keys, count) for one in bands]
        return tuple(found[:3] if len(found) >= 3 else found[:1])
    if len(keys) == count:
        guess = _visible(keys)
        if guess:
            return guess
        optical = [at for at, key in enumerate(keys) if key not in _SAR]
        if not optical or count < 3:
            return (0,)
        return tuple(optical[:3]) if len(optical) >= 3 else (optical[0],)
    # without names: a dozen bands are Sentinel-2's from its first on, fewer begin with blue, three are red first
    if count >= 10:
        return (3, 2, 1) if count >= 12 else (2, 1, 0)
    if count >= 4:
        return (2, 1, 0)
    return (0, 1, 2) if count == 3 else (0,)


def _visible(keys: Sequence[str]) -> tuple[int, ...]:
    """Channels of red, green and blue, by common names, else by the codes of Sentinel-2 and Landsat."""
    words = ("red", "green", "blue")
    if all(one in keys for one in words):
        return tuple(keys.index(one) for one in words)
    # Landsat 4 to 7 have no band 8A and no coastal band: without a sixth or ninth band, blue is band 1
    thematic = {"b1", "b2", "b3"} <= set(keys) and not {"b8a", "b9", "b6", "b11", "b12"} & set(keys)
    wanted = ("b3", "b2", "b1") if thematic else ("b4", "b3", "b2")
    return tuple(keys.index(one) for one in wanted) if all(one in keys for one in wanted) else ()


def _channel(band: str | int, keys: Sequence[str], count: int) -> int:
    if isinstance(band, int):
        if 1 <= band <= count:
            return band - 1
    elif band_key(band) in keys:
        return list(keys).index(band_key(band))
    raise NotFound(f"There is no band {band!r}.", f"Bands: {', '.join(keys) or f'numbers 1 to {count}'}.")


def stretch(images: Sequence[tuple[Array, Bools]]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Darkest and brightest value of each channel over all images: 2nd and 98th percentile of valid pixels.

    Args:
        images: (channels, height, width) with (height, width) validity.
    """
    lows, highs = [], []
    for channel in range(images[0][0].shape[0]):
        values = [np.asarray(image[channel], np.float64)[valid] for image, valid in images]
        flat = np.concatenate([one[:: max(1, len(one) // 20_000)] for one in values])
        flat = flat[np.isfinite(flat)]
        low, high = np.percentile(flat, _PERCENTILES) if flat.size else (0.0, 1.0)
        lows.append(low)
        highs.append(high if high > low else low + 1.0)
    return np.array(lows), np.array(highs)


def between(
    image: Array, valid: Bools, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Limits half way between those of all images and those of one: dark chips are seen, bright ones stay bright."""
    own_low, own_high = stretch([(image, valid)])
    return (low + own_low) / 2, (high + own_high) / 2


def to_rgb(image: Array, valid: Bools, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> Pixels:
    """(height, width, 3) of one or three channels; grey where nothing was measured."""
    scaled = (np.asarray(image, np.float64) - low[:, None, None]) / (high - low)[:, None, None]
    scaled = np.clip(np.nan_to_num(scaled), 0.0, 1.0)
    # a mild gamma: reflectances crowd at the dark end
    shown = (np.moveaxis(scaled, 0, -1) ** 0.8 * 255).round().astype(np.uint8)
    out: Pixels = np.repeat(shown, 3, axis=-1) if shown.shape[-1] == 1 else shown.copy()
    out[~valid] = 128
    return out


def painted(
    rgb: Pixels, batch: Batch, palette: Mapping[int, Colour], scheme: Mapping[int, str], ignore: int
) -> tuple[Pixels, set[int]]:
    """A picture with its mask or boxes over it, and the class values that show."""
    out = rgb.copy()
    seen: set[int] = set()
    if batch.mask is not None:
        mask = np.asarray(batch.mask[0])
        for value in np.unique(mask).tolist():
            if value == ignore or value not in palette or _is_background(value, scheme):
                continue
            seen.add(int(value))
            where = mask == value
            out[where] = (out[where] * (1 - _ALPHA) + np.array(palette[value]) * _ALPHA).astype(np.uint8)
    if batch.boxes:
        for left, top, right, bottom, value in batch.boxes[0].tolist():
            seen.add(int(value))
            _frame(out, left, top, right, bottom, palette.get(int(value), (255, 0, 0)))
    return out, seen


def _is_background(value: int, scheme: Mapping[int, str]) -> bool:
    """Whether a class is what is left over: it is not painted, so that the image is seen."""
    return value == min(scheme) and is_left_over(scheme[value])


def _frame(out: Pixels, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
    height, width = out.shape[:2]
    x0, x1 = (int(np.clip(one, 0, width - 1)) for one in (left, right))
    y0, y1 = (int(np.clip(one, 0, height - 1)) for one in (top, bottom))
    out[y0, x0 : x1 + 1] = out[y1, x0 : x1 + 1] = colour
    out[y0 : y1 + 1, x0] = out[y0 : y1 + 1, x1] = colour
