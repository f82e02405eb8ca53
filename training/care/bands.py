"""Bands matched by wavelength: between data sets, and from a data set to what a model wants.

Two bands are alike as far as their stretches of wavelength overlap: the stretch they share over the stretch they cover
together. Radar channels are alike when their polarisations are. A band that only has a common name stands for the
bands of that name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ontology.errors import EarthdexError

Quality = Literal["same", "good", "partial", "extrapolated", "missing"]
_DEFAULT_WIDTH = 30.0  # nanometres of a band whose width is not known
_GOOD = 0.5
_POLARISATIONS = {"vv", "vh", "hh", "hv"}


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a data set, model or scene.

    Attributes:
        name: `B04`, `SR_B4`, `VV` or a common name.
        iri: in the graph; empty for one from elsewhere.
        common: common name (`red`); empty where unknown.
        centre, width: nanometres; None where unknown or not optical.
        resolution: metres a pixel; None where unknown.
        number: 1-based place in a file or input, 0 where unknown.
        assumed: whether the wavelengths are those that the common name usually means.
    """

    name: str
    iri: str = ""
    common: str = ""
    centre: float | None = None
    width: float | None = None
    resolution: float | None = None
    number: int = 0
    assumed: bool = False

    @property
    def stretch(self) -> tuple[float, float] | None:
        """Shortest and longest wavelength, nanometres."""
        if self.centre is None:
            return None
        half = (self.width or _DEFAULT_WIDTH) / 2
        return self.centre - half, self.centre + half


@dataclass(frozen=True, slots=True)
class Pair:
    """A wanted band and what stands for it.

    Attributes:
        wanted: the band of the target.
        source: the band that is taken; None where missing.
        quality: same; good (at least half overlaps); partial; extrapolated (near or of the same common name, but no
            overlap); missing.
        overlap: 0 to 1: the stretch both share over the stretch they cover together; of radar channels 1.
        covered: 0 to 1: the share of the wanted stretch that the source sees.
        shift: centre of the source minus that wanted, nanometres; None where unknown.
        resample: what is done to the pixels, in words.
    """

    wanted: Band
    source: Band | None
    quality: Quality
    overlap: float = 0.0
    covered: float = 0.0
    shift: float | None = None
    resample: str = ""


@dataclass(frozen=True, slots=True)
class BandMatch:
    """How the bands of a source serve a target.

    Attributes:
        pairs: one for each wanted band, in its order.
        unused: bands of the source that nothing wants.
        resolution: metres a pixel that all are brought to; None where no band tells.
    """

    pairs: tuple[Pair, ...]
    unused: tuple[Band, ...]
    resolution: float | None

    @property
    def score(self) -> float:
        """Mean overlap of all wanted bands, 0 to 1."""
        return sum(one.overlap for one in self.pairs) / len(self.pairs) if self.pairs else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of wanted bands that nothing stands for."""
        return tuple(one.wanted.name for one in self.pairs if one.source is None)

    def order(self) -> tuple[str, ...]:
        """Names of the source's bands in the order wanted, as `Recipe.bands` takes them.

        Raises:
            EarthdexError: one is missing.
        """
        if self.missing:
            raise EarthdexError(
                f"Nothing stands for {', '.join(self.missing)}.", "Choose other data, or a model that wants less."
            )
        return tuple(one.source.name for one in self.pairs if one.source is not None)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `earthdex bands --json` prints."""
        return {
            "score": round(self.score, 4),
            "resolution_m": self.resolution,
            "missing": list(self.missing),
            "extrapolated": [one.wanted.name for one in self.pairs if one.quality == "extrapolated"],
            "unused": [one.name for one in self.unused],
            "pairs": [
                {
                    "wanted": one.wanted.name,
                    "assumed": one.wanted.assumed or bool(one.source and one.source.assumed),
                    "source": one.source.name if one.source else None,
                    "quality": one.quality,
                    "overlap": round(one.overlap, 4),
                    "covered": round(one.covered, 4),
                    "shift_nm": None if one.shift is None else round(one.shift, 3),
                    "resample": one.resample or None,
                }
                for one in self.pairs
            ],
        }

    def text(self) -> str:
        """The same in words."""
        at = f", at {self.resolution:g} m" if self.resolution else ""
        lines = [f"{len(self.pairs) - len(self.missing)} of {len(self.pairs)} bands, overlap {self.score:.2f}{at}"]
        for one in self.pairs:
            wanted = f"{one.wanted.name}{_nm(one.wanted)}"
            if one.source is None:
                lines.append(f"  {wanted} <- missing")
                continue
            shift = f", {one.shift:+.1f} nm" if one.shift else ""
            resample = f", {one.resample}" if one.resample else ""
            lines.append(
                f"  {wanted} <- {one.source.name}{_nm(one.source)}: {one.quality}, overlap {one.overlap:.2f}"
                f"{shift}{resample}"
            )
        if self.unused:
            lines.append(f"  not wanted: {', '.join(one.name for one in self.unused)}")
        return "\n".join(lines)


