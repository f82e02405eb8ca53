"""The catalogue's folder: readers open the last published version, one writer makes the next.

Layout of `EARTHDEX_HOME` (else the user's data folder)::

    format.json              format of this layout
    current                  name of the published version; replaced by one atomic rename
    writer.lock              held by the writer
    sources/<hash>.nq        the quads of each source, the built-in catalogue among them; graphs are built from these
    scenes/<name>.parquet    immutable parts of the scenes table; their indexes beside them
    versions/<n>/            graph/ (a RocksDB folder), version.json (its sources and scene parts), lock (of readers)

Reading::

    with open_home() as home:                      # raises NotFound where nothing was built yet
        home.query("SELECT ...")                   # in this process: queries of our own making
        home.query(text, timeout=60.0)             # text from outside: in a worker process that is killed in time
        home.graph, home.scenes, home.version, home.builtin_version, home.path, home.is_stale()

Writing (`kg.writer.Writer`); nothing is seen by readers before `publish`, and nothing is kept without it::

    with open_writer(path) as writer:              # StoreLocked, StoreReadOnly, StoreTooNew, DiskFull
        writer.replace_builtin(quads, catalogue_version="...")  # (subject, predicate, object, graph or None)
        writer.add_graph(quads, source_key="file:/data/collection.json")  # -> True where something changed
        writer.remove_source(source_key)           # -> True where there was one
        writer.sources()                           # keys that users added
        counts = writer.add_scenes(scenes)         # SceneCounts(added, replaced, unchanged)
        writer.publish()                           # -> str, the new version; the same one where nothing changed

`builtin_version(path)` reads the catalogue version that is published, "" where nothing is, without opening a store
(well under a millisecond): what a first-use build asks before anything else.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from kg.geosparql.check import check_functions
from kg.guard import inspect_once
from kg.layout import Layout, Manifest, default_path
from kg.locks import FileLock
from kg.scenes import SceneTable
from kg.solutions import Result, with_notes, with_sources
from kg.trace import step
from kg.virtual import SCENE_CLASS
from ontology.errors import EarthdexError, NotFound, StoreCorrupt, StoreError, StoreReadOnly

if TYPE_CHECKING:
    from typing import Self

    from kg.live import LiveScenes, LiveTier
    from kg.oxigraph import OxigraphStore
    from kg.planner.planner import Planner
    from kg.remote import RemoteStore
    from kg.rules.rules import Rules
    from kg.trace import Explanation
    from kg.workers import Workers
    from kg.writer import Writer

_LONG = 100_000  # characters of a query with pairs written into it


class Home:
    """One published version, open for reading. Safe for threads; changes published later are not seen."""

    def __init__(self, layout: Layout, manifest: Manifest, lock: FileLock | None) -> None:
        """Use `open_home`."""
        self._layout = layout
        self._manifest = manifest
        self._lock = lock
        self._graph: OxigraphStore | None = None
        self._remote: RemoteStore | None = None
        self._planners: dict[bool, Planner] = {}
        self._rules: Rules | None = None
        self._workers: Workers | None = None
        self._live: LiveTier | None = None
        self._everything: LiveScenes | None = None
        self.scenes = _scene_table([layout.scenes / name for name in manifest.scenes])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The catalogue's folder."""
        return self._layout.root

    @property
    def layout(self) -> Layout:
        """Where the files of the folder are."""
        return self._layout

    @property
    def manifest(self) -> Manifest:
        """What the version is made of."""
        return self._manifest

    @property
    def version(self) -> str:
        """Name of the version that this one reads; after an `@` the content of the server, if the graph is on one."""
        if self._remote is None:
            return self._manifest.version
        return f"{self._manifest.version}@{self._remote.revision or 'server'}"

    @property
    def kept(self) -> Path | None:
        """A folder for what is made from this version's graph; None where the content of a server has no name."""
        if self._remote is None:
            return self._layout.versions / self._manifest.version
        if not self._remote.revision:
            return None
        folder = self._layout.root / "servers" / self._remote.identity
        with suppress(OSError):  # it only saves time
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def builtin_version(self) -> str:
        """Version of the built-in catalogue in it."""
        return self._manifest.catalogue

    @property
    def graph(self) -> OxigraphStore:
        """The graph tier, without scenes; read only.

        Raises:
            StoreCorrupt: its files are damaged.
        """
        # a store on a server offers all that is read of an embedded one
        return self.local_graph if self._remote is None else cast("OxigraphStore", self._remote)

    @property
    def local_graph(self) -> OxigraphStore:
        """The graph in this folder, also where another one on a server is asked.

        Raises:
            StoreCorrupt: its files are damaged.
        """
        if self._graph is None:
            from kg.oxigraph import OxigraphStore

            self._graph = OxigraphStore.read_only(self._layout.graph(self._manifest.version))
        return self._graph

    @property
    def remote(self) -> RemoteStore | None:
        """The graph on a server that is asked in place of that in this folder; None: there is none."""
        return self._remote

    @remote.setter
    def remote(self, store: RemoteStore | None) -> None:
        self._forget_live()
        self._remote = store

    @property
    def content(self) -> str:
        """Names what the graph in this folder holds: the same for the same sources."""
        return " ".join([*sorted(self._manifest.sources.values()), *self._manifest.changes])

    @property
    def sources(self) -> dict[str, str]:
        """Name of the content of each source in this folder, by its key (`builtin`, `user:...`)."""
        return dict(self._manifest.sources)

    @property
    def live(self) -> LiveTier | None:
        """The live tier whose scenes queries see as well; None: they see those of this catalogue alone."""
        return self._live

    @live.setter
    def live(self, tier: LiveTier | None) -> None:
        if tier is not None and type(self.scenes) is not SceneTable:
            raise StoreError(
                "Live sources cannot be joined with scenes on a cluster.",
                "Unset EARTHDEX_SCENES, or switch the sources off with `earthdex sources disable`.",
            )
        self._forget_live()
        self._live = tier
        if tier is not None:
            from kg.live import LiveScenes

            self._everything = LiveScenes(self.scenes, tier)

    def _forget_live(self) -> None:
        self._planners.clear()
        self._rules = None
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        if self._everything is not None:
            self._everything.close()
            self._everything = None

    def query(
        self, sparql: str, timeout: float | None = None, max_rows: int | None = None, rules: bool | None = None
    ) -> Result:
        """Runs a query over graph and scenes as one graph.

        Args:
            sparql: a SELECT, ASK, CONSTRUCT or DESCRIBE query with GeoSPARQL functions.
            timeout: None: in this process, without a limit of time, for queries of our own making. Seconds: in a
                worker process with bounded memory, killed when the time is over.
            max_rows: QueryTooLarge is raised above so many rows or triples; a worker has its own bound.
            rules: whether the query sees what follows from statements (RDFS entailment) and from geometries (spatial
                relations such as `geo:sfWithin`). None: it does where it has a timeout, thus comes from outside, unless
                `EARTHDEX_REWRITE` is `off`.

        Raises:
            QuerySyntaxError: with line and column.
            QueryNotAllowed: an update, LOAD or SERVICE.
            QueryTooLarge: over a limit of size, rows, time or memory.
            StoreCorrupt: the version's files are damaged.
        """
        if rules is None:
            rules = timeout is not None and os.environ.get("EARTHDEX_REWRITE", "") != "off"
        if timeout is not None:
            return self._killable().query(sparql, timeout, rules)
        return self._run(sparql, max_rows, rules=rules)

    def _killable(self) -> Workers:
        if self._workers is None:
            from kg.workers import Workers

            self._workers = Workers(self.path, self._manifest.version, live=self._live, store=self._remote)
        return self._workers

    def _run(self, sparql: str, max_rows: int | None = None, *, rules: bool = False) -> Result:
        inspect_once(sparql)
        check_functions(sparql)
        if not rules:
            return self._planned(sparql, sparql, self.graph, max_rows)
        own = self._ruled()
        text, graph = own.prepare(sparql)
        return with_notes(self._planned(sparql, text, graph, max_rows), own.notes(sparql, text))

    def _planned(self, asked: str, sparql: str, graph: OxigraphStore, max_rows: int | None) -> Result:
        """The result of a query as it is to be run, over a graph and the scenes."""
        key = graph is not self.graph  # what follows is read as well
        if key not in self._planners:
            from kg.planner.planner import Planner

            self._planners[key] = Planner(graph, self._everything or self.scenes, bool(self._manifest.mentioning))
        # thousands of pairs written into a query that no scene takes part in need not be read once more
        long = len(sparql) > max(len(asked), _LONG) and SCENE_CLASS not in sparql
        if long and not self._planners[key].meets_scenes(asked):
            with step("graph", "the whole query with its pairs (no scene can take part in it)") as done:
                found = graph.query(sparql, max_rows=max_rows)
                done.rows_out = 1 if isinstance(found, bool) else len(found)
            return found
        if self._everything is None:
            return self._planners[key].run(sparql, max_rows)
        self._everything.listen()
        return with_sources(self._planners[key].run(sparql, max_rows), [one.note() for one in self._everything.heard()])

    def _ruled(self) -> Rules:
        if self._rules is None:
            from kg.rules.rules import Rules

            scenes = self._everything or self.scenes
            self._rules = Rules(self.graph, None if scenes.is_empty else scenes)
        return self._rules

    def explain(self, sparql: str, timeout: float | None = None, *, rules: bool = True) -> Explanation:
        """How a query is run, step by step: runs it and tells what went where.

        Args:
            sparql: as for `query`.
            timeout: as for `query`; milliseconds are the worker's own.
            rules: as for `query`.

        Raises:
            QuerySyntaxError: and all else that `query` raises.
        """
        from kg.trace import Explanation, listening

        if timeout is not None:
            return self._killable().explain(sparql, timeout, rules)
        started = time.perf_counter()
        with listening() as trace:
            found = self._run(sparql, rules=rules)
        ms = (time.perf_counter() - started) * 1000
        return Explanation(tuple(trace.steps), 1 if isinstance(found, bool) else len(found), ms, self.version)

    def is_stale(self) -> bool:
        """Whether a newer version was published. Costs a few microseconds."""
        found = self._layout.current()
        if found is not None and found.version != self._manifest.version:
            return True
        return self._remote is not None and self._remote.is_stale()

    def close(self) -> None:
        """Lets files and the version go; a second call does nothing."""
        self._forget_live()
        self.scenes.close()
        if self._graph is not None:
            self._graph.close()
            self._graph = None
        if self._remote is not None:
            self._remote.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _scene_table(parts: list[Path]) -> SceneTable:
    """The scenes here, or on the cluster that `EARTHDEX_SCENES` names."""
    setting = os.environ.get("EARTHDEX_SCENES", "")
    if not setting:
        return SceneTable(parts)
    if not setting.startswith(("spark://", "local[")):
        raise StoreError(f"EARTHDEX_SCENES is {setting[:80]!r}, which is no cluster.", "Give spark://host:port.")
    from kg.scenes.spark import SparkTable

    return SparkTable(setting, os.environ.get("EARTHDEX_SCENES_TABLE") or parts)


