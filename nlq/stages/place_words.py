"""The words of questions about places: properties, adjectives, relations, things that the gazetteer has not."""

from __future__ import annotations

import re
from functools import lru_cache

from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.stages.degrees import COMPARATIVES

_ATTRIBUTES = (
    ("population", "population size|population|inhabitants|number of inhabitants|number of people|residents|citizens"),
    ("area_km2", "surface area|land area|area|surface|total area|areal extent"),
    ("elevation_m", "height above sea level|elevation|altitude|height|summit height|peak height"),
    ("length_km", "length"),
    ("depth_m", "maximum depth|greatest depth|depth"),
    ("location", "geographic(?:al)? coordinates|coordinates|geographic(?:al)? position|geographic(?:al)? location"
                 "|location"
                 "|position|latitude and longitude|longitude and latitude|latitude|longitude|lat/?lon|whereabouts"),
    ("capital", "capital city|capital"),
)  # fmt: skip
ATTRIBUTES = "|".join(f"(?:{words})" for _, words in _ATTRIBUTES)
_NAMES = [(name, regex(rf"\b(?:{words})\b")) for name, words in _ATTRIBUTES]
ADJECTIVES = {
    "high": "elevation_m", "tall": "elevation_m", "long": "length_km", "deep": "depth_m", "large": "area_km2",
    "big": "area_km2", "populous": "population", "populated": "population",
}  # fmt: skip
ORDERS = (
    "largest|biggest|highest|greatest|most|smallest|lowest|fewest|least|longest|shortest|deepest|shallowest"
    "|maximum|minimum"
)
_MORE = {
    "more populous": ("population", True), "more populated": ("population", True),
    "less populous": ("population", False), "more people": ("population", True),
    "more inhabitants": ("population", True), "fewer people": ("population", False),
    "a larger population": ("population", True), "the larger population": ("population", True),
    "a larger area": ("area_km2", True), "most populous": ("population", True),
    "larger population": ("population", True),
}  # fmt: skip
_DEGREES = "larger|bigger|smaller|higher|taller|lower|longer|shorter|deeper|shallower"
_TOPS = {"largest": "larger", "biggest": "bigger", "smallest": "smaller", "highest": "higher", "longest": "longer",
         "deepest": "deeper", "tallest": "taller"}  # fmt: skip
COMPARING = "|".join(
    [rf"(?:have |has )?(?:{'|'.join(_MORE)})", _DEGREES, "|".join(_TOPS), "greater in area", "larger in area"]
)
_RELATIONS = (
    ("north_of", r"(?:further |farther |more )?(?:to the )?north(?:ern)? (?:of|from|than)"),
    ("south_of", r"(?:further |farther |more )?(?:to the )?south(?:ern)? (?:of|from|than)"),
    ("east_of", r"(?:further |farther |more )?(?:to the )?east(?:ern)? (?:of|from|than)"),
    ("west_of", r"(?:further |farther |more )?(?:to the )?west(?:ern)? (?:of|from|than)"),
    ("touches", r"(?:border(?:ing|s)?(?: on)?|touch(?:es|ing)?|adjoin(?:s|ing)?|next to|adjacent to|share a "
                r"(?:land )?border"
                r" with|an? {k} of|{k}s? of|neighbou?ring|neighbou?rs? of|abut)"),
    ("crosses", r"(?:cross(?:es|ed by)?|flows? (?:through|across|past|into)|runs? (?:through|across)|pass(?:es)? "
                r"through"
                r"|traverse|lead through)"),
    ("distance", r"(?:within|less than|at most|no more than|no farther than|not more than)? ?{n} (?:of|from|away "
                 r"from|to)"),
    ("near", r"(?:near|close to|near to|in the vicinity of|not far from)"),
    ("within", r"(?:located in|situated in|within|inside|part of|in|on|lie in|lie within|belong to|lie on|lie inside)"),
    ("contains", r"(?:contain|include|hold)"),
)  # fmt: skip
RELATIONS = "|".join(pattern for _, pattern in _RELATIONS)
_COMPILED = [(name, regex(pattern)) for name, pattern in _RELATIONS]
# keys of groups of places
GROUPS = {
    "country": "country", "state": "state", "province": "state", "region": "state", "prefecture": "state",
    "department": "state", "canton": "state", "county": "state", "continent": "continent",
}  # fmt: skip
NOT_HELD = (
    "|".join(
        one.replace("_", " ") + ending
        for one in listed(
            "restaurant hotel hospital school university college museum pub bar cafe shop supermarket cinema theatre "
            "theater "
            "clinic pharmacy bus_stop bus_station metro_station subway_station train_station railway_station stadium "
            "petrol_station gas_station fuel_station playground parking_lot hostel library bakery post_office "
            "police_station fire_station embassy golf_course zoo temple mosque synagogue cathedral monument street "
            "square skyscraper bank atm campsite shopping_mall car_park swimming_pool vineyard farm hiking_trail"
        )
        for ending in ("s", "")
    )
    + "|church(?:es)?|libraries|universities|hostelries|embassies|pharmacies|galleries|streets?|roads?|motorways?"
    "|highways?"
)


def attribute_names(text: str) -> list[str]:
    """The properties that a phrase names, in its order."""
    at: dict[str, int] = {}
    taken: list[tuple[int, int]] = []
    for name, pattern in _NAMES:
        found = pattern.search(text)
        if found is not None and not any(start <= found.start() < end for start, end in taken):
            at[name] = found.start()
            taken.append(found.span())
    return sorted(at, key=lambda name: at[name])


def relation_of(text: str) -> str | None:
    """The relation that words name: north_of, touches, crosses, distance, near, within, contains."""
    return next((name for name, pattern in _COMPILED if pattern.fullmatch(text.strip())), None)


def rank_of(text: str, kinds: list[str]) -> tuple[str, bool]:
    """The property that a comparative ranks places of a kind by, and whether more is meant."""
    words = re.sub(r"^(?:have|has) ", "", text.strip())
    if words in _MORE:
        return _MORE[words]
    word = _TOPS.get(words, words).split()[0]
    table, direction = COMPARATIVES.get(word, ({"place": "area_km2"}, "desc"))
    name = table.get("place", "area_km2")
    if name == "area_km2" and kinds and "area" not in words:
        name = {"city": "population", "capital": "population", "river": "length_km", "canal": "length_km",
                "mountain": "elevation_m", "volcano": "elevation_m"}.get(kinds[0], "area_km2")  # fmt: skip
    return name, direction == "desc"


def kind_count(text: str) -> int | None:
    """The number before a kind of place that is written as a word: `the ten countries`."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    found = re.search(rf"\b({'|'.join(words)}) (?:\w+ )?{{k}}", text)
    return words.index(found[1]) + 1 if found else None


@lru_cache(maxsize=1)
def held_kinds() -> str:
    """What the gazetteer has, in words."""
    return (
        "countries, states and regions, cities, rivers, lakes, seas, islands, mountains, volcanoes, glaciers, deserts, "
        "national parks, airports, ports, dams and power plants"
    )