def _nm(band: Band) -> str:
    about = "about " if band.assumed else ""
    return f" ({about}{band.centre:g} nm)" if band.centre is not None else ""


# nanometres that common names usually mean (STAC eo extension, common band names; definitions of the scheme `band`)
_USUAL = {
    "coastal aerosol": (430, 455),
    "blue": (450, 520),
    "green": (520, 600),
    "yellow": (585, 625),
    "red": (620, 690),
    "near infrared": (760, 900),
    "narrow near infrared": (850, 880),
    "water vapour": (930, 960),
    "cirrus": (1350, 1400),
    "SWIR 1": (1550, 1750),
    "SWIR 2": (2080, 2350),
}


def usual(band: Band) -> Band:
    """A band of unknown wavelengths with those that its common name usually means; itself where that is no help."""
    stretch = _USUAL.get(band.common)
    if band.centre is not None or stretch is None:
        return band
    return replace(band, centre=sum(stretch) / 2, width=float(stretch[1] - stretch[0]), assumed=True)


def match_bands(
    source: Sequence[Band],
    wanted: Sequence[Band],
    *,
    tolerance_nm: float = 40.0,
    reuse: bool = False,
    resolution: float | None = None,
) -> BandMatch:
    """Finds for each wanted band the band of a source that is most like it.

    Pairs are made best first, so that no band is taken by a worse match before a better one.

    Args:
        source: bands at hand.
        wanted: bands of the target, in its order.
        tolerance_nm: how far apart the edges of two bands may lie for one to stand for the other, as extrapolation.
        reuse: whether one band may stand for several.
        resolution: metres a pixel that all are brought to; the target's finest, else the source's finest, by default.
    """
    ranked = []
    for at, target in enumerate(wanted):
        for place, one in enumerate(source):
            quality, overlap, distance = _likeness(one, target, tolerance_nm)
            if quality != "missing":
                rank = ("same", "good", "partial", "extrapolated").index(quality)
                ranked.append((rank, -overlap, distance, at, place, quality))
    chosen: dict[int, tuple[int, Quality]] = {}
    taken: set[int] = set()
    for _, _, _, at, place, quality in sorted(ranked, key=lambda one: one[:5]):
        if at not in chosen and (reuse or place not in taken):
            chosen[at] = place, quality
            taken.add(place)
    used = [source[place] for place, _ in chosen.values()]
    known = [one.resolution for one in wanted if one.resolution] or [one.resolution for one in used if one.resolution]
    grid = resolution or (min(known) if known else None)
    pairs = []
    for at, target in enumerate(wanted):
        if at not in chosen:
            pairs.append(Pair(target, None, "missing"))
            continue
        place, quality = chosen[at]
        one = source[place]
        overlap, covered = _overlap(one, target)
        shift = one.centre - target.centre if one.centre is not None and target.centre is not None else None
        pairs.append(Pair(target, one, quality, overlap, covered, shift, _resampling(one.resolution, grid)))
    return BandMatch(tuple(pairs), tuple(one for place, one in enumerate(source) if place not in taken), grid)


def _overlap(one: Band, other: Band) -> tuple[float, float]:
    a, b = one.stretch, other.stretch
    if a is None or b is None:
        alike = (one.iri and one.iri == other.iri) or (one.common and one.common.casefold() == other.common.casefold())
        radar = one.common.casefold() in _POLARISATIONS
        return (1.0, 1.0) if alike and (radar or one.iri == other.iri) else (0.0, 0.0)
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    both = max(a[1], b[1]) - min(a[0], b[0])
    return shared / both if both else 0.0, shared / (b[1] - b[0]) if b[1] > b[0] else 0.0


