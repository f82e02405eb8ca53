"""Licences told by what they are like: share-alike, no derivatives, attribution, Creative Commons, open source."""

from __future__ import annotations

from nlq.sheet.reading import Found, Reading, rule
from nlq.stages.negation import negation

_LICENCE = r"(?:licen[cs]es?|licen[cs]ed|licen[cs]ing|terms|clauses?|conditions?|\{(?:attr|license)\})"
# what is said of a licence -> the part of its SPDX identifier that says so, and what is assumed
_TRAITS = (
    (
        "SA",
        "share-alike = SA in the licence",
        rule(
            rf"(?:share ?- ?alike|copyleft|viral)(?: {_LICENCE})?",
            r"(?:shared|share|published|publish|released|release|passed on|distributed|redistributed|be shared)"
            r"(?: [a-z]+| \{attr\}){0,5} under(?: exactly)? the (?:very )?same"
            r" (?:\{attr\}|licen[cs]e|terms|conditions)",
        ),
    ),
    (
        "ND",
        "no derivatives = ND in the licence",
        rule(
            rf"(?:no ?- ?derivat(?:ives?|ions?)|noderivs?|no ?- ?derivs?)(?: {_LICENCE})?",
            r"(?:forbids?|forbidding|prohibits?|prohibiting|rules? out|bans?|exclud\w+|does not allow|do not allow"
            r"|not allow|not permit|n ' t allow|n ' t permit|without|disallows?)(?: (?:any|making|the|of|to make))* "
            r"(?:derivatives?|derivative works?|derived works?|modifications?|adaptations?|remix\w*)",
        ),
    ),
    (
        "BY",
        "attribution = BY in the licence",
        rule(
            rf"attribution(?: - only| only| style)? {_LICENCE}",
            r"(?:requires?|requiring|asks? for|demands?|wants?|needs?|need|only)(?: (?:only|just|nothing but|no more"
            r"|than|merely|proper|an|the))* (?:attribution|credit|naming the authors?)",
        ),
    ),
    (
        "CC",
        "Creative Commons = CC in the licence",
        rule(rf"(?:any |a |some )?(?:creative commons|cc)(?: {_LICENCE})?(?! -)"),
    ),
)
# licences for software that the open source initiative counts among the open ones
_OPEN_SOURCE = rule(
    rf"(?:open ?- ?source(?:d)?|osi(?: ?- ?approved)?|free software)(?: {_LICENCE})?",
    rf"(?:an? |any |some )?(?:open|free) {_LICENCE}",
    rf"(?:openly|freely) {_LICENCE}",
)
_OPEN = ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only", "AGPL-3.0-only", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0",
         "ODbL-1.0", "ODC-By-1.0", "CDLA-Permissive-1.0", "etalab-2.0", "LicenseRef-public-domain")  # fmt: skip


def read_licence_words(reading: Reading) -> None:
    """Turn what is said of a licence into a condition; needs the target."""
    draft = reading.draft
    if draft.target not in ("dataset", "model", "any") or draft.returns or draft.compare or draft.group_by:
        return
    if any(one.property == "license" for one in draft.filters):
        return
    for part, told, pattern in _TRAITS:
        for found in reading.find_all(pattern):
            if any(one.kind == "license" for one in found.marks(0)) and part in ("BY", "CC"):
                continue
            start = found.span()[0]
            if any(reading.slots[index] is not None for index in range(*found.span())):
                continue
            if part == "ND" or not negation(reading, start):
                draft.add("license", "contains", part)
            else:
                draft.add("license", "not_contains", part)
            draft.assume(told)
            _use(found)
            break
    if draft.values_of("license"):
        return
    free = reading.find(_OPEN_SOURCE)
    if (
        free is not None
        and all(one.value == "license" for one in free.marks(0, "attr"))
        and not negation(reading, free.span()[0])
    ):
        draft.add("license", "in", _OPEN)
        draft.assume("an open licence = one that lets anyone use, change and share the work, also commercially")
        _use(free)


def _use(found: Found) -> None:
    found.use("license")
    for mark in found.marks(0):
        mark.info["taken"] = True
        mark.used = True