def open_home(path: Path | None = None) -> Home:
    """Opens the published version of a catalogue folder for reading.

    A version whose graph cannot be opened is built again from its sources, if the folder can be written. Where
    `EARTHDEX_STORE` names a server, the graph there is asked in its place.

    Args:
        path: the folder; None: `EARTHDEX_HOME`, else the user's data folder.

    Raises:
        StoreError: `EARTHDEX_STORE` or one of its companions makes no sense.
        NotFound: nothing was built there yet.
        StoreTooNew: written by a newer earthdex.
        StoreCorrupt: damaged beyond repair.
    """
    layout = Layout(Path(path) if path is not None else default_path())
    layout.check_format()
    home = _open_current(layout)
    if os.environ.get("EARTHDEX_STORE"):
        try:
            home.remote = _remote_store()
        except EarthdexError:
            home.close()
            raise
        return home
    try:
        _ = home.graph
    except StoreCorrupt as error:
        home.close()
        from kg.writer import Writer

        try:
            with Writer(layout) as writer:
                writer.repair()
        except (StoreReadOnly, StoreCorrupt):
            raise error from None
        home = _open_current(layout)
    return home


def _remote_store() -> RemoteStore | None:
    from kg.remote import RemoteSettings, RemoteStore

    settings = RemoteSettings.read()
    return RemoteStore(settings) if settings is not None else None