def _likeness(one: Band, other: Band, tolerance: float) -> tuple[Quality, float, float]:
    """(quality, overlap, distance of the centres in nm) of two bands."""
    overlap, _ = _overlap(one, other)
    common = bool(one.common) and one.common.casefold() == other.common.casefold()
    known = one.centre is not None and other.centre is not None
    distance = abs((one.centre or 0.0) - (other.centre or 0.0)) if known else 0.0
    if one.iri and one.iri == other.iri:
        return "same", 1.0, 0.0
    if overlap >= _GOOD:
        return "good", overlap, distance
    if overlap > 0:
        return "partial", overlap, distance
    a, b = one.stretch, other.stretch
    if a is not None and b is not None:
        gap = max(a[0], b[0]) - min(a[1], b[1])
        near = gap <= tolerance
        return ("extrapolated" if near else "missing"), 0.0, distance
    # without wavelengths a common name is all there is; radar channels never stand for one another
    return ("extrapolated" if common else "missing"), 0.0, math.inf


def _resampling(pixel: float | None, grid: float | None) -> str:
    if not pixel or not grid or math.isclose(pixel, grid, rel_tol=1e-3):
        return ""
    if pixel < grid:
        return f"averaged from {pixel:g} m"
    return f"interpolated from {pixel:g} m (adds no detail)"


def stac_bands(item: Mapping[str, Any]) -> list[Band]:
    """Bands of a STAC item of any version, one for each asset and band, with wavelengths where it gives them.

    Reads `eo:bands` of assets (objects, or places in the item's own list as before STAC 1.0) and `bands` of STAC 1.1;
    wavelengths are micrometres there. The name is the asset's key where it has one band.
    """
    properties = item.get("properties") if isinstance(item.get("properties"), Mapping) else {}
    shared = properties.get("eo:bands") if isinstance(properties, Mapping) else None
    found: list[Band] = []
    assets = item.get("assets")
    for key, asset in assets.items() if isinstance(assets, Mapping) else ():
        if not isinstance(asset, Mapping):
            continue
        told = asset.get("bands") or asset.get("eo:bands")
        if not isinstance(told, list):
            continue
        rows = []
        for one in told:
            if (
                isinstance(one, int)
                and not isinstance(one, bool)
                and isinstance(shared, list)
                and 0 <= one < len(shared)
            ):
                one = shared[one]
            if isinstance(one, Mapping):
                rows.append(one)
        for number, row in enumerate(rows, 1):
            found.append(_stac_band(str(key), row, asset, number, len(rows)))
    return found


def _stac_band(key: str, row: Mapping[str, Any], asset: Mapping[str, Any], number: int, count: int) -> Band:
    def figure(*names: str, of: Sequence[Mapping[str, Any]] = (row,)) -> float | None:
        for name in names:
            for one in of:
                value = one.get(name)
                if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e6:
                    return float(value)
        return None

    centre = figure("eo:center_wavelength", "center_wavelength")
    width = figure("eo:full_width_half_max", "full_width_half_max")
    common = str(row.get("eo:common_name") or row.get("common_name") or "")
    # what answers to no wavelength is no optical band
    return Band(
        str(row.get("name") or key) if count > 1 or row.get("name") else key,
        "",
        COMMON.get(common, common),
        None if centre is None else centre * 1_000,
        None if width is None else width * 1_000,
        figure("gsd", "eo:gsd", "raster:spatial_resolution", of=(row, asset)),
        number,
    )


# common names of the STAC eo extension -> labels of the scheme `band`
COMMON = {
    "coastal": "coastal aerosol",
    "rededge": "red edge",
    "rededge071": "red edge",
    "rededge075": "red edge",
    "rededge078": "red edge",
    "nir": "near infrared",
    "nir08": "narrow near infrared",
    "nir09": "water vapour",
    "pan": "panchromatic",
    "swir16": "SWIR 1",
    "swir22": "SWIR 2",
    "lwir": "thermal infrared",
    "lwir11": "thermal infrared",
    "lwir12": "thermal infrared",
}
