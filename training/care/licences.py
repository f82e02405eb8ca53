"""Licence algebra: what a mix of data and weights may be used for, what it obliges to, and where licences conflict.

Three values throughout: allowed, forbidden, unknown. A use is allowed only where every licence is known to allow it.
This restates what the licences' own summaries and SPDX say; it is no legal advice. Whether a trained model is an
adaptation of its training data is not settled, so the careful reading is taken: as if it were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ontology.licences import Licence
from ontology.vocabulary import Vocabulary

Answer = Literal["allowed", "forbidden", "unknown"]
USES = {
    "commercial": "commercial use",
    "derivatives": "sharing changed versions",
    "redistribution": "passing it on unchanged",
    "share_model": "sharing a model trained on all of it",
}
_ORDER = {"forbidden": 2, "unknown": 1, "allowed": 0}
# licences whose adaptations may be put under another licence that also asks for the same one back (Creative Commons,
# "Compatible Licenses"; the GNU list of licences; EUPL 1.2, appendix)
_ONE_WAY = {
    ("CC-BY-SA-4.0", "GPL-3.0-only"),
    ("CC-BY-SA-4.0", "GPL-3.0-or-later"),
    ("GPL-3.0-only", "AGPL-3.0-only"),
    ("GPL-3.0-or-later", "GPL-3.0-only"),
    ("GPL-3.0-or-later", "AGPL-3.0-only"),
    ("GPL-3.0-or-later", "AGPL-3.0-or-later"),
    ("GPL-2.0-or-later", "GPL-2.0-only"),
    ("GPL-2.0-or-later", "GPL-3.0-only"),
    ("GPL-2.0-or-later", "GPL-3.0-or-later"),
    ("GPL-2.0-or-later", "AGPL-3.0-only"),
    ("GPL-2.0-or-later", "AGPL-3.0-or-later"),
    ("AGPL-3.0-or-later", "AGPL-3.0-only"),
    ("LGPL-2.1-only", "GPL-2.0-only"),
    ("LGPL-2.1-only", "GPL-2.0-or-later"),
    ("LGPL-2.1-only", "GPL-3.0-only"),
    ("LGPL-2.1-only", "GPL-3.0-or-later"),
    ("LGPL-3.0-only", "GPL-3.0-only"),
    ("LGPL-3.0-only", "GPL-3.0-or-later"),
    ("LGPL-3.0-only", "AGPL-3.0-only"),
    ("MPL-2.0", "GPL-2.0-only"),
    ("MPL-2.0", "GPL-2.0-or-later"),
    ("MPL-2.0", "GPL-3.0-only"),
    ("MPL-2.0", "GPL-3.0-or-later"),
    ("MPL-2.0", "LGPL-2.1-only"),
    ("MPL-2.0", "LGPL-3.0-only"),
    ("MPL-2.0", "AGPL-3.0-only"),
    ("MPL-2.0", "AGPL-3.0-or-later"),
    ("EUPL-1.2", "GPL-2.0-only"),
    ("EUPL-1.2", "GPL-3.0-only"),
    ("EUPL-1.2", "AGPL-3.0-only"),
    ("EUPL-1.2", "LGPL-2.1-only"),
    ("EUPL-1.2", "LGPL-3.0-only"),
    ("EUPL-1.2", "MPL-2.0"),
    ("EUPL-1.2", "CC-BY-SA-3.0"),
}
_CC_SA = re.compile(r"(CC-BY(?:-NC)?-SA)-(\d)\.(\d)(-IGO)?$")


@dataclass(frozen=True, slots=True)
class Licensed:
    """Something in the mix.

    Attributes:
        name: as people write it.
        licences: identifiers, IRIs or what people call them; none where no licence is known.
        iri: of the record.
        kind: `data` or `weights`.
        text: what the publisher wrote, where it is more than the identifier.
        made_from: (name, licences) of what weights were trained on and data was derived from; told, not counted.
    """

    name: str
    licences: tuple[str, ...]
    iri: str = ""
    kind: Literal["data", "weights"] = "data"
    text: str = ""
    made_from: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """What one thing says about one use."""

    name: str
    licence: str
    answer: Answer
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the mix allows.

    Attributes:
        uses: use -> allowed, forbidden or unknown; the uses are the keys of `USES`.
        reasons: use -> what each thing says about it, those that decide first.
        duties: what has to be done, in words.
        conflicts: licences that cannot both be met when adaptations of the mix are shared.
        unknowns: what is not known, in words.
    """

    uses: dict[str, Answer]
    reasons: dict[str, tuple[Reason, ...]] = field(repr=False)
    duties: tuple[str, ...]
    conflicts: tuple[str, ...]
    unknowns: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `earthdex licences --json` prints and a lock keeps."""
        return {
            "uses": dict(self.uses),
            "reasons": {
                use: [
                    {"name": one.name, "licence": one.licence, "answer": one.answer, "why": one.why} for one in reasons
                ]
                for use, reasons in self.reasons.items()
            },
            "duties": list(self.duties),
            "conflicts": list(self.conflicts),
            "unknowns": list(self.unknowns),
            "advice": "no legal advice",
        }

    def text(self) -> str:
        """The verdict in plain words."""
        lines = []
        for use, answer in self.uses.items():
            lines.append(f"{USES[use]}: {answer}")
            lines += [f"    {one.name}: {one.why}" for one in self.reasons[use] if one.answer == answer != "allowed"]
        for title, told in (("duties", self.duties), ("conflicts", self.conflicts), ("not known", self.unknowns)):
            if told:
                lines.append(f"{title}:")
                lines += [f"    {one}" for one in told]
        lines.append("This is no legal advice.")
        return "\n".join(lines)


def combine_licences(things: Iterable[Licensed]) -> Verdict:
    """What data and weights allow together.

    A thing with several licences (its sources disagree, or each covers a part) allows what all of them allow.

    Args:
        things: all that is in the mix.
    """
    vocabulary = Vocabulary.load()
    told: dict[str, list[Reason]] = {use: [] for use in USES}
    unknowns: list[str] = []
    duties: dict[str, list[str]] = {}
    sharing: list[tuple[str, Licence]] = []
    closed: list[tuple[str, Licence]] = []
    found_any = False
    for thing in sorted(things, key=lambda one: (one.name, one.iri)):
        found_any = True
        licences = _licences(vocabulary, thing, unknowns)
        unknowns += _behind(vocabulary, thing)
        for use in USES:
            told[use].append(_weakest(thing, licences, use))
        for one in licences:
            if one is None:
                continue
            if one.attribution:
                duties.setdefault(f"name the makers ({one.id})", []).append(thing.name)
            elif one.attribution is None and one.share_alike is None:
                unknowns.append(f"{thing.name}: whether {one.id} asks for naming the makers or for the same licence")
            if one.share_alike:
                sharing.append((thing.name, one))
            if one.commercial is False or one.derivatives is False:
                closed.append((thing.name, one))
    conflicts = _conflicts(sharing, closed)
    for name, one in sharing:
        duties.setdefault(f"put changed versions under {one.id} or one that it names as compatible", []).append(name)
    if conflicts:
        told["share_model"].append(Reason("the mix", "", "forbidden", "; ".join(conflicts)))
    reasons = {use: tuple(sorted(rows, key=lambda one: -_ORDER[one.answer])) for use, rows in told.items()}
    uses: dict[str, Answer] = {use: rows[0].answer if found_any else "unknown" for use, rows in reasons.items() if rows}
    if not found_any:
        uses = dict.fromkeys(USES, "unknown")
        unknowns.append("nothing is in the mix")
    shown = [f"{duty}: {', '.join(dict.fromkeys(names))}" for duty, names in duties.items()]
    return Verdict(uses, reasons, tuple(shown), tuple(conflicts), tuple(dict.fromkeys(unknowns)))


def _licences(vocabulary: Vocabulary, thing: Licensed, unknowns: list[str]) -> list[Licence | None]:
    found: list[Licence | None] = []
    for text in thing.licences:
        one = vocabulary.licence(text.rsplit("/", 1)[-1]) or vocabulary.licence(text)
        if one is None:
            unknowns.append(f"{thing.name}: what {text!r} allows")
        found.append(one)
    if not found:
        said = f" (its publisher writes {thing.text[:80]!r})" if thing.text else ""
        unknowns.append(f"{thing.name}: its licence{said}")
        return [None]
    if len(found) > 1:
        names = ", ".join(one.id if one else "?" for one in found)
        unknowns.append(f"{thing.name}: which of its licences ({names}) covers what you take; all are kept to")
    return found


def _behind(vocabulary: Vocabulary, thing: Licensed) -> list[str]:
    """What lies behind weights or derived data and binds more than nothing."""
    told = []
    for name, licences in thing.made_from:
        found = [vocabulary.licence(text.rsplit("/", 1)[-1]) or vocabulary.licence(text) for text in licences]
        free = [one for one in found if one and one.commercial and one.derivatives and one.share_alike is False]
        if len(free) < max(1, len(found)):
            named = ", ".join(one.id if one else "?" for one in found) or "a licence that is not known"
            told.append(f"{thing.name}: whether it is bound by {name} ({named}), which it was made from")
    return told


def _weakest(thing: Licensed, licences: Sequence[Licence | None], use: str) -> Reason:
    """The strictest answer of a thing's licences about a use."""
    rows = [_one(thing.name, licence, use) for licence in licences]
    return max(rows, key=lambda one: _ORDER[one.answer])


