"""Searching records as OGC API - Records asks for it (OGC 20-004r1): words, box, time, type, identifiers."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from api.records.shelf import Kept, Shelf
from ontology.errors import QueryError

_MOST = 50
Moment = datetime
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; each empty part asks for nothing.

    Attributes:
        words: phrases of which one must occur.
        boxes: (west, south, east, north) of which one must be met.
        period: first and last moment.
        kinds: `dataset`, `model`.
        ids: identifiers of records.
        external: DOIs, IRIs and addresses under which others know them.
    """

    words: tuple[str, ...] = ()
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    period: tuple[Moment, Moment] | None = None
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    external: tuple[str, ...] = ()


def search(shelf: Shelf, wanted: Wanted) -> list[Kept]:
    """The records that fit, in the order of their titles."""
    import shapely

    boxes = [shapely.box(*one) for one in wanted.boxes]

    def fits(one: Kept) -> bool:
        record = one.record
        return (
            (not wanted.words or any(word in one.text for word in wanted.words))
            and (not boxes or (one.outline is not None and any(box.intersects(one.outline) for box in boxes)))
            and (not wanted.kinds or record.kind in wanted.kinds)
            and (not wanted.ids or one.id in wanted.ids)
            and (not wanted.external or bool(external_ids(one) & set(wanted.external)))
            and (wanted.period is None or _meets(record.start, record.end, wanted.period))
        )

    return [one for one in shelf.kept if fits(one)]


def external_ids(one: Kept) -> set[str]:
    """All under which others know a record."""
    record = one.record
    known = {record.iri, record.page, *(each.iri for each in record.named("dct:isReferencedBy"))}
    known |= {record.doi, f"https://doi.org/{record.doi}", f"doi:{record.doi}"} if record.doi else set()
    return known - {""}


def wanted_of(
    q: str = "", bbox: str = "", when: str = "", kinds: str = "", ids: str = "", external: str = ""
) -> Wanted:
    """What the parameters of a request ask for.

    Raises:
        QueryError: one cannot be read.
    """
    return Wanted(
        words=tuple(" ".join(one.casefold().split()) for one in _parts(q)),
        boxes=_boxes(bbox),
        period=_period(when),
        kinds=tuple(_parts(kinds)),
        ids=tuple(_parts(ids)),
        external=tuple(_parts(external)),
    )


def _parts(text: str) -> Sequence[str]:
    found = [one.strip() for one in text.split(",") if one.strip()]
    if len(found) > _MOST:
        raise QueryError(f"A parameter has more than {_MOST} values.", "Ask for fewer at once.")
    return found


def _boxes(text: str) -> tuple[tuple[float, float, float, float], ...]:
    if not text.strip():
        return ()
    wrong = QueryError(f"bbox={text[:60]!r} is no box.", "Write west,south,east,north in degrees.")
    try:
        numbers = [float(one) for one in text.split(",")]
    except ValueError:
        raise wrong from None
    if len(numbers) not in (4, 6):
        raise wrong
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise wrong
    # west of the antimeridian to east of it
    return ((west, south, east, north),) if west <= east else ((west, south, 180, north), (-180, south, east, north))


def _period(text: str) -> tuple[Moment, Moment] | None:
    if not text.strip():
        return None
    first, slash, last = text.strip().partition("/")
    if slash and first in ("", "..") and last in ("", ".."):
        raise QueryError("datetime=../.. asks for nothing.", "Give a day, or an interval with one end at least.")
    begin = _FIRST if slash and first in ("", "..") else _moment(first, last=False)
    end = _moment(first, last=True) if not slash else _LAST if last in ("", "..") else _moment(last, last=True)
    if end < begin:
        raise QueryError(f"datetime={text[:60]!r} ends before it begins.", "Give the earlier moment first.")
    return begin, end


def _moment(text: str, *, last: bool) -> Moment:
    """A moment; a year, month or day stands for its first or last one.

    Raises:
        QueryError: it is none.
    """
    try:
        if re.fullmatch(r"\d{4}", text):
            text += "-12-31" if last else "-01-01"
        elif re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", text):
            days = calendar.monthrange(int(text[:4]), int(text[5:]))[1]
            text += f"-{days:02d}" if last else "-01"
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.combine(date.fromisoformat(text), time.max if last else time.min, UTC)
        if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", text):
            whole, fraction = re.sub(r"\.\d+", "", text), re.search(r"\.(\d+)", text)
            micro = int(fraction[1][:6].ljust(6, "0")) if fraction else 0
            return (
                datetime.fromisoformat(whole.upper().replace("Z", "+00:00")).replace(microsecond=micro).astimezone(UTC)
            )
    except (ValueError, OverflowError):
        pass
    raise QueryError(f"{text[:40]!r} is no moment.", "Write 2020-01-31 or 2020-01-31T12:00:00Z.")


def _meets(start: str, end: str, period: tuple[Moment, Moment]) -> bool:
    """Whether what is known of a record's time meets a period; an unknown end is open, no time at all meets none."""
    if not start and not end:
        return False
    begin = _moment(start, last=False) if start else _FIRST
    finish = _moment(end, last=True) if end else _LAST
    return begin <= period[1] and finish >= period[0]
