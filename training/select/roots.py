"""Where the data of a lock lies on this machine: the lock itself names paths below a root only."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ontology.errors import NotFound
from training.io.listing import is_web, relative
from training.select.selection import Source
from training.types import Item

Root = str | Path | Mapping[str, str | Path] | None


@dataclass(frozen=True, slots=True)
class Roots:
    """The root of each source, in their order; empty where it is not known."""

    places: tuple[str, ...]

    @classmethod
    def of(cls, sources: Sequence[Source], root: Root) -> Roots:
        """Roots as given, else those that the sources name.

        Raises:
            NotFound: no source has that id; one root was given for several sources.
        """
        if root is None:
            return cls(tuple(one.root for one in sources))
        if not isinstance(root, Mapping):
            if len(sources) > 1:
                base = str(root)
                # a folder with one folder for each source
                return cls(tuple(f"{base.rstrip('/')}/{one.id}" for one in sources))
            return cls(tuple(str(root) for _ in sources))
        unknown = root.keys() - {one.id for one in sources}
        if unknown:
            raise NotFound(
                f"The lock has no source {sorted(unknown)[0]!r}.", f"Its sources: {', '.join(o.id for o in sources)}."
            )
        return cls(tuple(str(root.get(one.id, one.root)) for one in sources))

    @classmethod
    def beside(cls, sources: Sequence[Source], folder: Path) -> dict[str, str]:
        """For each source without a root the folder of its name beside the lock, else below the working folder."""
        found = {}
        for one in sources:
            if not one.root:
                beside = folder / one.id
                found[one.id] = str(beside if beside.is_dir() else Path(one.id))
        return found

    def join(self, source: int, path: str) -> str:
        """The href of a path of a source."""
        root = self.places[source]
        if "://" in path or not root:
            return path
        if is_web(root) or "://" in root:
            file, mark, member = path.partition("!/")
            return f"{root.rstrip('/')}/{quote(file)}{mark}{member}"
        return f"{root.rstrip('/') or ''}/{path}"


def shortener(sources: Sequence[Source]) -> Callable[[Item, str], str]:
    """How hrefs of items are stored: below the root of their source where they lie there."""
    roots = {one.iri: one.root.rstrip("/") for one in sources}

    def shorten(item: Item, href: str) -> str:
        root = roots.get(item.dataset, "")
        if not root or not href.startswith(root):
            return href
        if "://" not in root:
            below = href[len(root) :].replace("\\", "/") if os.sep == "\\" else href[len(root) :]
            return below[1:] if below.startswith("/") else href
        file, mark, member = href.partition("!/")
        return relative(root, file) + mark + member

    return shorten
