"""A lock of pixel series: tables of one dataset, frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kg.describe import find
from kg.home import Home
from ontology.errors import SeriesError
from training.select.facts import facts_of
from training.select.lock import Lock
from training.select.selection import Selection, Source, graph_version
from training.series.reader import series_items
from training.series.table import SUFFIX
from training.types import Bytes, Recipe


def series_lock(
    home: Home,
    name: str,
    tables: str | Path | Sequence[str | Path],
    data: Bytes,
    *,
    recipe: Recipe | None = None,
    cache: Path | None = None,
) -> Lock:
    """Freezes tables of pixel series of a dataset; classes and licences come from the graph.

    Args:
        home: the catalogue.
        name: the dataset.
        tables: a folder that `earthdex series` wrote, or tables.
        data: where bytes come from.
        recipe: of batches; what says how chips are cut is set here.
        cache: folder for tables that must be fetched or converted first.

    Raises:
        NotFound: no such dataset.
        SeriesError: a folder without tables, or no table of series.
        FetchError: a table cannot be had.
    """
    one = tables[0] if isinstance(tables, (list, tuple)) and len(tables) == 1 else tables
    if isinstance(one, (str, Path)) and "://" not in str(one) and Path(one).is_dir():
        root = str(one)
        hrefs = sorted(str(path) for path in Path(one).glob(f"*{SUFFIX}"))
        if not hrefs:
            raise SeriesError(f"There is no table of series in {one}.", "`earthdex series SOURCE OUT` makes them.")
    else:
        hrefs = [str(each) for each in ([one] if isinstance(one, (str, Path)) else one)]
        root = hrefs[0].rpartition("/")[0] if all("://" not in href for href in hrefs) else ""
    facts = facts_of(home, find(home, name)[0])
    items = series_items(hrefs, dataset=facts.iri, data=data, cache=cache, classes=facts.classes)
    source = Source(facts.iri, facts.id, facts.name, root, facts.licences)
    chosen = Selection(name, graph_version(home), (source,), tuple(items), facts.classes)
    return Lock.freeze(chosen, replace(recipe or Recipe(), sampling="grid", size=1, stride=1))
