"""What a record's licence means, in plain words."""

from __future__ import annotations

from kg.record import Record
from ontology.licences import Licence

_SPDX = "https://spdx.org/licenses/"


def licence_link(licence: Licence) -> str:
    """Where the licence's text or description lies; "" where nobody knows it."""
    return licence.url or ("" if licence.id.startswith("LicenseRef-") else f"{_SPDX}{licence.id}.html")


def plain_licence(record: Record) -> list[str]:
    """Sentences that say what may be done with a dataset or model; the last one that this is no legal advice."""
    told = [_plain(one) for one in record.licences]
    if len(told) > 1:
        told.insert(0, "Sources name several licences, or each covers a part; keep to all of them:")
    if not told:
        told = ["No licence is known: ask its publisher before you use it."]
    if record.licence_text:
        told.append(f"Its publisher writes: “{record.licence_text}”.")
    return [*told, "This is no legal advice."]


def _plain(one: Licence) -> str:
    told = [
        text
        for value, yes, no in (
            (one.commercial, "you may use it commercially", "you may not use it commercially"),
            (one.derivatives, "you may change it and share the result", "you may not share changed versions"),
            (one.share_alike, "what you make of it must bear the same licence", ""),
            (one.attribution, "you must name its makers", ""),
        )
        for text in ([yes] if value else [no] if value is False else [])
        if text
    ]
    unknown = [
        text
        for value, text in (
            (one.commercial, "commercial use"),
            (one.derivatives, "sharing changed versions"),
        )
        if value is None
    ]
    if unknown:
        told.append(f"whether it allows {' and '.join(unknown)} is not known")
    return f"{one.name} ({one.id}): {'; '.join(told)}."