def open_version(path: Path, version: str) -> Home:
    """Opens a certain version that another process holds open, such as the one that started this worker.

    Raises:
        NotFound: there is no such version any more.
    """
    layout = Layout(path)
    folder = layout.versions / version
    try:
        manifest = Manifest.from_json((folder / "version.json").read_bytes())
        lock = FileLock.shared(folder / "lock")
    except (OSError, ValueError, KeyError, TypeError):
        raise NotFound(f"There is no version {version} in {path}.", "Open the catalogue again.") from None
    return Home(layout, manifest, lock)


def _open_current(layout: Layout) -> Home:
    """Locks the current version; a writer may publish the next and remove it in between, so this tries again."""
    for _ in range(100):
        manifest = layout.current()
        if manifest is None:
            raise NotFound(
                f"There is no catalogue in {layout.root}.",
                "Any `earthdex` command builds it, such as `earthdex status`.",
            )
        folder = layout.versions / manifest.version
        if not folder.is_dir():
            return Home(layout, manifest, None)  # opening its graph says what is wrong
        try:
            lock = FileLock.shared(folder / "lock")
        except FileNotFoundError:
            lock = None
        except OSError as error:
            raise StoreError(f"{folder} cannot be read: {error.strerror}.", "Check its rights.") from error
        if lock is not None:
            if folder.is_dir():
                return Home(layout, manifest, lock)
            lock.release()
        if layout.current() == manifest and not (folder / "lock").exists():
            return Home(layout, manifest, None)
        time.sleep(0.02)
    raise StoreError(f"The published version in {layout.root} stays locked.", "Run the command again.")


def open_writer(path: Path | None = None) -> Writer:
    """Opens a catalogue folder for writing; creates it where there is none.

    Args:
        path: as for `open_home`.

    Raises:
        StoreLocked: another process writes to it.
        StoreReadOnly: it cannot be written.
        StoreTooNew: written by a newer earthdex.
        DiskFull: no space is left.
    """
    from kg.writer import Writer

    return Writer(Layout(Path(path) if path is not None else default_path()))


def builtin_version(path: Path | None = None) -> str:
    """Version of the built-in catalogue that is published in a folder; "" where there is none or it is damaged."""
    try:
        found = Layout(Path(path) if path is not None else default_path()).current()
    except (EarthdexError, OSError):
        return ""
    return found.catalogue if found is not None else ""
