"""`earthdex remove`: takes scenes and sources out again, all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.home import open_writer
from kg.layout import default_path
from kg.virtual import scene_key
from kg.writer import GRAPH_KEY, Writer
from ontology.errors import NotFound

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed.

    Attributes:
        scenes: how many scenes.
        sources: keys of sources.
        version: the version without them.
    """

    scenes: int
    sources: tuple[str, ...]
    version: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def remove(
    names: Iterable[str],
    collections: Iterable[str] = (),
    home_path: str | Path | None = None,
    progress: Progress | None = None,
) -> Removed:
    """Removes scenes and sources from a catalogue.

    Args:
        names: IRIs of scenes; files, folders and addresses that were added as records or as RDF.
        collections: collections whose scenes all go.
        home_path: the catalogue's folder; `EARTHDEX_HOME` or the user's data folder by default.
        progress: called with (stage, done, total).

    Returns:
        Counts, and the new version. Scenes that are absent are passed over.

    Raises:
        NotFound: a name is neither a scene's IRI nor a source, or nothing was there to be removed; nothing is changed.
        StoreError: the catalogue cannot be written; nothing is changed then.
    """
    given, whole = list(names), list(collections)
    if not given and not whole:
        raise NotFound("Nothing to remove was named.", "Give IRIs of scenes, sources, or --collection.")
    keys = [key for one in given if (key := scene_key(one)) is not None]
    with open_writer(Path(home_path) if home_path is not None else default_path()) as writer:
        sources = [_source(one, writer) for one in given if scene_key(one) is None]
        scenes = writer.remove_scenes(keys, whole) if keys or whole else 0
        if not scenes and not sources:
            raise NotFound("There are no such scenes.", "Ask for their IRIs with `earthdex sparql`.")
        for one in sources:
            writer.remove_source(one)
        return Removed(scenes, tuple(sources), writer.publish(progress))


def _source(name: str, writer: Writer) -> str:
    """The key of a source that was added, by the name that it was added with."""
    known = writer.sources()
    here = str(Path(name).absolute())
    for key in (name, here, f"{GRAPH_KEY}{here}", f"{GRAPH_KEY}{name}"):
        if key in known:
            return key
    listed = ", ".join(sorted(known)[:5]) or "none"
    raise NotFound(f"{name[:200]!r} is no scene's IRI and no source that was added.", f"Sources are: {listed}.")
