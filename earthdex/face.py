"""The public functions: the words of the command line, in Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.home import Home, open_home

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.check import Problem
    from ingest.report import AddReport
    from kg.describe import Description
    from kg.rules.memory import Graph
    from kg.solutions import Solutions, Triples
    from nlq.answer import Answer
    from training.care import Leakage
    from training.io import OpenBytes
    from training.select.lock import Lock

_opened: dict[str, tuple[Home, int]] = {}


def _home(path: str | Path | None = None) -> Home:
    """The catalogue, built on first use; reopened when a newer version was published."""
    from ingest.builtin import ensure_built
    from ingest.live.attach import live_mark, with_live

    where = Path(path) if path is not None else None
    ensure_built(where)
    fresh = open_home(where)
    key, mark = str(path), live_mark(fresh.path)
    held = _opened.get(key)
    if held is not None and held[0].version == fresh.version and held[1] == mark:
        fresh.close()
        return held[0]
    _opened[key] = with_live(fresh), mark
    return fresh


def ask(
    question: str,
    *,
    context: Sequence[str] = (),
    reference_date: str | None = None,
    without: Sequence[str] = (),
    also: Sequence[str] = (),
    home: str | Path | None = None,
) -> Answer:
    """Answers a question in plain English.

    Args:
        question: the question.
        context: earlier questions of the same conversation, oldest first.
        reference_date: the day that `yesterday` counts from, YYYY-MM-DD; today by default.
        without: keys of conditions to leave out (`answer.conditions` has them).
        also: conditions to add, such as `sensor=Sentinel-2` or `resolution_m<=10`.
        home: the catalogue's folder; `EARTHDEX_HOME` or the user's data folder by default.
    """
    from nlq.ask import ask as run

    return run(
        _home(home),
        question,
        context=tuple(context),
        reference_date=reference_date,
        without=tuple(without),
        also=tuple(also),
    )


def sparql(query: str, *, home: str | Path | None = None, rewrite: bool = True) -> Solutions | Triples | bool:
    """Runs a GeoSPARQL query over datasets, models, places and scenes as one graph.

    Args:
        query: the query.
        home: the catalogue's folder; `EARTHDEX_HOME` or the user's data folder by default.
        rewrite: whether it sees spatial relations that geometries have (`?a geo:sfWithin ?b`) and what follows from
            statements by RDFS; False: statements only.

    Raises:
        QueryError: the query is wrong, not allowed or too large.
    """
    return _home(home).query(query, rules=rewrite)


def show(name: str, *, home: str | Path | None = None) -> Description:
    """All facts about a dataset or model, with their sources.

    Raises:
        NotFound: no such record; the message names the nearest ones.
    """
    from kg.describe import describe

    return describe(_home(home), name)


def open_graph(*sources: str | Path) -> Graph:
    """A graph in memory, without a catalogue: RDF files, queried in GeoSPARQL with entailment and spatial relations.

    Args:
        sources: Turtle, N-Triples, N-Quads, TriG, RDF/XML or JSON-LD files, told by their endings.

    Raises:
        NotFound: there is no such file.
        RecordError: a file is no such RDF.
    """
    from kg.rules.memory import Graph

    graph = Graph()
    for one in sources:
        graph.add(one)
    return graph


def add(
    sources: str | Path | Iterable[str | Path], *, home: str | Path | None = None, as_graph: bool = False
) -> AddReport:
    """Adds STAC items, collections, catalogues, STAC-GeoParquet, YAML records or RDF to the catalogue.

    Bad records are skipped and reported; adding the same again changes nothing.

    Args:
        sources: files, folders and addresses.
        home: the catalogue's folder.
        as_graph: whether the files are RDF to be kept as it is.
    """
    from ingest.add import add_sources
    from ingest.builtin import ensure_built

    where = Path(home) if home is not None else None
    ensure_built(where)
    paths = [sources] if isinstance(sources, (str, Path)) else list(sources)
    return add_sources(paths, where, as_graph=as_graph)


def check(path: str | Path) -> list[Problem]:
    """What is wrong with a record or a folder of records, with line and remedy; an empty list when nothing is."""
    from ingest.check import check_path

    return check_path(Path(path))


def fetch(name: str, target: str | Path | None = None, *, home: str | Path | None = None) -> list[Path]:
    """Downloads a dataset's distributions, checks their checksums and unpacks them.

    Args:
        name: the dataset.
        target: folder to write to; `./<dataset id>` by default.
        home: the catalogue's folder.

    Raises:
        FetchError: a download failed; what was read so far is kept and resumed next time.
        ChecksumMismatch: the bytes are not those the catalogue describes.
    """
    from training.fetch import fetch as run

    return run(_home(home), name, Path(target) if target is not None else None)


def stream(source: Any, **options: Any) -> Any:  # noqa: ANN401
    """Training batches as torch tensors: see `training.stream.stream`, whose arguments these are."""
    from training.stream import stream as run

    home = options.pop("home", None)
    return run(source, home=_home(home), **options)


def open_bytes(**options: Any) -> OpenBytes:  # noqa: ANN401
    """Bytes of files here, on web servers, in S3-style stores and in archives: see `training.io.open_bytes`."""
    from training.io import open_bytes as run

    return run(**options)


def series_lock(name: str, tables: Any, *, home: str | Path | None = None, cache: Any = None, **recipe: Any) -> Lock:  # noqa: ANN401
    """A lock of pixel series that `earthdex series` converted: see `training.series.series_lock`.

    Args:
        name: the dataset.
        tables: a folder of tables, or tables.
        home: the catalogue's folder.
        cache: folder for tables that must be fetched or converted first.
        recipe: `batch_size`, `seed`, `shuffle`, `drop_last`, `ignore`.
    """
    from training.series import series_lock as run
    from training.types import Recipe

    with open_bytes() as data:
        return run(_home(home), name, tables, data, recipe=Recipe(**recipe), cache=Path(cache) if cache else None)


def leakage(a: Any, b: Any = None, **options: Any) -> Leakage:  # noqa: ANN401
    """What the folds of a lock share, or two locks or lists of items: see `training.care.leakage`.

    Args:
        a: a lock, the path of one, or items.
        b: another; a split of `a`; or None for the folds of `a`.
        options: `names`, `near_m`, `near_days`, `prints`, `turned`.
    """
    from training.care import leakage as run
    from training.care.locks import lock_folds, lock_units
    from training.select.lock import Lock

    a, b = (Lock.read(one) if isinstance(one, (str, Path)) else one for one in (a, b))
    if isinstance(a, Lock):
        b = lock_folds(a) if b is None else b
        a = lock_units(a)
    return run(a, lock_units(b) if isinstance(b, Lock) else b, **options)


def status(*, home: str | Path | None = None) -> dict[str, Any]:
    """Where the catalogue lies, its version and what it holds."""
    from kg.status import status as run

    return run(_home(home))
