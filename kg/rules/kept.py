"""The spatial objects of a published version in a file beside it, so that the next process need not read them anew.

A version never changes, so neither does the file. One that is missing, damaged or of another form is made again;
where the folder cannot be written, each process reads for itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from ontology.terms import IRI, BNode, Literal

FILE = "objects.npz"
"""Its name in the folder of a version."""

_FORM = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What `SpatialObjects` is made of.

    Attributes:
        names: the objects.
        held: numbers of the literals of each object.
        literals: the geometry literals; None for what is written from its shape.
        shapes: array of their geometries in CRS84; None where unreadable.
        plain: which of them are compared as they are.
        single: numbers of the features with one geometry of one literal.
    """

    names: list[IRI | BNode]
    held: list[list[int]]
    literals: list[Literal | None]
    shapes: Any
    plain: Any
    single: set[int]


def load(path: Path) -> Kept | None:
    """What a file holds; None where it cannot be used."""
    import numpy as np
    import shapely

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as read:
            if int(read["form"]) != _FORM:
                return None
            names, texts, kinds = _texts(read, "names"), _texts(read, "texts"), _texts(read, "kinds")
            blank, plain = read["blank"], read["plain"]
            ends = read["held_ends"].tolist()
            every = read["held"].tolist()
            wkb = _split(read, "shapes")
            single = set(read["single"].tolist())
        shapes = shapely.from_wkb(np.asarray([one or None for one in wkb], dtype=object))
    except (
        OSError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        BadZipFile,
        shapely.errors.GEOSException,
    ):
        return None
    held = [every[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    if not (len(names) == len(blank) == len(held) and len(texts) == len(kinds) == len(shapes) == len(plain)):
        return None
    return Kept(
        [BNode(name) if is_blank else IRI(name) for name, is_blank in zip(names, blank.tolist(), strict=True)],
        held,
        [Literal(text, kind) if kind else None for text, kind in zip(texts, kinds, strict=True)],
        shapes,
        plain,
        single,
    )


def save(path: Path, found: Kept) -> None:
    """Writes the file where the folder allows it; literals in WKT that are plain are left to their shapes."""
    import numpy as np
    import shapely

    shapes = [one or b"" for one in shapely.to_wkb(found.shapes)] if len(found.shapes) else []
    told = [None if plain else one for one, plain in zip(found.literals, found.plain.tolist(), strict=True)]
    arrays: dict[str, Any] = {"form": np.int64(_FORM), "blank": np.asarray([isinstance(n, BNode) for n in found.names])}
    for name, items in (
        ("names", [one.encode() for one in found.names]),
        ("texts", [one.value.encode() if one else b"" for one in told]),
        ("kinds", [one.datatype.encode() if one else b"" for one in told]),
        ("shapes", shapes),
    ):
        arrays[name] = np.frombuffer(b"".join(items), dtype=np.uint8)
        arrays[f"{name}_ends"] = np.cumsum([len(one) for one in items], dtype=np.int64)
    arrays["held"] = np.asarray([item for items in found.held for item in items], dtype=np.int32)
    arrays["held_ends"] = np.cumsum([len(items) for items in found.held], dtype=np.int64)
    arrays["plain"], arrays["single"] = found.plain, np.asarray(sorted(found.single), dtype=np.int64)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    with suppress(OSError):
        with draft.open("wb") as file:
            np.savez(file, **arrays)
        os.replace(draft, path)
    with suppress(OSError):
        draft.unlink()


def _split(read: Any, name: str) -> Sequence[bytes]:  # noqa: ANN401 - numpy's archive
    data, ends = read[name].tobytes(), read[f"{name}_ends"].tolist()
    if ends and ends[-1] != len(data):
        raise ValueError("cut off")
    return [data[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def _texts(read: Any, name: str) -> list[str]:  # noqa: ANN401 - numpy's archive
    return [one.decode() for one in _split(read, name)]
