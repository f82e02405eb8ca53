"""`earthdex.lock`: a selection, frozen, so that the same lock gives the same batches anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ontology.errors import NotFound, RecordError
from training.distributions import LabelClass
from training.select.checks import bad_href, storable
from training.select.chips import ChipTable, Numbers, chip_table, pack_windows, unpack_windows
from training.select.columns import ItemTable, to_columns
from training.select.recipe import recipe_from_dict, recipe_to_dict
from training.select.roots import Roots, shortener
from training.select.selection import Selection, Source
from training.select.split import Split
from training.select.values import canonical, installed_version, text_problem
from training.types import Chip, Item, Recipe

FORMAT = "earthdex.lock/1"
MAX_BYTES = 4 << 30
_TEXTS = ("query", "sparql", "version", "earthdex")
_KEYS = {
    *("format", "digest", "earthdex", "query", "sparql", "version", "sources", "models", "classes", "recipe", "split"),
    *("chips", "statistics", "weights", "verdict", "problems", "windows", "items"),
}


@dataclass(frozen=True, slots=True)
class Lock:
    """A frozen selection. Made by `Lock.freeze` or `Lock.read`.

    Attributes:
        content: everything, as plain JSON; see docs/reference/lock.md.
        items: the items; paths below a root are joined to it.
        recipe: how chips are cut and made alike.
        table: the chips.
        split: folds; None where there are none.
        sources: where the items come from.
        classes: the class scheme.
        digest: `sha256:<hex>` of the content.
    """

    content: Mapping[str, Any]
    items: ItemTable
    recipe: Recipe
    table: ChipTable
    split: Split | None
    sources: tuple[Source, ...]
    classes: tuple[LabelClass, ...]
    digest: str

    @classmethod
    def freeze(
        cls,
        selection: Selection,
        recipe: Recipe | None = None,
        *,
        split: Split | None = None,
        statistics: Mapping[str, Any] | None = None,
        weights: Mapping[str, float] | None = None,
        verdict: Mapping[str, Any] | None = None,
        windows: Sequence[Numbers | None] | None = None,
        sizes: Callable[[Item], tuple[int, int]] | None = None,
    ) -> Lock:
        """Freezes a selection.

        Args:
            selection: what to freeze; items that a lock cannot name are left out and told.
            recipe: how chips are cut; whole items by default.
            split: folds of the items or chips; those of the publisher where None and items have some.
            statistics: of the bands, as plain JSON.
            weights: of the classes, by value.
            verdict: on the licences, as plain JSON.
            windows: for each item the windows to keep, None for all.
            sizes: height and width of an item's chip grid, where it is not that of the item.

        Raises:
            RecordError: no item has a chip; grids are needed and not known; a value that makes no sense.
        """
        recipe = recipe or Recipe()
        short = shortener(selection.sources)
        kept = _nameable(selection.items, short)
        problems = list(selection.problems)
        if len(kept) < len(selection.items):
            problems.append(f"{len(selection.items) - len(kept):,} items have names that a lock cannot hold: left out.")
            if split is not None:
                raise RecordError("The split counts items that the lock cannot hold.", "Rename them, or split later.")
            windows = [windows[number] for number in kept] if windows is not None else None
        items = [selection.items[number] for number in kept]
        heights, widths = _sizes(items, recipe, sizes)
        table = chip_table(heights, widths, recipe, windows)
        if not table.count:
            raise RecordError("The selection has no chips.", "Choose smaller chips, or look at its problems.")
        split = split or _publishers(items)
        content: dict[str, Any] = {
            "format": FORMAT,
            "earthdex": installed_version(),
            "query": selection.query,
            "sparql": selection.sparql,
            "version": selection.version,
            "sources": [
                {
                    "iri": one.iri,
                    "id": one.id,
                    "name": one.name,
                    "root": one.root if "://" in one.root else "",
                    "licences": list(one.licences),
                }
                for one in selection.sources
            ],
            "models": list(selection.models),
            "classes": [{"value": one.value, "name": one.name, "iri": one.iri} for one in selection.classes],
            "recipe": recipe_to_dict(recipe),
            "split": split.to_dict() if split is not None else None,
            "chips": table.count,
            "statistics": dict(statistics) if statistics is not None else None,
            "weights": {str(key): float(value) for key, value in weights.items()} if weights is not None else None,
            "verdict": dict(verdict) if verdict is not None else None,
            "problems": problems,
            "windows": _windows(table),
            "items": to_columns(items, selection.datasets, short),
        }
        stored = {"height": table.heights.tolist(), "width": table.widths.tolist()}
        if any(stored[one] != list(_expanded(content["items"][one], len(items))) for one in stored):
            content["items"]["chip_height"], content["items"]["chip_width"] = stored["height"], stored["width"]
        return cls.from_dict(json.loads(canonical(content)), {one.id: one.root for one in selection.sources})

    @classmethod
    def from_dict(cls, content: Any, root: str | Path | Mapping[str, str | Path] | None = None) -> Lock:  # noqa: ANN401
        """A lock from its JSON content; everything in it is checked.

        Args:
            content: the content; where it names a digest, it must be right.
            root: as for `read`.

        Raises:
            RecordError: it is no lock, of another format, changed after it was made, or hostile.
        """
        if not isinstance(content, dict) or not isinstance(content.get("format"), str):
            raise RecordError("This is no lock.", "`earthdex lock NAME -o earthdex.lock` makes one.")
        if content["format"] != FORMAT:
            raise RecordError(
                f"The lock has the format {content['format'][:40]!r}; this earthdex reads {FORMAT!r}.",
                "Make it anew, or use the earthdex that made it.",
            )
        if content.keys() - _KEYS or _KEYS - {"digest"} - content.keys():
            wrong = sorted((content.keys() - _KEYS) | (_KEYS - {"digest"} - content.keys()))[:5]
            raise RecordError(f"The lock has unknown or missing keys: {wrong}.", "Make the lock anew.")
        bare = {key: value for key, value in content.items() if key != "digest"}
        try:
            digest = "sha256:" + hashlib.sha256(canonical(bare)).hexdigest()
        except (ValueError, RecursionError, TypeError) as error:
            raise RecordError(f"The lock holds what JSON cannot: {error}.", "Make the lock anew.") from error
        if content.get("digest", digest) != digest:
            raise RecordError(
                "The lock was changed after it was made: its digest is another.", "Make it anew, or get the original."
            )
        for name in _TEXTS:
            if not isinstance(bare[name], str) or text_problem(bare[name], 1 << 20):
                raise RecordError(f"The lock's `{name}` is no text.", "Make the lock anew.")
        sources, classes = _sources(bare["sources"]), _classes(bare["classes"])
        _iris(bare["models"], "models")
        items = ItemTable(bare["items"], [one.iri for one in sources])
        recipe = recipe_from_dict(bare["recipe"])
        table = _table(bare, items, recipe)
        split = Split.from_dict(bare["split"], len(items), table.count)
        lock = cls({**bare, "digest": digest}, items, recipe, table, split, sources, classes, digest)
        return lock.at(root)

    @classmethod
    def read(cls, path: str | Path, *, root: str | Path | Mapping[str, str | Path] | None = None) -> Lock:
        """Reads a lock file.

        Args:
            path: the file.
            root: folder or web folder of the data here; one for each source id where there are several. By default
                the web folder that the lock names, else a folder called as the source beside the lock or here.

        Raises:
            NotFound: there is no such file.
            RecordError: it is no lock, of another format, changed after it was made, or hostile.
        """
        place = Path(path)
        try:
            if place.stat().st_size > MAX_BYTES:
                raise RecordError(f"{place} is too large for a lock.", "Give a lock file.")
            content = json.loads(place.read_bytes())
        except FileNotFoundError:
            raise NotFound(f"There is no file {place}.", "`earthdex lock NAME -o earthdex.lock` makes one.") from None
        except (OSError, ValueError, RecursionError) as error:
            raise RecordError(
                f"{place} is no lock: {str(error)[:200]}.", "Give a file that `earthdex lock` made."
            ) from None
        lock = cls.from_dict(content, root)
        return lock if root is not None else lock.at(Roots.beside(lock.sources, place.parent))

    def at(self, root: str | Path | Mapping[str, str | Path] | None) -> Lock:
        """The same lock with its data elsewhere; see `read`.

        Raises:
            NotFound: the lock has no source of that id, or several of them and one root.
        """
        roots = Roots.of(self.sources, root)
        items = self.items.joined(roots.join)
        sources = tuple(replace(one, root=place) for one, place in zip(self.sources, roots.places, strict=True))
        return replace(self, items=items, sources=sources)

    def write(self, path: str | Path) -> None:
        """Writes the lock; the same lock gives the same bytes.

        Raises:
            RecordError: the file cannot be written.
        """
        place = Path(path)
        scratch = place.with_name(place.name + ".part")
        try:
            scratch.write_bytes(self.to_bytes())
            scratch.replace(place)
        except OSError as error:
            raise RecordError(f"{place} cannot be written: {error.strerror}.", "Choose another place.") from error

    def to_bytes(self) -> bytes:
        """The file: JSON with a line for each key, and within `items` for each column."""
        first = [key for key in ("format", "digest", "earthdex", "query") if key in self.content]
        lines = []
        for key in (*first, *sorted(self.content.keys() - {*first, "items"})):
            lines.append(f"{json.dumps(key)}: ".encode() + canonical(self.content[key]))
        columns = self.content["items"]
        inner = b",\n".join(
            b"  " + json.dumps(key).encode() + b": " + canonical(columns[key]) for key in sorted(columns)
        )
        lines.append(b'"items": {\n' + inner + b"\n}")
        return b"{\n" + b",\n".join(lines) + b"\n}\n"

    @property
    def count(self) -> int:
        """How many chips there are."""
        return self.table.count

    @property
    def version(self) -> str:
        """What the graph held when it was frozen."""
        return str(self.content["version"])

    def chip(self, number: int, epoch: int = 0) -> Chip:
        """Where a chip lies; random crops lie elsewhere in each epoch. Raises IndexError."""
        return self.table.chip(number, epoch)

    def chips(self, numbers: Sequence[int] | Numbers, epoch: int = 0) -> Numbers:
        """(n, 5) item, row, column, height and width of chips. Raises IndexError."""
        return self.table.chips(numbers, epoch)

    def numbers(self, split: str = "") -> Numbers:
        """Numbers of the chips of a fold in order; of all chips, those in no fold too, by default.

        Raises:
            NotFound: there is no such fold.
        """
        everything = np.arange(self.count, dtype=np.int64)
        if not split:
            return everything
        if self.split is None or split not in self.split.folds:
            folds = ", ".join(self.split.folds) if self.split is not None else "none"
            raise NotFound(f"The lock has no fold {split!r}.", f"Its folds: {folds}.")
        wanted: npt.NDArray[np.bool_] = self.split.codes == self.split.folds.index(split)
        return everything[wanted] if self.split.of == "chips" else everything[wanted[self.table.items_of(everything)]]


def _nameable(items: Sequence[Item], short: Callable[[Item, str], str]) -> Sequence[int]:
    """Numbers of the items whose files a lock can name."""
    if bad_href([short(item, part.href) for item in items for part in item.parts]) is None:
        return range(len(items))
    return [at for at, one in enumerate(items) if all(storable(short(one, part.href)) for part in one.parts)]


def _sizes(
    items: Sequence[Item], recipe: Recipe, sizes: Callable[[Item], tuple[int, int]] | None
) -> tuple[list[int], list[int]]:
    needed = recipe.sampling != "whole" and recipe.size > 0
    found = []
    for item in items:
        if sizes is not None:
            found.append(sizes(item))
        elif item.grid is not None:
            found.append((item.grid.height, item.grid.width))
        elif needed:
            raise RecordError(f"The size of {item.iri} is not known.", "Read the headers first.")
        else:
            found.append((0, 0))
    return [one[0] for one in found], [one[1] for one in found]


def _publishers(items: Sequence[Item]) -> Split | None:
    folds = sorted({one.fold for one in items if one.fold}, key=lambda one: (_ORDER.get(one, 9), one))
    if not folds:
        return None
    numbers = {name: [at for at, one in enumerate(items) if one.fold == name] for name in folds}
    return Split.of_numbers(numbers, len(items), method="publisher")


_ORDER = {"train": 0, "validation": 1, "test": 2}


def _windows(table: ChipTable) -> list[str | None] | None:
    if table.windows is None:
        return None
    size, stride = table.recipe.size, table.recipe.stride or table.recipe.size
    total = [
        max((int(h) - size) // stride + 1, 0) * max((int(w) - size) // stride + 1, 0)
        for h, w in zip(table.heights, table.widths, strict=True)
    ]
    return [None if one is None else pack_windows(one, n) for one, n in zip(table.windows, total, strict=True)]


def _expanded(column: Any, count: int) -> list[int]:  # noqa: ANN401
    if isinstance(column, dict):
        return [column["all"]] * count if "all" in column else [column["values"][code] for code in column["codes"]]
    return list(column)


def _table(content: Mapping[str, Any], items: ItemTable, recipe: Recipe) -> ChipTable:
    heights, widths = items.chip_sizes(content["items"])
    stored, windows = content["windows"], None
    if stored is not None:
        if not isinstance(stored, list) or len(stored) != len(items) or recipe.sampling == "whole":
            raise RecordError("The lock's `windows` do not fit its items.", "Make the lock anew.")
        plain = chip_table(heights, widths, replace(recipe, sampling="grid"))
        totals = np.diff(plain.offsets).tolist()
        if any(not (one is None or isinstance(one, str)) for one in stored):
            raise RecordError("The lock's `windows` are no text.", "Make the lock anew.")
        windows = [None if one is None else unpack_windows(one, n) for one, n in zip(stored, totals, strict=True)]
    table = chip_table(heights, widths, recipe, windows)
    if content["chips"] != table.count or type(content["chips"]) is not int:
        raise RecordError(
            f"The lock speaks of {str(content['chips'])[:40]} chips; its items give {table.count:,}.", "Make it anew."
        )
    return table


def _iris(found: Any, name: str) -> list[str]:  # noqa: ANN401
    if not isinstance(found, list) or len(found) > 100_000:
        raise RecordError(f"The lock's `{name}` is no list.", "Make the lock anew.")
    for one in found:
        if not isinstance(one, str) or text_problem(one, 4096) or any(sign in one for sign in ' <>"{}|\\^`'):
            raise RecordError(f"The lock's `{name}` holds {str(one)[:80]!r}, which is no IRI.", "Make the lock anew.")
    return found


def _sources(found: Any) -> tuple[Source, ...]:  # noqa: ANN401
    if not isinstance(found, list) or len(found) > 100_000:
        raise RecordError("The lock's `sources` are no list.", "Make the lock anew.")
    made = []
    for one in found:
        if not isinstance(one, dict) or one.keys() != {"iri", "id", "name", "root", "licences"}:
            raise RecordError(f"A source in the lock is none: {str(one)[:80]}.", "Make the lock anew.")
        texts = (one["id"], one["name"], one["root"])
        if not all(isinstance(text, str) and not text_problem(text, 4096) for text in texts):
            raise RecordError(f"A source in the lock is none: {str(one)[:80]}.", "Make the lock anew.")
        if one["root"] and not storable(one["root"].rstrip("/") + "/file" if "://" in one["root"] else "://"):
            raise RecordError(f"The lock's root {one['root'][:80]!r} is no web folder.", "Make the lock anew.")
        if not one["id"] or not storable(one["id"]):
            raise RecordError(f"{one['id'][:80]!r} cannot name a source.", "Make the lock anew.")
        iri = _iris([one["iri"]], "sources")[0]
        made.append(Source(iri, one["id"], one["name"], one["root"], tuple(_iris(one["licences"], "licences"))))
    if len({one.id for one in made}) < len(made):
        raise RecordError("Two sources in the lock have one id.", "Make the lock anew.")
    return tuple(made)


def _classes(found: Any) -> tuple[LabelClass, ...]:  # noqa: ANN401
    if not isinstance(found, list) or len(found) > 1_000_000:
        raise RecordError("The lock's `classes` are no list.", "Make the lock anew.")
    made = []
    for one in found:
        good = (
            isinstance(one, dict)
            and one.keys() == {"value", "name", "iri"}
            and type(one["value"]) is int
            and abs(one["value"]) < 1 << 31
            and isinstance(one["name"], str)
            and not text_problem(one["name"], 4096)
        )
        if not good:
            raise RecordError(f"A class in the lock is none: {str(one)[:80]}.", "Make the lock anew.")
        made.append(LabelClass(one["name"], one["value"], _iris([one["iri"]], "classes")[0]))
    return tuple(made)
