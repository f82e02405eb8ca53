"""Which mission, spacecraft and instruments a record means, out of the many spellings of publishers.

`S2A`, `SENTINEL-2A`, `sentinel2a` and `Sentinel 2` all end at slugs of the sensor scheme. Spellings that follow a rule
are read by rule; all others are looked up among the labels and synonyms of the vocabulary; what nobody knows becomes a
slug of its own, so that no fact is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from ontology.concepts import Concept, label_key
from ontology.namespaces import BASE, slug

_SCHEME = BASE + "sensor/"
_MAX_NAME = 100

# squashed spelling -> slug of a spacecraft; groups are filled in
_PLATFORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"(?:sentinel|sent|s)([1-3])([a-d])$", "sentinel-{0}{1}"),
        (r"(?:sentinel|s)5(?:p|precursor)$", "sentinel-5p"),
        (r"(?:sentinel|s)6(?:a|mf|michaelfreilich)$", "sentinel-6a"),
        (r"(?:landsat|l[cotem]|ls|lsat)0?([1-9])$", "landsat-{0}"),
        (r"(?:eosam1|terra|am1)$", "terra"),
        (r"(?:eospm1|aqua|pm1)$", "aqua"),
        (r"(?:suominpp|snpp|npp)$", "suomi-npp"),
        (r"(?:noaa20|jpss1|j01)$", "noaa-20"),
        (r"(?:noaa21|jpss2|j02)$", "noaa-21"),
        (r"goes(1[4-9])$", "goes-{0}"),
        (r"himawari([89])$", "himawari-{0}"),
        (r"(?:worldview|wv)0?([1-4])$", "worldview-{0}"),
    )
)
_MISSIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"(?:sentinel|s)([1-3])$", "sentinel-{0}"),
        (r"(?:sentinel|s)5(?:p|precursor)$", "sentinel-5p"),
        (r"(?:sentinel|s)6$", "sentinel-6"),
        (r"(?:copernicus)?s([1-3])(?:sr|grd|olci|l1c|l2a|srharmonized|harmonized|msi\w*|toa)*$", "sentinel-{0}"),
        (r"(?:landsat|lsat)\w*$", "landsat"),
    )
)
_INSTRUMENTS = {
    "msi": ("msi",),
    "csar": ("c-sar",),
    "oli": ("oli",),
    "tirs": ("tirs",),
    "olitirs": ("oli", "tirs"),
    "oli2": ("oli-2",),
    "tirs2": ("tirs-2",),
    "etm": ("etm-plus",),
    "etmplus": ("etm-plus",),
    "tm": ("tm",),
    "mss": ("mss",),
    "modis": ("modis",),
    "viirs": ("viirs",),
    "olci": ("olci",),
    "slstr": ("slstr",),
    "sral": ("sral",),
    "tropomi": ("tropomi",),
    "aster": ("aster",),
}
# a collection's identifier -> mission, where its items name no platform
_HINTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"(?<![a-z0-9])sentinel[-_ ]?([1-3])(?![0-9])", "sentinel-{0}"),
        (r"(?<![a-z0-9])sentinel[-_ ]?5[-_ ]?p", "sentinel-5p"),
        (r"(?<![a-z0-9])sentinel[-_ ]?s([1-3])(?![0-9])", "sentinel-{0}"),
        (r"(?:^|/)S([1-3])(?:MSI|_|$)", "sentinel-{0}"),
        (r"(?<![a-z0-9])(?:landsat|L[COTEM]0[1-9]|LANDSAT)", "landsat"),
        (r"(?<![a-z0-9])naip(?![a-z])", "naip"),
        (r"(?<![a-z0-9])planetscope|PSScene", "planetscope"),
        (r"(?<![a-z0-9])skysat", "skysat"),
        (r"(?<![a-z0-9])HLS[-_.]?L30", "landsat"),
        (r"(?<![a-z0-9])HLS[-_.]?S30", "sentinel-2"),
    )
)
_WORDS = {"prism", "atlas", "pace", "swarm", "casi", "corona", "biomass", "iris"}  # names of other things as well
_NAMED = (
    *_HINTS,
    (re.compile(r"(?<![A-Za-z0-9])S([12])(?![A-Za-z0-9])"), "sentinel-{0}"),
    (re.compile(r"(?<![a-z0-9])sentinel[-_ ]?([1-3])([a-d])(?![a-z0-9])", re.IGNORECASE), "sentinel-{0}{1}"),
    (re.compile(r"(?<![a-z0-9])landsat[-_ ]?([1-9])(?![0-9])", re.IGNORECASE), "landsat-{0}"),
    (re.compile(r"(?<![A-Za-z0-9])L[COTEM]0([1-9])(?![0-9])"), "landsat-{0}"),
    (re.compile(r"(?<![A-Za-z0-9])M[OYC]D\d\d"), "modis"),
    (re.compile(r"(?<![A-Za-z0-9])V(?:NP|J1|J2)\d\d"), "viirs"),
)


@dataclass(frozen=True, slots=True)
class Sensing:
    """Slugs of the sensor scheme; None or empty where unknown."""

    mission: str | None = None
    platform: str | None = None
    instrument: tuple[str, ...] = ()


@dataclass(slots=True)
class Sensors:
    """The sensor scheme, indexed by spelling.

    Attributes:
        slugs: squashed label or synonym -> slug.
        parents: slug -> slugs of broader concepts.
        missions, platforms, instruments: slugs by what they stand for.
    """

    slugs: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missions: set[str] = field(default_factory=set)
    platforms: set[str] = field(default_factory=set)
    instruments: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Sensors:
        """The index of a scheme's concepts; preferred labels win over synonyms."""
        index = cls()
        rows = [(one, one.iri.removeprefix(_SCHEME)) for one in concepts]
        for concept, name in rows:
            index.slugs.setdefault(label_key(concept.label), name)
            index.slugs.setdefault(label_key(name), name)
            index.parents[name] = tuple(one.removeprefix(_SCHEME) for one in concept.broader)
            for kind, names in (
                ("ed:Mission", index.missions),
                ("sosa:Platform", index.platforms),
                ("sosa:Sensor", index.instruments),
            ):
                if kind in concept.types:
                    names.add(name)
        for concept, name in rows:
            for synonym in concept.alt:
                index.slugs.setdefault(label_key(synonym), name)
        return index

    def find(self, text: str) -> str | None:
        """The slug of a label or synonym of the vocabulary."""
        return self.slugs.get(label_key(text[:_MAX_NAME]))

    def platform(self, text: str) -> str | None:
        """The slug of a spacecraft; None where the text names a mission or several spacecraft."""
        key = label_key(text[:_MAX_NAME])
        ruled = _by_rule(key, _PLATFORMS)
        if ruled:
            return ruled
        if _by_rule(key, _MISSIONS):
            return None
        found = self.slugs.get(key)
        if found is None:
            return slug(text[:_MAX_NAME]) or None
        # a mission of one spacecraft is its own platform
        is_single = found in self.missions and not any(found in self.parents[one] for one in self.platforms)
        return found if found in self.platforms or is_single else None

    def mission(self, text: str) -> str | None:
        """The slug of the mission that a text names or whose spacecraft it names; None where nobody knows it."""
        key = label_key(text[:_MAX_NAME])
        spacecraft = _by_rule(key, _PLATFORMS)
        found = _by_rule(key, _MISSIONS) if spacecraft is None else self.mission_of(spacecraft)
        if found:
            return found
        known = self.slugs.get(key) or self.slugs.get(re.sub(r"\d+$", "", key))  # Umbra-08 is one of Umbra's
        return self.mission_of(known) if known else None

    def mission_of(self, name: str) -> str | None:
        """The mission above a slug, or the slug itself where it is a mission."""
        if re.match(r"landsat(-\d)?$", name):
            return "landsat"
        if found := re.match(r"(sentinel-[1-3])[a-d]?$|(sentinel-5p)$|(sentinel-6)a?b?$", name):
            return next(one for one in found.groups() if one)
        seen: set[str] = set()
        level = [name]
        while level:
            hit = next((one for one in level if one in self.missions), None)
            if hit:
                return hit
            seen.update(level)
            level = [up for one in level for up in self.parents.get(one, ()) if up not in seen]
        return None

    def instrument(self, text: str) -> tuple[str, ...]:
        """The slugs of instruments in a text such as `OLI_TIRS` or `tm,etm+,oli`."""
        names: list[str] = []
        for part in re.split(r"[,;/|]", text[:_MAX_NAME]):
            key = label_key(part)
            if not key or key in ("unknown", "none", "na"):
                continue
            if key in _INSTRUMENTS:
                names += _INSTRUMENTS[key]
            elif self.slugs.get(key) not in self.missions:
                names.append(self.slugs.get(key) or slug(part))
        return tuple(dict.fromkeys(name for name in names if name))

    def read(
        self, platforms: Sequence[str], instruments: Sequence[str], constellation: str | None, hints: Sequence[str]
    ) -> Sensing:
        """What the fields of a record say together.

        Args:
            platforms: texts that name spacecraft; one text may list several.
            instruments: texts that name instruments.
            constellation: text that names the mission.
            hints: identifiers of the collection, asked last.
        """
        names = [one.strip() for text in platforms for one in re.split(r"[,;|]", text) if one.strip()]
        names = [one for one in names if label_key(one) not in ("unknown", "unknownplatform", "none", "na", "")]
        spacecraft = {found for one in names if (found := self.platform(one))}
        missions = [found for one in names if (found := self.mission(one))]
        mission = missions[0] if missions and len(set(missions)) == 1 else None
        if mission is None and len(set(missions)) < 2 and constellation:
            mission = self.mission(constellation) or self._known_mission(constellation)
        if mission is None and not missions:
            mission = next((found for hint in hints if (found := _hint(hint))), None)
        aboard = tuple(dict.fromkeys(one for text in instruments for one in self.instrument(text)))
        return Sensing(mission, spacecraft.pop() if len(spacecraft) == 1 else None, aboard)

    def _known_mission(self, text: str) -> str | None:
        name = slug(text[:_MAX_NAME])
        return name or None


