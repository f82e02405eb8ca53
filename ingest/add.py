"""`earthdex add`: everything that a user brings from outside, normalised, reported and kept.

Nothing is seen by readers before all of it is done, and a run that is killed leaves the catalogue as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ingest.harvest import Harvest
from ingest.report import AddReport
from ingest.stac_sources import is_address
from kg.home import open_writer
from kg.layout import default_path
from ontology.errors import NotFound

Progress = Callable[[str, int, int], None]


def add_sources(
    paths: Sequence[str | Path] | Iterable[str | Path],
    home_path: str | Path | None = None,
    progress: Progress | None = None,
    *,
    as_graph: bool = False,
) -> AddReport:
    """Adds scenes, datasets, models and places.

    Args:
        paths: files, folders and addresses: STAC items, item collections, collections and catalogues (JSON or lines of
            JSON, STAC 0.6 to 1.1), STAC-GeoParquet and other tables of scenes (Parquet, CSV), YAML records, and place
            files of Natural Earth and GeoNames.
        home_path: the catalogue's folder; `EARTHDEX_HOME` or the user's data folder by default.
        progress: called with (stage, done, total); a total of 0 is unknown.
        as_graph: whether files are RDF that is kept as it is (Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD).
            Files that are named and end as RDF does are so without it.

    Returns:
        Counts, and every skip and repair with its reason. A bad record never stops the rest.

    Raises:
        NotFound: a source does not exist; nothing was added then.
        FetchError: an address that was named cannot be read.
        StoreError: the catalogue cannot be written; nothing was added then.
    """
    begun = time.monotonic()
    sources = [str(one) for one in paths]
    _check(sources)
    home = Path(home_path) if home_path is not None else default_path()
    report = AddReport(sources=sources)
    report.keep_log(home / "reports")
    try:
        with open_writer(home) as writer:
            # absolute, so that a file is the same source from wherever it is named
            places = [one if is_address(one) else str(Path(one).absolute()) for one in sources]
            Harvest(writer, report, home, progress, as_graph=as_graph).run(places)
            report.version = writer.publish(progress)
    finally:
        report.close()
    report.seconds = time.monotonic() - begun
    return report


def _check(sources: Sequence[str]) -> None:
    for source in sources:
        if is_address(source):
            continue
        if not _exists(source):
            raise NotFound(f"There is no file or folder {source[:300]}.", "Check the path; nothing was added.")


def _exists(source: str) -> bool:
    try:
        return Path(source).exists()
    except (OSError, ValueError):
        return False
