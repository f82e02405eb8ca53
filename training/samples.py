"""Files into samples: chips in class folders, and images with their masks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ontology.errors import NotFound
from training.distributions import LabelClass
from training.io.listing import relative

_RASTERS = (".tif", ".tiff")
# words in file and folder names that tell what a raster is, as real datasets use them
_MASK_WORDS = {"mask", "masks", "label", "labels", "labelhand", "gt", "groundtruth", "annotation", "annotations"}
_IMAGE_WORDS = {"image", "images", "input", "inputs", "img", "s2hand", "s1hand", "merged", "s1", "s2", "source"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One training sample: an image, and either a class value or a mask of class values.

    Attributes:
        image: path or URL of the image.
        mask: path or URL of the label raster; empty for chips.
        label: class value of a chip; None for pairs.
    """

    image: str
    mask: str = ""
    label: int | None = None


def _key(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text.casefold()))


def _words(path: str) -> list[str]:
    """The words of a path's last folder and file name: `Labels/A_7_LabelHand.tif` -> labels, a, 7, labelhand."""
    parts = PurePosixPath(path).with_suffix("").parts[-2:]
    return [word.casefold() for part in parts for word in re.findall(r"[^\W_]+", part)]


def _identity(path: str) -> str:
    """What is left of a name without the words that tell its role: the same for an image and its mask."""
    stem = PurePosixPath(path).stem
    return "_".join(word for word in re.findall(r"[^\W_]+", stem.casefold()) if word not in _MASK_WORDS | _IMAGE_WORDS)


def class_chips(root: str | Path, files: Iterable[str], classes: Sequence[LabelClass]) -> list[Sample]:
    """Chips whose folder names their class, as in EuroSAT.

    Args:
        root: the folder that `files` lie in.
        files: paths or URLs.
        classes: the dataset's classes in the graph; spelling, case and spaces of the folder name do not matter.

    Raises:
        NotFound: no folder name is a class.
    """
    values = {_key(one.name): one.value for one in classes}
    found, strange = [], set()
    for href in files:
        path = PurePosixPath(relative(root, href))
        if path.suffix.lower() not in _RASTERS:
            continue
        value = values.get(_key(path.parent.name))
        if value is None:
            strange.add(path.parent.name)
        else:
            found.append(Sample(href, label=value))
    if not found:
        named = ", ".join(sorted(strange)[:5]) or "none"
        known = ", ".join(one.name for one in classes[:10]) or "none: the catalogue knows no classes of this dataset"
        raise NotFound(f"No folder is named after a class (folders: {named}).", f"Classes: {known}.")
    return found


def _wanted(path: str, pattern: str) -> bool:
    return PurePosixPath(path).match(pattern)


def image_mask_pairs(root: str | Path, files: Iterable[str], *, image: str = "", mask: str = "") -> list[Sample]:
    """Images with the label raster of the same name.

    Args:
        root: the folder that `files` lie in.
        files: paths or URLs.
        image: glob of the images, such as `S2/*_S2Hand.tif`; by default every raster that is no mask.
        mask: glob of the masks; by default rasters whose name or folder says mask, label, annotation or the like.

    Raises:
        NotFound: no image has a mask, or several images claim one and no glob says which is meant.
    """
    rasters = {href: relative(root, href) for href in files if href.lower().endswith(_RASTERS)}
    masks: dict[str, str] = {}
    images: dict[str, list[str]] = defaultdict(list)
    for href, path in rasters.items():
        is_mask = _wanted(path, mask) if mask else bool(_MASK_WORDS & set(_words(path)))
        if is_mask:
            masks[_identity(path)] = href
        elif not image or _wanted(path, image):
            images[_identity(path)].append(href)
    several = next((names for key, names in images.items() if key in masks and len(names) > 1), None)
    if several:
        shown = ", ".join(rasters[one] for one in several)
        raise NotFound(f"Several images share one mask: {shown}.", "Say which: stream(..., image='S2/*.tif').")
    pairs = [Sample(names[0], mask=masks[key]) for key, names in sorted(images.items()) if key in masks]
    if not pairs:
        raise NotFound(
            f"No image has a mask of the same name among {len(rasters)} rasters.",
            "Say which is which: stream(..., image='*_input.tif', mask='*_label.tif').",
        )
    return pairs


def find_samples(
    root: str | Path, files: Sequence[str], classes: Sequence[LabelClass], *, image: str = "", mask: str = ""
) -> list[Sample]:
    """Samples of either layout: pairs where there are masks, else chips in class folders."""
    has_masks = bool(mask) or any(
        _MASK_WORDS & set(_words(relative(root, href))) for href in files if href.lower().endswith(_RASTERS)
    )
    if has_masks:
        return image_mask_pairs(root, files, image=image, mask=mask)
    return class_chips(root, files, classes)
