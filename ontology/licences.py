"""Licences as concepts with what they permit, forbid and require, from `taxonomies/licences.yaml`.

Every flag has three values: true, false, and absent for unknown. The rules are also written in ODRL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ontology.concepts import Concept, Scheme, label_key, texts
from ontology.namespaces import BASE, expand, licence_iri
from ontology.terms import IRI, Literal, Term, Triple

SCHEME = "licence"
_LONGEST_PROSE = 200
_PARTS = (
    ("nc", r"non[\s-]*commercial"),
    ("sa", r"share[\s-]*alike"),
    ("nd", r"no[\s-]*deriv\w*"),
)
_FILL = r"(?:[\s._-]*\b(?:public|licen[sc]e|international|unported|generic|v|version)(?=[\W\d]))*"
_CC = re.compile(
    rf"\bcc[\s_-]*by((?:[\s_-]*(?:nc|sa|nd)\b)*)(?:{_FILL}[\s._-]*(\d(?:\.\d)?)(?![\d]))?(?:[\s_-]*(igo)\b)?(?!\w)"
)
_CC_URL = re.compile(r"creativecommons\.org/licenses/by((?:-(?:nc|sa|nd))*)(?:/(\d\.\d))?(?:/(igo))?")
_URLS = (
    (re.compile(r"creativecommons\.org/publicdomain/zero"), "CC0-1.0"),
    (re.compile(r"creativecommons\.org/publicdomain/mark"), "LicenseRef-public-domain"),
    (re.compile(r"opendatacommons\.org/licenses/odbl"), "ODbL-1.0"),
    (re.compile(r"opendatacommons\.org/licenses/by"), "ODC-By-1.0"),
    (re.compile(r"opendatacommons\.org/licenses/pddl"), "PDDL-1.0"),
    (re.compile(r"apache\.org/licenses/license-2\.0"), "Apache-2.0"),
    (re.compile(r"opensource\.org/licen[sc]es?/mit"), "MIT"),
    (re.compile(r"cdla\.(?:dev|io)/permissive-1"), "CDLA-Permissive-1.0"),
    (re.compile(r"cdla\.(?:dev|io)/permissive-2"), "CDLA-Permissive-2.0"),
    (re.compile(r"gnu\.org/licenses/agpl"), "AGPL-3.0-only"),
    (re.compile(r"gnu\.org/licenses/lgpl"), "LGPL-3.0-only"),
    (re.compile(r"gnu\.org/licenses/gpl"), "GPL-3.0-only"),
    (re.compile(r"sentinel\w*\.\S*legal[_-]notice"), "LicenseRef-Copernicus"),
)
_FLAGS = ("commercial", "derivatives", "share_alike", "attribution")
_VAGUE = frozenset({"LicenseRef-public-domain", "LicenseRef-proprietary", "LicenseRef-various", "LicenseRef-other"})


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence.

    Attributes:
        id: SPDX identifier, or `LicenseRef-...`.
        name: full name.
        alt: other names, which questions may use too.
        spelled: what a licence field may hold, but would mislead in a question (`other`, `Copernicus`).
        commercial, derivatives: whether it permits use for money and changed versions; None: unknown.
        share_alike: whether changed versions must bear the same licence; None: unknown.
        attribution: whether the makers must be named; None: unknown.
        url: its text.
    """

    id: str
    name: str
    alt: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()
    commercial: bool | None = None
    derivatives: bool | None = None
    share_alike: bool | None = None
    attribution: bool | None = None
    url: str = ""

    @property
    def iri(self) -> IRI:
        """The IRI in the graph."""
        return licence_iri(self.id)


def parse_licences(table: Mapping[str, Any]) -> tuple[Licence, ...]:
    """All licences of the table: those of the Creative Commons families in each version, then the others.

    Every family also has a member without version (`LicenseRef-CC-BY`) for texts that do not name one.
    """
    found: list[Licence] = []
    for family, row in table["families"].items():
        values = {flag: row.get(flag) for flag in _FLAGS}
        path = family.removeprefix("CC-").lower()
        for version in table["versions"]:
            number, _, igo = version.partition("-")
            url = f"https://creativecommons.org/licenses/{path}/{number}/{'igo/' if igo else ''}"
            found.append(Licence(f"{family}-{version}", f"{row['name']} {version}", **values, url=url))
        found.append(Licence(f"LicenseRef-{family}", f"{row['name']} (no version given)", (family,), **values))
    for spdx, row in table["licences"].items():
        names = (texts(row.get("alt")), texts(row.get("spelled")))
        values = {flag: row.get(flag) for flag in _FLAGS}
        found.append(Licence(spdx, str(row["name"]), *names, **values, url=str(row.get("url", ""))))
    return tuple(found)


def licence_scheme(table: Mapping[str, Any]) -> Scheme:
    """The licences as a concept scheme, with their ODRL rules."""
    licences = parse_licences(table)
    concepts = tuple(
        Concept(
            scheme=SCHEME,
            label=one.id,
            iri=one.iri,
            alt=_other_names(one),
            definition=_definition(one),
            notation=one.id,
            types=("dct:LicenseDocument", "odrl:Policy"),
            facts=tuple(_facts(one)),
        )
        for one in licences
    )
    extra = tuple(triple for one in licences for triple in _rules(one))
    return Scheme(SCHEME, str(table["title"]), str(table["about"]), concepts, extra=extra)


def _other_names(one: Licence) -> tuple[str, ...]:
    names = {label_key(name): name for name in (one.name, *one.alt) if label_key(name) != label_key(one.id)}
    return tuple(names.values())


