"""Content negotiation: the best offer for an Accept header (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping

from ontology.errors import NotOffered

_PARTS = 50


def accepted(header: str, offered: Mapping[str, str]) -> tuple[str, str]:
    """(media type, what is offered under it) of the best offer.

    Args:
        header: the request's Accept header; "" takes anything.
        offered: media type -> our name of the format, most wanted first.

    Raises:
        NotOffered: nothing that is asked for is offered.
    """
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:_PARTS]):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if quality > 0 and name:
            wanted.append((-quality, place, name.lower()))
    for _, _, name in sorted(wanted):
        for media, form in offered.items():
            if name in (media, "*/*") or (name.endswith("/*") and media.startswith(name[:-1])):
                return media, form
    if not wanted:
        return next(iter(offered.items()))
    raise NotOffered(f"None of the asked formats is offered: {header[:200]}.", f"Offered: {', '.join(offered)}.")
