"""Words into a selection: names of datasets, a question, a query; for the command line and the public face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.home import Home
from ontology.errors import NotFound, QueryError

if TYPE_CHECKING:
    from training.select.area import Area
    from training.select.selection import Selection

_MOST_ROWS = 100_000


def names_in(home: Home, what: Sequence[str]) -> list[str]:
    """The words as names of records: all of them one name, or each a name; empty where they are neither.

    Raises:
        NotFound: a word or two that are no name; the message names the nearest ones.
    """
    from kg.describe import find

    text = " ".join(what).strip()
    failed: NotFound | None = None
    for names in ([text], list(what)):
        try:
            for one in names:
                find(home, one)
        except NotFound as error:
            failed = failed or error
        else:
            return names
    if failed is not None and len(text.split()) < 3:
        raise failed
    return []


def select(
    home: Home,
    what: Sequence[str] | str,
    *,
    sparql: str = "",
    root: str | Path | Mapping[str, str | Path] | None = None,
    area: Area | None = None,
    patterns: Mapping[str, str] | None = None,
    labels: str = "",
    data: Any = None,  # noqa: ANN401 - bytes of any source
    progress: Any = None,  # noqa: ANN401
) -> Selection:
    """What words mean as something to train with.

    Args:
        home: the catalogue.
        what: names of datasets and models, or a question in plain English.
        sparql: a SELECT query in place of words.
        root: where the files lie; see `training.select.choose`.
        area: scenes outside are left out.
        patterns: glob by role.
        labels: href of labels for scenes.
        data: where bytes come from.
        progress: called with (stage, done, total).

    Raises:
        NotFound: nothing of that name, or nothing to train with.
        QueryError: neither words nor a query, or both.
    """
    from training.select.choose import select_answer, select_names, select_sparql

    words = [what] if isinstance(what, str) else list(what)
    text = " ".join(words).strip()
    if bool(text) == bool(sparql):
        raise QueryError("Say what to train with.", "Give a name, a question, or a query with --sparql.")
    options: dict[str, Any] = {
        "root": root,
        "area": area.geometry if area is not None else None,
        "patterns": patterns,
        "labels": labels,
        "data": data,
        "progress": progress,
    }
    if sparql:
        return select_sparql(home, sparql, **options)
    names = names_in(home, words)
    if names:
        return select_names(home, names, **options)
    from nlq.ask import ask

    return select_answer(home, ask(home, text, limit=_MOST_ROWS), text=text, **options)
