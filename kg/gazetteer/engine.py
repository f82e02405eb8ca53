"""Names -> places: ranked candidates, the longest name in a text, misspelt names, outlines, places of a kind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kg.gazetteer import parts
from kg.gazetteer.inside import Inside
from kg.gazetteer.layer import Layer
from kg.gazetteer.names import fold, join, key
from kg.gazetteer.place import STEM, Match, Place, canonical_kind
from kg.gazetteer.spelling import misspelt

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from ontology.terms import Term

T = TypeVar("T")
ROLES = ("name", "alias", "foreign", "bare", "adjective")
# How much a match weighs by the way the name came to the place.
_WEIGHTS = (1.0, 0.97, 0.86, 0.85, 0.9)
_FOREIGN, _ADJECTIVE = 2, 4
MAX_NAME = 200
_MAX_WORDS = 12


class Gazetteer:
    """All places, from the packaged file and, over it, what importers added. Safe to share between threads.

    Args:
        layers: files, the finest first: where two know a place, the first gives its facts and outline.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        self._lock = threading.RLock()
        self._get = lru_cache(maxsize=4096)(self._read)
        self._shape = lru_cache(maxsize=256)(self._read_shape)
        self._number = lru_cache(maxsize=4096)(Layer.number)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files it reads."""
        return tuple(layer.path for layer in self._layers)

    @property
    def attribution(self) -> str:
        """Whom to credit."""
        return " ".join(dict.fromkeys(str(layer.meta.get("attribution", "")) for layer in self._layers)).strip()

    def packaged(self) -> Gazetteer:
        """The packaged places alone."""
        return Gazetteer(self._layers[-1:])

    def close(self) -> None:
        """Closes the files."""
        for layer in self._layers:
            layer.close()

    # --- names -> places -----------------------------------------------------------------------------------------

    def lookup(
        self, name: str, limit: int = 5, kinds: Iterable[str] | None = None, within: str | None = None
    ) -> list[Match]:
        """Places of a name, the likeliest first.

        `Paris, Texas` and `Toledo (Ohio)` look inside the place after the comma; `northern Italy` gives the northern
        part of Italy, unless that is a name of its own (`North Korea`).

        Args:
            name: in any spelling and script that is stored; at most 200 characters, longer text is no name.
            limit: the most candidates.
            kinds: only these kinds: labels of the scheme `place-kind` or local words (`voivodeship`).
            within: only places inside this one: its IRI, ISO code or name.
        """
        if limit < 1 or len(name) > MAX_NAME:
            return []
        with self._lock:
            return self._lookup(name, limit, None if kinds is None else frozenset(kinds), within)

    def _lookup(self, name: str, limit: int, kinds: frozenset[str] | None, within: str | None) -> list[Match]:
        found = self._ranked(key(name), kinds, within, adjectives=True)
        if not found and within is None:
            plain, qualifier = parts.split_qualifier(name)
            if qualifier:
                found = self._qualified(plain, qualifier, kinds)
        if not found:
            side, rest = parts.split_direction(name)
            if side:
                whole = self._lookup(rest, limit, kinds, within)
                found = [made for one in whole if (made := self._part(one, side)) is not None]
        return found[:limit]

    def _qualified(self, name: str, qualifier: str, kinds: frozenset[str] | None) -> list[Match]:
        best: list[Match] = []
        for outer in self._lookup(qualifier, 4, None, None):
            inner = self._ranked(key(name), kinds, outer.place.iri, adjectives=False)
            weighed = [Match(one.place, one.score * (0.5 + outer.score / 2), one.role) for one in inner]
            best = sorted([*best, *weighed], key=lambda one: -one.score)
        return list({one.place.iri: one for one in reversed(best)}.values())[::-1]

    def _ranked(self, made: str, kinds: frozenset[str] | None, within: str | None, *, adjectives: bool) -> list[Match]:
        if not made:
            return []
        roles: dict[str, int] = {}
        for layer in self._layers:
            for number, role in layer.names.find(made):
                place = layer.place(number)
                if place is not None:
                    roles[place.ref] = min(role, roles.get(place.ref, 9))
        wanted = None if kinds is None else frozenset(map(str.casefold, kinds))
        inside = self._inside(within) if within is not None else None
        if within is not None and inside is None:
            return []
        # A name from another language weighs little where it is somebody's own name: Cordoba, not its namesakes.
        own = any(role < _FOREIGN for role in roles.values()) and made.isascii()
        found = []
        for ref, role in roles.items():
            if role == _ADJECTIVE and not adjectives:
                continue
            place = self._get(ref)
            if place is None or (wanted is not None and not {place.kind, place.word} & wanted):
                continue
            if inside is not None and not inside.holds(place):
                continue
            weight = _WEIGHTS[role] * (0.7 if own and role == _FOREIGN else 1)
            found.append(Match(place, round(place.importance / 1000 * weight, 4), ROLES[role]))
        return sorted(found, key=lambda one: (-one.score, one.place.iri))

    def fuzzy(
        self, name: str, limit: int = 5, kinds: Iterable[str] | None = None, within: str | None = None
    ) -> list[Match]:
        """Places whose name is nearly this one, the nearest and likeliest first.

        One letter may differ in names of four and five letters, two up to nine, three beyond (insertions, deletions,
        replacements and swaps of neighbours). Places that few people name are not searched.
        """
        made = key(name)
        if limit < 1 or not 4 <= len(made) <= 60:
            return []
        wanted = None if kinds is None else frozenset(kinds)
        with self._lock:
            best: dict[str, Match] = {}
            for near, distance in misspelt(made, [layer.fuzzy_keys for layer in self._layers]):
                for one in self._ranked(near, wanted, within, adjectives=False):
                    score = round(one.score * (1 - distance / (len(made) + 1)), 4)
                    if one.place.iri not in best or best[one.place.iri].score < score:
                        best[one.place.iri] = Match(one.place, score, one.role, distance)
            return sorted(best.values(), key=lambda one: (-one.score, one.place.iri))[:limit]

    def longest_match(self, tokens: Sequence[str], start: int, limit: int = 10) -> tuple[int, list[Match]] | None:
        """The longest name that begins at a token.

        Args:
            tokens: words and signs of a text, in order.
            start: where to look.
            limit: the most candidates.

        Returns:
            (end, candidates): the name is `tokens[start:end]`; None where no name begins.
        """
        if not 0 <= start < len(tokens) or not fold(tokens[start][:MAX_NAME]):
            return None
        words: list[str] = []
        best = 0
        with self._lock:
            for end in range(start, min(len(tokens), start + 2 * _MAX_WORDS)):
                new = fold(tokens[end][:MAX_NAME])
                words += new
                if not new:
                    continue
                if len(words) > _MAX_WORDS:
                    break
                made = join(words)
                if any(layer.names.find(made) for layer in self._layers):
                    best = end + 1
                prefix = join([*words, "x"])[:-1]
                if words != ["the"] and not any(layer.names.continues(prefix) for layer in self._layers):
                    break
            part = self._longest_part(tokens, start, limit)
            # `eastern Bolivia` is longer than the district `Eastern`; a direction alone is no name in running text.
            if part is not None and part[0] > best:
                return part
            named = _folded(tokens[start:best])
            if not best or all(parts.is_direction(word) for word in named):
                return None
            found = self._ranked(join(named), None, None, adjectives=False)
            return (best, found[:limit]) if found else None

    def _longest_part(self, tokens: Sequence[str], start: int, limit: int) -> tuple[int, list[Match]] | None:
        side, at = parts.direction_at(tokens, start)
        if not side or at >= len(tokens):
            return None
        found = self.longest_match(tokens, at, limit)
        if found is None:
            return None
        made = [part for one in found[1] if (part := self._part(one, side)) is not None]
        return (found[0], made) if made else None

    def _part(self, match: Match, side: str) -> Match | None:
        if match.role == "bare" or parts.is_part(match.place.ref):
            return None
        place = self._get(parts.part_ref(side, match.place.ref))
        return None if place is None else Match(place, match.score, match.role)

    # --- places --------------------------------------------------------------------------------------------------

    def get(self, iri: str) -> Place | None:
        """The place of an IRI (or of the last part of one: `country/AT`); None where there is none."""
        with self._lock:
            return self._get(iri.removeprefix(STEM))

    def _read(self, ref: str) -> Place | None:
        for layer in self._layers:
            number = layer.number(ref)
            if number is not None:
                return layer.place(number)
        side, rest = parts.split_ref(ref)
        whole = self._get(rest) if side else None
        return None if whole is None else parts.made(side, whole, self._shape(rest))

    def outline(self, iri: str) -> BaseGeometry | None:
        """The outline that a file holds; None for places that are a point with a radius."""
        with self._lock:
            return self._first(iri.removeprefix(STEM), lambda layer, number: layer.geometry(number))

    def coded(self, code: str) -> Place | None:
        """The place of an outside identifier: `gn:2770542` (GeoNames) or `iso:AT-3` (ISO 3166-2)."""
        with self._lock:
            for layer in self._layers:
                number = layer.coded(code)
                if number is not None and (found := layer.place(number)) is not None:
                    return self._get(found.ref)
            return self._get(f"city/{code[3:]}") if code.startswith("gn:") else None

    def geometry(self, iri: str) -> BaseGeometry | None:
        """The outline of a place, a course for rivers, a circle for cities, lon/lat in degrees (CRS84)."""
        with self._lock:
            return self._shape(iri.removeprefix(STEM))

    def _read_shape(self, ref: str) -> BaseGeometry | None:
        side, rest = parts.split_ref(ref)
        if side:
            whole = self._shape(rest)
            return None if whole is None else parts.cut(whole, side)
        found = self._first(ref, lambda layer, number: layer.geometry(number))
        if found is not None:
            return found
        place = self._get(ref)
        if place is None:
            return None
        from kg.gazetteer.circles import circle

        return circle(place.lon, place.lat, place.radius_km or 1.0)

    def wkt(self, iri: str) -> str | None:
        """As `geometry`, as WKT with four decimals (11 m); without building the geometry where that can be helped."""
        ref = iri.removeprefix(STEM)
        with self._lock:
            text = self._first(ref, lambda layer, number: layer.wkt(number))
            place = self._get(ref) if text is None and not parts.is_part(ref) else None
            if place is not None:
                from kg.gazetteer.circles import circle_wkt

                text = circle_wkt(place.lon, place.lat, place.radius_km or 1.0)
            shape = self._shape(ref) if text is None else None
        if shape is not None:
            import shapely

            text = str(shapely.to_wkt(shape, rounding_precision=4))
        return text

    def _first(self, ref: str, read: Callable[[Layer, int], T]) -> T | None:
        """What the finest layer that has it says."""
        for layer in self._layers:
            number = self._number(layer, ref)
            if number is not None and (found := read(layer, number)):
                return found
        return None

    def alternates(self, iri: str) -> list[str]:
        """Other names of a place, as they are written."""
        ref = iri.removeprefix(STEM)
        with self._lock:
            numbers = [(layer, self._number(layer, ref)) for layer in self._layers]
            listed = [text for layer, number in numbers if number is not None for text in layer.alternates(number)]
        return list(dict.fromkeys(listed))

    def parents(self, iri: str) -> list[str]:
        """IRIs of the places that hold it, from the nearest outwards."""
        with self._lock:
            return [STEM + ref for ref in self._parents(iri.removeprefix(STEM))]

    def _parents(self, ref: str) -> list[str]:
        place = self._get(ref)
        side, rest = parts.split_ref(ref)
        if place is None:
            return []
        if side:
            return [rest]
        listed = self._first(ref, lambda layer, number: layer.parents(number)) or []
        if place.admin1 and not ref.startswith("admin1/") and self._get(f"admin1/{place.admin1}"):
            listed = [f"admin1/{place.admin1}", *listed]
        if not listed and place.country and ref != f"country/{place.country}":
            listed = [f"country/{place.country}"]
        return listed

    def neighbours(self, iri: str) -> list[Place]:
        """Countries and first-level areas that touch one."""
        ref = iri.removeprefix(STEM)
        with self._lock:
            refs = self._first(ref, lambda layer, number: layer.neighbours(number)) or []
            return [place for one in refs if (place := self._get(one)) is not None]

    def of_kind(self, kind: str, within: str | None = None, limit: int | None = None) -> list[Place]:
        """Places of a kind, the most important first.

        Args:
            kind: label of the scheme `place-kind`, or a local word (`voivodeship`).
            within: only those inside this place: its IRI, ISO code or name.
            limit: the most places.
        """
        wanted = kind.casefold()
        with self._lock:
            inside = self._inside(within) if within is not None else None
            if within is not None and inside is None:
                return []
            # Of these every one lies in one country, which its row names.
            single = wanted in ("city", "capital", "state", "county")
            country = inside.country if inside is not None and single else None
            found: dict[str, Place] = {}
            for layer in self._layers:
                words = [one for one in layer.words() if wanted in (one, canonical_kind(one))]
                words += {"capital": ["city"], "state": ["region"]}.get(wanted, [])
                for place in layer.of_words(words, country):
                    if place.iri in found or not (wanted in (place.kind, place.word) or place.is_capital):
                        continue
                    if inside is None or inside.holds(place):
                        found[place.iri] = place
            return sorted(found.values(), key=lambda one: (-one.importance, one.iri))[:limit]

    def meeting(self, bbox: tuple[float, float, float, float], large: int = 0) -> list[Place]:
        """Places whose box meets a box.

        Args:
            bbox: west, south, east, north in degrees (CRS84), west <= east.
            large: of cities only capitals and those with as many inhabitants.
        """
        with self._lock:
            found: dict[str, Place] = {}
            for layer in self._layers:
                for place in layer.meeting(*bbox, large):
                    found.setdefault(place.iri, place)
            return list(found.values())

    def iris(self, cities: bool = False, large: int | None = None) -> list[str]:
        """IRIs of all places; cities only if asked for, or if they are capitals or have `large` inhabitants."""
        with self._lock:
            refs = (ref for layer in self._layers for ref in layer.refs(cities, large))
            return [STEM + ref for ref in dict.fromkeys(refs)]

    def triples(self, iri: str) -> list[tuple[Term, Term, Term]]:
        """What the graph says of a place; empty where there is none."""
        from kg.gazetteer.triples import place_triples

        return place_triples(self, iri)

    def _inside(self, within: str) -> Inside | None:
        ref = self._resolve(within)
        place = self._get(ref) if ref is not None else None
        return None if place is None else Inside(place, self._shape, self._parents)

    def _resolve(self, text: str) -> str | None:
        """The reference that an IRI, an ISO code or a name means."""
        ref = text.removeprefix(STEM)
        if self._get(ref) is not None:
            return ref
        if len(text) == 2 and text.isupper() and self._get(f"country/{text}") is not None:
            return f"country/{text}"
        found = self._lookup(text, 1, None, None) if len(text) <= MAX_NAME else []
        return found[0].place.ref if found else None


def _folded(tokens: Sequence[str]) -> list[str]:
    return [word for token in tokens for word in fold(token[:MAX_NAME])]