def _one(name: str, licence: Licence | None, use: str) -> Reason:
    if licence is None:
        return Reason(name, "", "unknown", "its licence is not known")
    flags = {
        "commercial": (licence.commercial,),
        "derivatives": (licence.derivatives,),
        "redistribution": (_may_pass_on(licence),),
        "share_model": (licence.derivatives,),
    }[use]
    if any(flag is False for flag in flags):
        return Reason(name, licence.id, "forbidden", f"{licence.id} forbids {USES[use]}")
    if any(flag is None for flag in flags):
        return Reason(name, licence.id, "unknown", f"whether {licence.id} allows {USES[use]} is not known")
    return Reason(name, licence.id, "allowed", f"{licence.id} allows {USES[use]}")


def _may_pass_on(licence: Licence) -> bool | None:
    """Public licences allow copies; of a publisher's own terms only those are known that are in the table."""
    if not licence.id.startswith("LicenseRef-") or licence.id.startswith("LicenseRef-CC-"):
        return True
    return True if licence.commercial and licence.derivatives else None


def _conflicts(sharing: Sequence[tuple[str, Licence]], closed: Sequence[tuple[str, Licence]]) -> list[str]:
    told: dict[str, None] = {}
    for number, (name, one) in enumerate(sharing):
        for other_name, other in sharing[number + 1 :]:
            if one.id != other.id and not (_fits(one.id, other.id) or _fits(other.id, one.id)):
                told[f"{one.id} ({name}) and {other.id} ({other_name}) each want changed versions under themselves"] = (
                    None
                )
        for other_name, other in closed:
            if other.share_alike or other_name == name:
                continue
            if one.commercial and other.commercial is False:
                told[
                    f"{one.id} ({name}) wants changed versions free for commercial use, {other.id} ({other_name}) "
                    "forbids it"
                ] = None
            if other.derivatives is False:
                told[f"{other.id} ({other_name}) forbids changed versions, which {one.id} ({name}) would cover"] = None
    return list(told)


def _fits(one: str, other: str) -> bool:
    """Whether an adaptation of what is under `one` may be put under `other`."""
    if (one, other) in _ONE_WAY:
        return True
    a, b = _CC_SA.match(one), _CC_SA.match(other)
    if a is None or b is None or a[1] != b[1]:
        return False
    # later versions with the same elements are allowed since 2.0; ported and IGO texts likewise
    return (a[2], a[3]) <= (b[2], b[3])
