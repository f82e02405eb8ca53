"""Pixel series from wherever they lie: a folder, a web folder, an archive in place, or one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ontology.errors import NotFound
from training.distributions import LabelClass
from training.io.download import client
from training.io.listing import list_files, relative
from training.io.source import OpenBytes
from training.series.folders import Converted, Progress, convert_folder
from training.series.table import SUFFIX, SeriesTable
from training.series.tables import SUFFIXES, convert_table

_ARCHIVES = (".zip", ".tar", ".pack")


def convert(
    source: str,
    out: Path,
    *,
    data: OpenBytes,
    classes: Sequence[LabelClass] = (),
    clear: Sequence[int] = (0,),
    strict: bool = False,
    progress: Progress | None = None,
) -> Converted:
    """Converts pixel series into tables below `out`.

    Args:
        source: a folder, web folder, zip, tar or pack of small CSVs, or one table (CSV, Parquet, Arrow).
        out: folder of the tables.
        data: where bytes come from.
        classes: the scheme; needed for labels that are names of folders.
        clear: values of a flag column that mean that a step is good.
        strict: raise at the first bad file instead of leaving it out.
        progress: called with (stage, done, in all).

    Raises:
        NotFound: there is nothing of the kind, or no folder is named after a class.
        SeriesError: a table cannot be read; in strict mode, any file.
        FetchError: it cannot be had.
        DiskFull: no space left.
    """
    lower = source.split("?", 1)[0].lower()
    if lower.endswith(_ARCHIVES):
        files = {name: f"{source}!/{name}" for name in data.members(source)}
    elif lower.endswith(SUFFIXES) and "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise NotFound(f"There is no table {source}.", "Check the path.")
        table = out / f"{path.stem}{SUFFIX}"
        out.mkdir(parents=True, exist_ok=True)
        convert_table(path, table, classes=classes, clear=clear, progress=progress)
        return Converted([table], [""], len(SeriesTable(table)))
    else:
        with client() as http:
            files = {relative(source, href): href for href in list_files(source, http)}
    return convert_folder(files, out, data=data, classes=classes, clear=clear, strict=strict, progress=progress)
