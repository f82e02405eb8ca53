"""Named files into groups: the bands and sensors of one place and time with their label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from training.layouts.named import Named
from training.layouts.words import band_key

_SHOWN = 5


@dataclass(slots=True)
class Group:
    """Files that become one item: images by role, at most one label raster, vector labels."""

    images: list[Named] = field(default_factory=list)
    labels: list[Named] = field(default_factory=list)
    vectors: list[Named] = field(default_factory=list)


def group_files(
    named: Iterable[Named], bands: Mapping[str, int], problems: list[str], shared: list[Named] | None = None
) -> list[Group]:
    """Groups in the order of their first image.

    Files belong together that share folders and name, role and fold words aside. A label without an image of its
    folders goes to the one image of the same name elsewhere, if there is one only.

    Args:
        named: the files.
        bands: rank by `band_key`: the channel order of one-band files; other bands follow by name.
        problems: what was left out and why is appended to it.
        shared: vector files that no image has the name of, perhaps labels of many, are appended to it.
    """
    groups: dict[str, Group] = {}
    others: list[Named] = []
    for one in named:
        if one.role in ("label", "vector"):
            others.append(one)
        else:
            groups.setdefault(one.key, Group()).images.append(one)
    elsewhere: dict[str, list[str]] = defaultdict(list)
    for key in groups:
        elsewhere[key.rpartition("/")[2]].append(key)
    lonely: list[str] = []
    for one in others:
        group = groups.get(one.key)
        if group is None:
            keys = elsewhere.get(one.stem, ()) if one.stem else ()
            group = groups[keys[0]] if len(keys) == 1 else None
        if group is None:
            if one.role == "label":
                lonely.append(one.path)
            elif shared is not None:
                shared.append(one)
            continue
        (group.labels if one.role == "label" else group.vectors).append(one)
    _told(problems, lonely, "no image of the same name: left out")
    _by_sensors(groups)
    return _sound(groups, bands, problems)


def _by_sensors(groups: dict[str, Group]) -> None:
    """Images of several sensors in folders of their own, whose label lies beside one of them, come together."""
    labelled = {key: group for key, group in groups.items() if group.labels or group.vectors}
    if not labelled:
        return
    by_stem: dict[str, list[str]] = defaultdict(list)
    for key in labelled:
        by_stem[key.rpartition("/")[2]].append(key)
    for key in [key for key in groups if key not in labelled]:
        keys = by_stem.get(key.rpartition("/")[2], ())
        if len(keys) == 1:
            host = groups[keys[0]]
            held = {(one.role, one.band) for one in host.images}
            if not any((one.role, one.band) in held for one in groups[key].images):
                host.images += groups.pop(key).images


def _sound(groups: Mapping[str, Group], bands: Mapping[str, int], problems: list[str]) -> list[Group]:
    found, twice, many = [], [], []
    for group in groups.values():
        kinds: dict[tuple[str, str], Named] = {}
        clash = next((one for one in group.images if kinds.setdefault((one.role, one.band), one) is not one), None)
        if clash is not None:
            twice.append(f"{kinds[clash.role, clash.band].path} and {clash.path}")
            continue
        if len(group.labels) > 1:
            many.append(f"{group.labels[0].path} and {group.labels[1].path}")
            continue
        group.images.sort(key=lambda one: (one.role, _rank(one.band, bands), one.path))
        found.append(group)
    _told(problems, twice, "several images of one kind share a name: say which by a pattern (image=...)")
    _told(problems, many, "several labels of one image: say which by a pattern (label=...)")
    return sorted(found, key=lambda one: one.images[0].path)


def _rank(band: str, bands: Mapping[str, int]) -> tuple[int, int, str]:
    """Channel order of a one-band file: as the catalogue says, else by number with B8A after B08."""
    if not band:
        return -1, 0, ""
    key = band_key(band)
    digits = "".join(c for c in key if c.isdigit())
    return bands.get(key, len(bands)), int(digits) if digits and key[0] == "b" else 0, key


def _told(problems: list[str], paths: Sequence[str], why: str) -> None:
    """One line for many files of one fate."""
    if paths:
        shown = ", ".join(one[:120] for one in paths[:_SHOWN])
        more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
        problems.append(f"{shown}{more}: {why}.")