def _by_rule(key: str, rules: Iterable[tuple[re.Pattern[str], str]]) -> str | None:
    for pattern, form in rules:
        found = pattern.match(key)
        if found:
            return form.format(*found.groups())
    return None


def _hint(text: str) -> str | None:
    for pattern, form in _HINTS:
        found = pattern.search(text[:200])
        if found:
            return form.format(*found.groups())
    return None


@cache
def sensors() -> Sensors:
    """The sensor scheme of the packaged vocabulary."""
    from ontology.vocabulary import Vocabulary

    return Sensors.of(Vocabulary.load().concepts("sensor"))


def named_sensors(text: str) -> tuple[str, ...]:
    """Labels of the missions and spacecraft that running text or an identifier names: `ResNet-18 for Sentinel-2`."""
    from ontology.vocabulary import Vocabulary

    text = text[:5_000]
    vocabulary = Vocabulary.load()
    names = [form.format(*one.groups()) for pattern, form in _NAMED for one in pattern.finditer(text)]
    # other names count where they stand out: with a digit, in capitals, or with capitals inside (PlanetScope)
    names += [one for one in re.findall(r"[A-Za-z][\w-]{3,20}", text) if re.search(r"\d|^[A-Z-]+$|[a-z][A-Z]", one)]
    names = [one for one in names if one.casefold() not in _WORDS]
    found = [concept for name in names if (concept := vocabulary.lookup("sensor", name)) is not None]
    known = {one.iri: one.label for one in found if "ed:MissionFamily" not in one.types}
    broader = {up for one in found for up in one.broader}  # Landsat-8 says more than Landsat
    return tuple(label for iri, label in known.items() if iri not in broader)