def _definition(one: Licence) -> str:
    said = [
        text
        for value, yes, no in (
            (one.commercial, "commercial use is permitted", "commercial use is forbidden"),
            (one.derivatives, "changed versions are permitted", "changed versions are forbidden"),
            (one.share_alike, "changed versions must bear the same licence", ""),
            (one.attribution, "the makers must be named", ""),
        )
        for text in ([yes] if value else [no] if value is False else [])
        if text
    ]
    return f"{one.name}: {', '.join(said) if said else 'what it permits is not known'}."


def _facts(one: Licence) -> Iterator[tuple[IRI, Term]]:
    yield expand("spdx:licenseId"), Literal.of(one.id)
    yield expand("dct:title"), Literal.of(one.name)
    for predicate, value in (
        ("ed:permitsCommercialUse", one.commercial),
        ("ed:permitsDerivatives", one.derivatives),
        ("ed:requiresShareAlike", one.share_alike),
        ("ed:requiresAttribution", one.attribution),
    ):
        if value is not None:
            yield expand(predicate), Literal.of(value)
    if one.url:
        yield expand("rdfs:seeAlso"), IRI(one.url)


def _rules(one: Licence) -> Iterator[Triple]:
    """ODRL: one permission, one prohibition, one duty node a licence, each with all its actions."""
    stem = f"{BASE}licence/{one.id}/"
    flags = (one.commercial, one.derivatives, one.share_alike, one.attribution)
    if all(flag is None for flag in flags):
        return
    permitted, forbidden, duties = ["odrl:use", "odrl:reproduce"], [], []
    for value, action in ((one.commercial, "odrl:commercialize"), (one.derivatives, "odrl:derive")):
        if value:
            permitted.append(action)
        elif value is False:
            forbidden.append(action)
    for value, action in ((one.attribution, "odrl:attribute"), (one.share_alike, "cc:ShareAlike")):
        if value:
            duties.append(action)
    permission = IRI(stem + "permission")
    yield from _rule(one.iri, "odrl:permission", permission, "odrl:Permission", permitted)
    if forbidden:
        yield from _rule(one.iri, "odrl:prohibition", IRI(stem + "prohibition"), "odrl:Prohibition", forbidden)
    if duties:
        yield from _rule(permission, "odrl:duty", IRI(stem + "duty"), "odrl:Duty", duties)


def _rule(subject: IRI, predicate: str, node: IRI, kind: str, actions: list[str]) -> Iterator[Triple]:
    yield subject, expand(predicate), node
    yield node, expand("rdf:type"), expand(kind)
    for action in actions:
        yield node, expand("odrl:action"), expand(action)


class LicenceIndex:
    """Finds a licence by what people write: identifiers, names, links, a short phrase around one of them."""

    def __init__(self, licences: tuple[Licence, ...]) -> None:
        self._by_id = {one.id: one for one in licences}
        self._known: dict[str, Licence] = {}
        for one in licences:
            self._known[label_key(one.id)] = one
        for one in licences:
            for name in (one.name, *one.alt, *one.spelled):
                self._known.setdefault(label_key(name), one)

    def get(self, spdx: str) -> Licence | None:
        """The licence with exactly this identifier."""
        return self._by_id.get(spdx)

    def find(self, text: str) -> Licence | None:
        """The licence that a text names; None where it names none or several."""
        low = " ".join(text.split()).casefold()
        if not low:
            return None
        spdx = re.fullmatch(r"https?://(?:www\.)?spdx\.org/licenses/([\w.+-]+?)(?:\.html|\.json)?", low)
        found = self._known.get(label_key(spdx[1] if spdx else low)) or self._known.get(label_key(_bare(low)))
        if found is not None or len(low) > _LONGEST_PROSE:
            return found
        named = set(self._creative_commons(low)) | {spdx for pattern, spdx in _URLS if pattern.search(low)}
        words = set(self._words(_CC.sub(" ", re.sub(r"\([^)]*\)|https?://\S+", " ", low))))
        named = (named | (words - _VAGUE)) or words
        return self._by_id[named.pop()] if len(named) == 1 else None

    def _creative_commons(self, low: str) -> Iterator[str]:
        spelled = re.sub(r"creative commons\s+(?:-\s*)?(?=attribution|by\b)", "cc ", low)
        spelled = re.sub(r"\bcc[\s-]+attribution", "cc by", spelled)
        if "cc by" in spelled:
            for short, pattern in _PARTS:
                spelled = re.sub(rf"[\s-]*\b{pattern}\b", f" {short}", spelled)
        for one in (_CC, _CC_URL):
            for match in one.finditer(spelled):
                given = set(re.findall("nc|sa|nd", match[1]))
                family = "-".join(("CC-BY", *(part.upper() for part in ("nc", "sa", "nd") if part in given)))
                number = f"{match[2]}.0" if match[2] and "." not in match[2] else match[2]
                version = f"{number}{'-IGO' if match[3] else ''}" if number else ""
                name = f"{family}-{version}" if version else f"LicenseRef-{family}"
                if name in self._by_id:
                    yield name

    def _words(self, low: str) -> Iterator[str]:
        """Licences that phrases of up to five words name, longest first: `code under the MIT licence`."""
        words = [word for word in re.split(r"[\s,;:/]+", low) if word]
        at = 0
        while at < len(words):
            for size in range(min(5, len(words) - at), 0, -1):
                form = label_key(" ".join(words[at : at + size]))
                if len(form) > 2 and form in self._known:
                    yield self._known[form].id
                    at += size - 1
                    break
            at += 1


def _bare(low: str) -> str:
    """Without the words that only say that it is a licence."""
    low = re.sub(r"\([^)]*\)", " ", low)
    low = re.sub(r"\b(?:the|licen[sc]ed?|under|version|v(?=\d)|software|data)\b", " ", low)
    return low.strip(" .")
