"""What the columns of a table of series are: bands, dates, labels, flags, and which rows make a series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ontology.errors import SeriesError

Kind = Literal["single", "long", "wide"]

_IDS = {
    "id", "fid", "sample", "sampleid", "pixel", "pixelid", "series", "seriesid", "parcel", "parcelid", "field",
    "fieldid", "point", "pointid", "polygonid", "uid", "uuid",
}  # fmt: skip
_DATES = {"date", "datetime", "time", "timestamp", "day", "acquisitiondate", "acqdate", "doy", "t", "step"}
_LABELS = {"label", "class", "classid", "classname", "crop", "croptype", "target", "y", "category", "labelid"}
_FLAGS = {"flag", "flags", "cloud", "cloudflag", "clouds", "mask", "qa", "qaflag"}
_ASIDE = {
    "x", "lon", "lat", "longitude", "latitude", "easting", "northing", "tile", "index", "row", "col", "unnamed0", "",
    "geometry", "split", "fold", "year", "country",
}  # fmt: skip
_ROLES = {"series": _IDS, "date": _DATES, "label": _LABELS, "flag": _FLAGS}
_DAY = r"\d{4}[-_]?\d{2}[-_]?\d{2}"
_BAND_FIRST = re.compile(rf"(?P<band>.*?[^\d_\-. ].*?)[_\-. ](?P<time>{_DAY}|[tT]?\d{{1,4}})")
_TIME_FIRST = re.compile(rf"(?P<time>{_DAY}|[tT]\d{{1,4}})[_\-. ](?P<band>.+)")
_TIME_ONLY = re.compile(rf"(?P<time>[XxDd]?{_DAY}|[tT]\d{{1,4}})")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table of series by name.

    Attributes:
        kind: `single` (rows are the steps of one series), `long` (rows are steps, an id tells the series) or `wide` (a
            row is a series).
        bands: names of the channels.
        cells: for each band its columns, one for each step; one column in `single` and `long`.
        series: column of the id; empty where there is none.
        date, label, flag: columns; empty where there is none.
        steps: names of the steps of a wide table: ISO days or numbers.
    """

    kind: Kind
    bands: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    series: str = ""
    date: str = ""
    label: str = ""
    flag: str = ""
    steps: tuple[str, ...] = ()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def iso_day(text: str) -> str:
    """`2018-03-05` of `20180305`, `2018_03_05` or `2018-03-05T10:00`; empty where it is no day."""
    found = re.fullmatch(r"[XxDd]?(\d{4})[-_/]?(\d{2})[-_/]?(\d{2})(?:[T ].*)?", text.strip())
    if not found:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""


def read_header(names: Sequence[str], where: str) -> Columns:
    """What the columns are, by their names.

    Raises:
        SeriesError: there is no header, names occur twice, or nothing in it is a band.
    """
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})[0]
        raise SeriesError(f"{where} has two columns {twice[:80]!r}.", "Name each column once.")
    if not names or all(re.fullmatch(r"\s*[-+.\deE]*\s*|nan", name) for name in names):
        raise SeriesError(f"{where} has no header.", "Write the names of the bands into its first line.")
    roles: dict[str, str] = {}
    rest = []
    for name in names:
        plain = _plain(name)
        role = next(
            (
                role
                for role, known in (("series", _IDS), ("date", _DATES), ("label", _LABELS), ("flag", _FLAGS))
                if plain in known
            ),
            "",
        )
        if role and role not in roles:
            roles[role] = name
        elif plain not in _ASIDE:
            rest.append(name)
    wide = _wide(rest)
    if wide is not None and not roles.get("date"):
        bands, steps, cells = wide
        return Columns("wide", bands, cells, roles.get("series", ""), "", roles.get("label", ""), "", steps)
    if not rest:
        raise SeriesError(f"{where} has no column of a band: {', '.join(names)[:200]}.", "Name bands in its header.")
    kind: Kind = "long" if "series" in roles else "single"
    series, day, label, flag = (roles.get(role, "") for role in ("series", "date", "label", "flag"))
    return Columns(kind, tuple(rest), tuple((one,) for one in rest), series, day, label, flag)


def _wide(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, ...], ...]] | None:
    """(bands, steps, columns of each band) of names such as `B2_20180105`; None where they are not of this kind."""
    for pattern in (_TIME_FIRST, _BAND_FIRST, _TIME_ONLY):
        found = [pattern.fullmatch(name) for name in names]
        cells: dict[str, dict[str, str]] = {}
        for name, one in zip(names, found, strict=True):
            if one is not None:
                groups = one.groupdict()
                cells.setdefault(groups.get("band", "value"), {})[_step(groups["time"])] = name
        steps = sorted(next(iter(cells.values()), {}), key=_order)
        if len(steps) > 1 and all(found) and all(sorted(one, key=_order) == steps for one in cells.values()):
            columns = tuple(tuple(one[step] for step in steps) for one in cells.values())
            return tuple(cells), tuple(steps), columns
    return None


def _step(text: str) -> str:
    return iso_day(text) or text.lstrip("tT")


def _order(step: str) -> tuple[int, str]:
    return (int(step), "") if step.isdigit() else (0, step)
