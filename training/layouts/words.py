"""What the words of file and folder names tell: role, fold, band, day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

RASTERS = (".tif", ".tiff")
VECTORS = (".geojson", ".json")
# images where a dataset has no GeoTIFF; beside GeoTIFFs they are previews
PICTURES = (".png", ".jpg", ".jpeg")

_MASK = {
    *("mask", "masks", "label", "labels", "gt", "groundtruth", "annotation", "annotations", "annot", "target"),
    *("targets", "truth", "lbl", "segmentation_mask", "refmap", "reference", "referencemap"),
}
_IMAGE = {"image", "images", "img", "imgs", "imagery", "input", "inputs", "source", "merged", "chip_image"}
# roles of images beside one another; the role is the first word of each row
_SENSORS = {
    word: row[0]
    for row in (
        ("s1", "sentinel1", "sar"),
        ("s2", "sentinel2", "msi"),
        ("s3", "sentinel3"),
        ("landsat", "l5", "l7", "l8", "l9", "landsat8", "landsat9"),
        ("hls",),
        ("naip",),
        ("modis",),
        ("planet", "planetscope", "ps"),
        ("rgb",),
        ("pan", "panchromatic"),
        ("dem", "dsm", "dtm", "elevation", "srtm"),
        ("t1", "pre", "before", "im1", "time1"),
        ("t2", "post", "after", "im2", "time2"),
    )
    for word in row
}
_FOLDS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
_LONGEST_FOLD = max(map(len, _FOLDS))
_BAND = re.compile(r"(?i)b\d{1,2}a?|[vh]{2}|red|green|blue|nir|swir[12]?|rededge\d?")
_CHUNK = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:T(\d\d)(\d\d)(\d\d))?(?!\d)")
_TILE = re.compile(r"(?<![A-Za-z0-9])T?(\d{2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])(?![A-Za-z0-9])")


@lru_cache(maxsize=1 << 16)
def role_of(chunk: str) -> str:
    """What a piece of a name says about the file: `label`, `image`, a sensor (`s1`), or nothing.

    `LabelHand`, `S2Hand` and `gt` tell a role, `Spain` and `7370579` do not. Labels win: `S1OtsuLabelHand` is one.
    """
    whole = chunk.casefold()
    parts = [one.casefold() for one in _CAMEL.findall(chunk)]
    if whole in _MASK or not _MASK.isdisjoint(parts):
        return "label"
    for word in (whole, *parts[:1]):
        if word in _SENSORS:
            return _SENSORS[word]
    return "image" if whole in _IMAGE or not _IMAGE.isdisjoint(parts) else ""


def told_by(pieces: Sequence[str], number: int) -> str:
    """The role that a piece of a file name tells; `T1` of a Landsat product and the like tell none."""
    piece = pieces[number]
    if piece.casefold() in ("t1", "t2"):
        return ""
    # `reference_map`: the second word belongs to the first
    if piece.casefold() in ("map", "maps") and number and role_of(pieces[number - 1]) == "label":
        return "label"
    if piece.casefold() == "ground" and pieces[number + 1 : number + 2] == ["truth"]:
        return "label"
    return role_of(piece)


def fold_of(chunk: str) -> str:
    """The publisher's split that a piece of a name means: `train`, `validation`, `test` or nothing."""
    return _FOLDS.get(chunk.casefold(), "") if len(chunk) <= _LONGEST_FOLD else ""


def chunks(name: str) -> list[str]:
    """The pieces of a name: `Spain_7370579_S2Hand` -> Spain, 7370579, S2Hand."""
    return _CHUNK.findall(name)


def band_of(chunk: str) -> str:
    """The band that the last piece of a name means, as publishers write it (`B04`, `VV`, `red`), or nothing."""
    if not _BAND.fullmatch(chunk):
        return ""
    return chunk.upper() if len(chunk) <= 3 and not chunk.islower() else chunk.casefold()


def band_key(name: str) -> str:
    """The same for all spellings of a band: `B4`, `b04` and `Sentinel-2 B04` -> `b4`."""
    last = name.replace("_", " ").split()[-1] if name.split() else ""
    found = re.fullmatch(r"(?i)b0*(\d+a?)", last)
    return f"b{found[1]}".casefold() if found else "".join(_CHUNK.findall(name)).casefold()


def day_of(text: str) -> str:
    """The first date in a name, as ISO 8601: a day, or an instant where a time stands behind it."""
    found = _DAY.search(text)
    if not found:
        return ""
    day = f"{found[1]}-{found[3]}-{found[4]}"
    return f"{day}T{found[5]}:{found[6]}:{found[7]}Z" if found[5] else day


def tile_of(text: str) -> str:
    """The MGRS tile that a name tells, without the leading T."""
    found = _TILE.search(text)
    return found[1] if found else ""


def plain(text: str) -> str:
    """Letters and digits only, for comparing names: `Annual Crop` and `AnnualCrop` -> `annualcrop`."""
    return "".join(_CHUNK.findall(text.casefold()))
