"""The one writer: changes sources and scenes, then publishes them as a new version that readers see at once.

Each source (the built-in catalogue, each thing that a user added) keeps its quads in a file of its own; a version's
graph is the union of all of them. So the built-in catalogue is replaced without touching what users added, adding the
same again changes nothing, and a damaged graph is built again from the files. Where two sources say the same, it
stays until neither does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from kg.layout import BUILTIN, Layout, Manifest, file_errors, replace_file, sync_folder
from kg.locks import FileLock
from kg.nquads import Quad, changes, mentions, without_shared, write
from kg.oxigraph import OxigraphStore
from kg.updates.journal import Changes, append, read
from ontology.errors import StoreCorrupt, StoreLocked
from ontology.namespaces import BASE
from ontology.records import Scene

if TYPE_CHECKING:
    from typing import Self

    from kg.scenewriter import SceneCounts, SceneWriter

GRAPH_KEY = "graph:"
"""How keys of sources begin that are RDF of any kind, rather than records."""

CHANGES = "changes"
"""Stands for what updates changed, among the keys of sources that speak of scenes."""

SCENE_MARK = f"<{BASE}scene/".encode()

_BULK = 50_000  # changed lines from which on sorted files are faster than transactions

Progress = Callable[[str, int, int], None]


class Writer:
    """Holds the lock of a catalogue folder; see `kg.home.open_writer`. Not safe for threads."""

    def __init__(self, layout: Layout) -> None:
        """Takes the lock and clears what a killed writer left.

        Raises:
            StoreLocked: another process writes.
            StoreError: read-only, full, damaged, or written by a newer earthdex.
        """
        self._layout = layout
        layout.check_format()
        layout.create()
        with file_errors(layout.root):
            lock = FileLock.exclusive(layout.root / "writer.lock")
        if lock is None:
            raise StoreLocked(
                f"Another earthdex is writing to {layout.root}.", "Wait until it is done, then run the command again."
            )
        self._lock = lock
        try:
            found = layout.current()
            self._was = found or Manifest()
            self._sources = dict(self._was.sources)
            self._mentioning = set(self._was.mentioning)
            self._catalogue = self._was.catalogue
            self._changes = self._was.changes
            self._resourced = False  # what sources say changed in the graph
            self._published = found is not None
            self._graph: OxigraphStore | None = None
            self._scenes: SceneWriter | None = None
            layout.prune(self._was)
        except BaseException:
            lock.release()
            raise
        self._next = f"{int(self._was.version) + 1:06d}"
        self._draft = layout.versions / f"{self._next}.tmp"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the graph ---------------------------------------------------------------------------------------------

    def replace_builtin(self, quads: Iterable[Quad], catalogue_version: str, progress: Progress | None = None) -> bool:
        """Makes the quads the built-in catalogue; what users added stays.

        Args:
            quads: (subject, predicate, object, graph or None).
            catalogue_version: what `kg.home.builtin_version` tells from now on.
            progress: called with (stage, done, total).

        Returns:
            Whether anything but the version changed.
        """
        changed = self._set(BUILTIN, quads, progress)
        self._catalogue = catalogue_version
        return changed

    def add_graph(self, quads: Iterable[Quad], source_key: str, progress: Progress | None = None) -> bool:
        """Makes the quads all that a source says; what it said before and no longer says goes.

        Args:
            quads: (subject, predicate, object, graph or None). Blank nodes are the source's own.
            source_key: names the source, such as a path or URL; any text but `builtin`.
            progress: called with (stage, done, total).

        Returns:
            Whether anything changed.
        """
        return self._set(f"user:{source_key}", quads, progress)

    def add_graphs(self, sources: Iterable[tuple[str, Iterable[Quad]]]) -> list[bool]:
        """As `add_graph` for many small sources, (key, quads) each, in one change of the graph: far faster.

        Returns:
            Whether anything changed, for each source.

        Raises:
            RecordError: a term that is none; nothing is changed then.
        """
        folder = self._layout.sources
        made: dict[str, Path] = {}
        changed: list[bool] = []
        for key, quads in sources:
            with file_errors(self._layout.root):
                made[f"user:{key}"] = write(quads, folder, f"user:{key}")
            changed.append(self._sources.get(f"user:{key}") != made[f"user:{key}"].name)
        pairs = []
        for key, new in made.items():  # only now: a bad source raises before anything is changed
            old = self._sources.get(key)
            if old != new.name:
                self._sources[key] = new.name
                self._note_scenes(key, new)
                pairs.append((folder / old if old else None, new))
        if pairs:
            self._apply_all(pairs)
        return changed

    def _apply_all(self, pairs: list[tuple[Path | None, Path]]) -> None:
        """As `_apply` for many sources: their lines in one file, and one look at what others still say."""
        store = self._open_graph()
        self._resourced = True
        added: list[bytes] = []
        removed: set[bytes] = set()
        lost = any(old is not None and not old.exists() for old, _ in pairs)
        for old, new in () if lost else pairs:
            for is_new, line in changes(old, new):
                added.append(line) if is_new else removed.add(line)
        if lost or len(removed) > _BULK:
            store.close()
            self._rebuild(self._draft / "graph", self._sources.values())
            return
        gone = list(without_shared(removed, [self._layout.sources / name for name in self._sources.values()]))
        lot = self._draft / "added.nq"
        with file_errors(self._layout.root):
            lot.write_bytes(b"".join(added))
        store.change_lines(b"", b"".join(gone))
        store.load_quads(lot)
        lot.unlink(missing_ok=True)

    def remove_source(self, source_key: str) -> bool:
        """Removes what only that source said. Returns whether there was such a source."""
        key = f"user:{source_key}"
        if key not in self._sources:
            return False
        self._apply(self._layout.sources / self._sources.pop(key), None, None)
        return True

    def sources(self) -> tuple[str, ...]:
        """Keys of what users added."""
        return tuple(key.removeprefix("user:") for key in self._sources if key != BUILTIN)

    def _set(self, key: str, quads: Iterable[Quad], progress: Progress | None) -> bool:
        folder = self._layout.sources
        with file_errors(self._layout.root):
            new = write(_counted(quads, progress), folder, key)
        old = self._sources.get(key)
        if old == new.name:
            return False
        self._sources[key] = new.name
        self._note_scenes(key, new)
        self._apply(folder / old if old else None, new, progress)
        return True

    def _note_scenes(self, key: str, path: Path) -> None:
        """Notes whether a source speaks of scenes."""
        self._mentioning.discard(key)
        if mentions(path, SCENE_MARK):
            self._mentioning.add(key)

    def _apply(self, old: Path | None, new: Path | None, progress: Progress | None) -> None:
        """Brings the graph from what a source said to what it says. `self._sources` holds the new state already."""
        store = self._open_graph()
        self._resourced = True
        if progress is not None:
            progress("graph", 0, 0)
        if old is not None and not old.exists():
            store.close()
            self._rebuild(self._draft / "graph", self._sources.values())
            return
        if new is not None and old is None:
            store.load_quads(new)
            return
        added: list[bytes] = []
        removed: set[bytes] = set()
        for is_new, line in changes(old, new):
            added.append(line) if is_new else removed.add(line)
        if len(removed) > _BULK:  # one by one they would take longer than all sources together
            store.close()
            self._rebuild(self._draft / "graph", self._sources.values())
            return
        if len(added) > _BULK and new is not None:
            store.load_quads(new)
            added = []
        others = [self._layout.sources / name for name in self._sources.values() if new is None or name != new.name]
        store.change_lines(b"".join(added), b"".join(without_shared(removed, others)))

    def _open_graph(self) -> OxigraphStore:
        """The draft's graph: the published one by hard links, or built from the sources if that is damaged."""
        if self._graph is not None:
            return self._graph
        with file_errors(self._layout.root):
            shutil.rmtree(self._draft, ignore_errors=True)
            self._draft.mkdir(parents=True)
        target = self._draft / "graph"
        if self._was.sources:
            try:
                published = OxigraphStore.read_only(self._layout.graph(self._was.version))
                published.backup(target)
                published.close()
                self._graph = OxigraphStore.open(target)
            except StoreCorrupt:
                self._rebuild(target, self._was.sources.values())
        else:
            self._graph = OxigraphStore.open(target)
        if self._graph is None:
            raise StoreCorrupt(f"The graph in {target} could not be made.", "Check the disk.")
        return self._graph

    def _rebuild(self, target: Path, names: Iterable[str]) -> None:
        shutil.rmtree(target, ignore_errors=True)
        self._resourced = True
        store = OxigraphStore.open(target)
        for name in names:
            path = self._layout.sources / name
            if path.exists():
                store.load_quads(path)
        self._graph = store

    def repair(self) -> str:
        """Builds the graph of the published version again from its sources, and publishes that."""
        with file_errors(self._layout.root):
            shutil.rmtree(self._draft, ignore_errors=True)
            self._draft.mkdir(parents=True)
        missing = [key for key, name in self._sources.items() if not (self._layout.sources / name).exists()]
        for key in missing:
            del self._sources[key]
        if BUILTIN in missing:
            self._catalogue = ""
        self._rebuild(self._draft / "graph", self._sources.values())
        return self.publish()

    @property
    def version(self) -> str:
        """The published version."""
        return self._was.version

    @property
    def next_version(self) -> str:
        """The version that `publish` makes where anything changed."""
        return self._next

    # --- updates -----------------------------------------------------------------------------------------------

    def carry_over(self, name: str) -> None:
        """Lets the next version have a file that lies beside the graph of this one, for what did not change."""
        with suppress(OSError):
            os.link(self._layout.versions / self._was.version / name, self._draft / name)

    def draft_graph(self) -> OxigraphStore:
        """The graph that `publish` will publish: what is changed in it must be noted with `note_changes`."""
        return self._open_graph()

    def note_changes(self, made: Changes) -> str:
        """Keeps changes that were made in `draft_graph`, so that they outlive every change of the sources.

        Returns:
            Name of the file that holds them: a version whose manifest names it has them.

        Raises:
            DiskFull: they cannot be kept.
        """
        with file_errors(self._layout.root):
            self._changes = append(self._layout.sources, self._changes, made)
        if any(new and SCENE_MARK in line for line, new in made.lines.items()):
            self._mentioning.add(CHANGES)
        return self._changes[-1]

    def _replay(self) -> None:
        """Brings what updates changed into a graph whose sources changed."""
        if not self._changes:
            return
        store = self._open_graph()
        made = read(self._layout.sources, self._changes)
        store.change_lines(made.quads(added=True), made.quads(added=False))
        names = set(store.graph_names())
        for graph, new in made.graphs():
            if new:
                store.add_graph(graph)
            elif graph in names and not any(True for _ in store.matching(graph=graph)):
                store.remove_graph(graph)

    # --- scenes ------------------------------------------------------------------------------------------------

    def add_scenes(self, scenes: Iterable[Scene], progress: Progress | None = None) -> SceneCounts:
        """Adds scenes; one whose collection and identifier are there already takes the place of that one.

        Returns:
            How many are new, replaced another, or were there just so.

        Raises:
            GeometryError: a footprint is no WKB.
        """
        with file_errors(self._layout.root):
            return self._scene_writer().add(scenes, progress)

    def remove_scenes(self, keys: Iterable[tuple[str, str]] = (), collections: Iterable[str] = ()) -> int:
        """Removes scenes.

        Args:
            keys: (collection, identifier) of single scenes; those that are absent are passed over.
            collections: names of collections that go as a whole.

        Returns:
            How many there were.
        """
        with file_errors(self._layout.root):
            return self._scene_writer().remove(keys, collections)

    def add_scene_files(self, paths: Sequence[Path], progress: Progress | None = None) -> SceneCounts:
        """Adds GeoParquet files of the scenes table's own schema as they are; see `SceneWriter.add_files`.

        Returns:
            How many scenes are new, took another's place, or stood twice in the files.

        Raises:
            RecordError: a file is not whole, of another schema, or its footprints are not as the table's are.
        """
        with file_errors(self._layout.root):
            return self._scene_writer().add_files(paths, progress)

    def _scene_writer(self) -> SceneWriter:
        if self._scenes is None:
            from kg.scenewriter import SceneWriter

            self._scenes = SceneWriter(self._layout.scenes, [self._layout.scenes / one for one in self._was.scenes])
        return self._scenes

    # --- versions ----------------------------------------------------------------------------------------------

    def publish(self, progress: Progress | None = None) -> str:
        """Makes all changes visible to readers at once; they are on disk when this returns.

        Returns:
            The new version; the published one where nothing changed.
        """
        if progress is not None:
            progress("publish", 0, 1)
        if self._resourced:
            self._replay()
            self._entail()
        with file_errors(self._layout.root):
            made = self._made()
            if replace(made, version=self._was.version) == self._was and self._graph is None and self._published:
                return self._was.version
            self._store(made)
            self._layout.prune(made)
        self._was, self._published, self._resourced = made, True, False
        self._next = f"{int(made.version) + 1:06d}"
        self._draft = self._layout.versions / f"{self._next}.tmp"
        if progress is not None:
            progress("publish", 1, 1)
        return made.version

    def _entail(self) -> None:
        """Lays down what follows, by RDFS, from a changed graph that holds RDF of any kind; see decision 6."""
        if self._graph is None:
            return
        from kg.rules.entailment import ENTAILED, entail

        if any(key.startswith(f"user:{GRAPH_KEY}") for key in self._sources):
            entail(self._graph)
        elif self._graph.has_graph(ENTAILED):
            self._graph.remove_graph(ENTAILED)

    def renew_indexes(self) -> int:
        """Makes the indexes that parts of the scenes table lack, or that another earthdex wrote; returns how many.

        They serve the published version at once. `publish` does it, too.
        """
        parts = [self._layout.scenes / one for one in self._was.scenes]
        if not parts:
            return 0
        from kg.scenes.index import lacking

        with file_errors(self._layout.root):
            return self._scene_writer().add_indexes() if lacking(parts) else 0

    def _made(self) -> Manifest:
        scenes, count = self._was.scenes, self._was.scene_count
        if self._scenes is None:
            with suppress(StoreCorrupt):  # what is published stays as it is
                self.renew_indexes()
        if self._scenes is not None:
            count = self._scenes.finish()
            scenes = tuple(one.name for one in self._scenes.parts)
            self._scenes.close()
            self._scenes = None
        mentioning = tuple(sorted(self._mentioning & {*self._sources, CHANGES}))
        return Manifest(self._next, self._catalogue, dict(self._sources), scenes, count, mentioning, self._changes)

    def _store(self, made: Manifest) -> None:
        store = self._open_graph()
        fresh = not self._was.sources
        if fresh:
            store.optimize()
        store.flush()
        store.close()
        self._graph = None
        (self._draft / "lock").touch()
        replace_file(self._draft / "version.json", made.to_json())
        final = self._layout.versions / made.version
        shutil.rmtree(final, ignore_errors=True)
        self._draft.rename(final)
        sync_folder(self._layout.versions)
        replace_file(self._layout.pointer, made.to_json())

    def close(self) -> None:
        """Drops what was not published and lets the lock go; a second call does nothing."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None
        if self._scenes is not None:
            self._scenes.discard()
            self._scenes = None
        shutil.rmtree(self._draft, ignore_errors=True)
        self._lock.release()


def _counted(quads: Iterable[Quad], progress: Progress | None) -> Iterable[Quad]:
    if progress is None:
        yield from quads
        return
    for number, quad in enumerate(quads):
        if number % 5000 == 0:
            progress("records", number, 0)
        yield quad
