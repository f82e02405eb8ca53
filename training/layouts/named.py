"""One file of a dataset as its path tells: role, fold, band, and the key that it shares with what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from training.layouts.words import PICTURES, RASTERS, VECTORS, band_of, chunks, fold_of, role_of, told_by


class Named(NamedTuple):
    """A file as its path tells.

    Attributes:
        href: where it lies.
        path: below the root, with forward slashes.
        role: `image`, `label`, `vector` or a sensor.
        fold: the publisher's split; empty where the path tells none.
        band: where the file is one band of several (`B04`); empty otherwise.
        folder: the folders without those that only tell a role or a fold.
        stem: the name without the words that tell role and band.
        classes: names of its folders, the nearest first: one may be a class.
    """

    href: str
    path: str
    role: str
    fold: str
    band: str
    folder: str
    stem: str
    classes: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for an image, its other bands and sensors, and its label."""
        return f"{self.fold}:{self.folder}/{self.stem}"


# flags of clouds and saturation that producers put beside the bands
_QUALITY = {"qa", "scl", "udm", "udm2", "fmask", "cloudmask", "cldprb", "snwprb"}


@dataclass(frozen=True, slots=True)
class _Folder:
    role: str
    fold: str
    rest: str
    classes: tuple[str, ...]


def _folder(path: str) -> _Folder:
    role, fold, rest = "", "", []
    names = path.split("/") if path else []
    for name in names:
        pieces = chunks(name)
        roles = [role_of(piece) if len(pieces) == 1 else told_by(pieces, at) for at, piece in enumerate(pieces)]
        told = [one for one in roles if one]
        folds = [one for piece in pieces if (one := fold_of(piece))]
        if told:
            # the folder nearest to the file counts; a label anywhere above makes all below it labels
            role = "label" if "label" in (role, *told) else told[-1]
        if folds:
            fold = folds[-1]
        left = [one for one, known in zip(pieces, roles, strict=True) if not known and not fold_of(one)]
        if left:
            rest.append("_".join(left).casefold())
    return _Folder(role, fold, "/".join(rest), tuple(reversed(names)))


def wanted(path: str, pattern: str) -> bool:
    """Whether a path below the root fits a glob such as `S2/*_S2Hand.tif`; `**` stands for any folders."""
    return PurePosixPath(path).match(pattern) or fnmatchcase(path, pattern)


def read_names(paths: Iterable[tuple[str, str]], patterns: Mapping[str, str]) -> list[Named]:
    """Files as their paths tell, in the order of the paths; other kinds of file are left out.

    Args:
        paths: (href, path below the root).
        patterns: glob by role; a file that fits one has that role. Where roles of images are given, no other raster
            is an image; the same for labels.
    """
    folders: dict[str, _Folder] = {}
    images_told = any(role not in ("label", "vector") for role in patterns)
    label_told = bool({"label", "vector"} & patterns.keys())
    found: list[Named] = []
    every = sorted(paths, key=lambda one: one[1])
    tiffs = any(path.lower().endswith(RASTERS) for _, path in every)
    endings = (*RASTERS, *VECTORS) if tiffs else (*PICTURES, *VECTORS)
    for href, path in every:
        above, _, name = path.rpartition("/")
        lower = name.lower()
        if not lower.endswith(endings) or name[0] in "._" or "__MACOSX" in path:
            continue
        folder = folders.get(above)
        if folder is None:
            folder = folders[above] = _folder(above)
        pieces = chunks(name.rpartition(".")[0])
        # numbers tell nothing, and are most of what differs between a million names
        roles = ["" if one.isdigit() else told_by(pieces, at) for at, one in enumerate(pieces)]
        told = [one for one in roles if one]
        is_vector = lower.endswith(VECTORS)
        role = "label" if folder.role == "label" or "label" in told else (told[-1] if told else folder.role) or "image"
        if is_vector:
            role = "vector"
        given = next((one for one, glob in patterns.items() if wanted(path, glob)), "") if patterns else ""
        if given:
            role = given
        elif role != "label" and not _QUALITY.isdisjoint(map(str.casefold, pieces)):
            continue  # tells of other pixels, is no image of its own
        elif (role == "label" and label_told) or (role not in ("label", "vector") and images_told):
            continue
        band = band_of(pieces[-1]) if pieces and role not in ("label", "vector") else ""
        kept = [one for one, known in zip(pieces, roles, strict=True) if not known]
        kept = kept[:-1] if band else kept
        if band and kept and kept[-1].casefold() in ("sr", "toa", "boa"):
            kept.pop()
        fold = folder.fold or next((one for p in reversed(pieces) if (one := fold_of(p))), "")
        named = Named(
            href,
            path,
            role,
            fold,
            band,
            folder.rest,
            "_".join(kept).casefold(),
            folder.classes,
        )
        found.append(named)
    return found
