"""Vector files that label many images: one COCO file, or one GeoJSON for all scenes of a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ontology.errors import EarthdexError
from training.layouts.groups import Group
from training.layouts.named import Named

_MOST = 64


def attach_shared(
    groups: Sequence[Group], shared: Sequence[Named], read: Callable[[str], bytes] | None, problems: list[str]
) -> None:
    """Gives images without labels those of the files that name them.

    A COCO file labels the images it names, of its own fold where several files name one. A GeoJSON labels all images
    beside and below it.

    Args:
        groups: changed in place.
        shared: vector files that no image has the name of.
        read: gives the first bytes of a file; without it JSON is not looked at.
        problems: what was left out and why is appended to it.
    """
    bare = [one for one in groups if not one.labels and not one.vectors]
    if not bare or not shared:
        return
    by_stem: dict[str, list[Group]] = {}
    for group in bare:
        for image in group.images:
            by_stem.setdefault(_stem(image.path), []).append(group)
    for one in shared[:_MOST]:
        if one.path.lower().endswith(".geojson"):
            for group in bare:
                if not group.vectors and _beside(one, group):
                    group.vectors.append(one)
        elif read is not None:
            for stem in _coco_images(one.href, read):
                for group in by_stem.get(stem, ()):
                    _put(group, one)
    if len(shared) > _MOST and any(one.vectors for one in bare):
        problems.append(f"More than {_MOST} label files belong to no image by name: the others were not looked at.")


def _put(group: Group, one: Named) -> None:
    if not group.vectors:
        group.vectors.append(one)
    elif one not in group.vectors and one.fold and one.fold == group.images[0].fold:
        group.vectors[0] = one


def _beside(one: Named, group: Group) -> bool:
    """Whether an image lies in the folder of a file or below it, folders of labels and folds aside."""
    image = group.images[0]
    near = not one.folder or image.folder == one.folder or image.folder.startswith(one.folder + "/")
    return near and (not one.fold or not image.fold or one.fold == image.fold)


def _coco_images(href: str, read: Callable[[str], bytes]) -> list[str]:
    """Names, without folder and ending, of the images that a COCO file names; empty where it is something else."""
    try:
        found: Any = json.loads(read(href))
    except (EarthdexError, ValueError, RecursionError):
        return []
    if not isinstance(found, Mapping) or not isinstance(found.get("annotations"), list):
        return []
    images = found.get("images")
    if not isinstance(images, list):
        return []
    names = [one.get("file_name") for one in images if isinstance(one, Mapping)]
    return [_stem(one) for one in names if isinstance(one, str)]


def _stem(path: str) -> str:
    name = path.replace("\\", "/").rpartition("/")[2]
    return (name.rpartition(".")[0] or name).casefold()
