"""Which names a place gets at build time: real names of many languages, without the noise of transliterations."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator

# How a name came to a place; the number is stored, the factor weighs a match.
MAIN, ALIAS, FOREIGN, BARE, ADJECTIVE = range(5)

# Languages whose CLDR names of countries are taken up.
LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "nb", "fi", "hu", "ro", "hr", "el", "ru", "uk",
    "bg", "tr", "ar", "fa", "he", "hi", "ja", "ko", "zh", "zh_Hant", "id", "vi", "th", "sw", "et", "lv", "lt", "sk",
    "sl", "ca", "is",
)  # fmt: skip

_BAD = re.compile(r"\d|[()\[\]{}<>|:;/,#@*?!\"“”=+]|https?|\.\.")
# Soft and hard signs of romanised Cyrillic: an apostrophe between a consonant and a small letter or the end.
_SIGN = re.compile(r"[bcdfgjklmnpqrstvwxzBCDFGJKLMNPQRSTVWXZ]['’](?![A-ZÀ-Ý])")
_ROMANISED = re.compile(r"^(E[hj]|J[aeou]z|Yy|Iy)[a-z]|[^aeiouy]yy|[sz]hch|dzh|[kg]jj|yj\b|jj|kk[bdfgt]|\w'\w+'")
_LATIN_LETTERS = re.compile(r"^[A-Za-zÀ-ɏḀ-ỿ'’‘ʻʼ .\-–]+$")
# Scripts kept for every city, and for cities of some size only.
_SCRIPTS = re.compile(r"^[Ͱ-Ͽἀ-῿Ѐ-ӿ؀-ۿ֐-׿぀-ヿ一-鿿가-힯 .'’\-–ー・]+$")
_SCRIPTS_LARGE = re.compile(r"^[ऀ-ॿ฀-๿Ⴀ-ჿ԰-֏ঀ-৿஀-௿ -]+$")

_GENERIC = {
    "lake": ("lake", "lago", "lac", "loch", "lough", "laguna", "laguna de", "lago di", "lago de", "lac de"),
    "mountain": ("mount", "monte", "mont", "pico", "cerro", "gunung"),
    "volcano": ("mount", "monte", "volcan", "cerro", "gunung", "pico"),
    "river": ("river", "rio"),
    "desert": ("desert",), "island": ("island", "isla", "ile", "pulau"), "islands": ("islands", "islas", "iles"),
}  # fmt: skip
_AFTER = {
    "lake": ("lake", "reservoir", "see"), "reservoir": ("reservoir", "lake"), "river": ("river",),
    "desert": ("desert",), "island": ("island",), "islands": ("islands", "island", "archipelago"),
    "archipelago": ("islands", "archipelago"), "mountain": ("mountain",), "volcano": ("volcano",),
    "mountain range": ("mountains", "range", "mountain range"), "glacier": ("glacier",), "basin": ("basin",),
    "river basin": ("basin", "river basin", "catchment"), "national park": ("national park", "park"),
    "valley": ("valley",), "peninsula": ("peninsula",), "plateau": ("plateau",), "delta": ("delta", "river delta"),
    "sea": ("sea",), "gulf": ("gulf",), "bay": ("bay",), "strait": ("strait",), "forest": ("forest",),
    "rainforest": ("rainforest", "rain forest"), "wetland": ("wetland", "wetlands"), "canal": ("canal",),
    "region": ("region",), "plain": ("plain",),
}  # fmt: skip
_BEFORE = {
    "lake": ("lake",), "mountain": ("mount",), "volcano": ("mount",), "gulf": ("gulf of",), "bay": ("bay of",),
    "strait": ("strait of", "straits of"), "island": ("island of", "isle of"), "river": ("river",),
}  # fmt: skip
# A bare name is given only where it names nothing else by custom: `Victoria` may mean the lake, `North` no sea.
_NO_BARE = frozenset(
    [
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
        "great",
        "little",
        "big",
        "upper",
        "lower",
        "new",
        "old",
        "white",
        "black",
        "red",
        "blue",
        "green",
        "yellow",
        "long",
        "round",
        "dead",
        "grand",
        "high",
        "low",
        "bear",
        "salt",
        "crystal",
        "inland",
        "cape",
        "coral",
        "man",
        "saint",
        "san",
        "santa",
        "los",
        "las",
        "el",
        "la",
        "le",
        "de",
        "of",
        "rose",
        "wood",
        "elk",
        "deer",
        "fox",
        "eagle",
        "swan",
        "turtle",
        "sand",
        "snow",
        "silver",
        "gold",
        "golden",
        "iron",
        "clear",
        "mud",
        "air",
        "alpine",
        "attic",
        "back",
        "baker",
        "bay",
        "bias",
        "bone",
        "bow",
        "bug",
        "channel",
        "coast",
        "cook",
        "copper",
        "crane",
        "death",
        "deep",
        "don",
        "ditch",
        "elephant",
        "equatorial",
        "exit",
        "false",
        "fly",
        "friendly",
        "front",
        "giant",
        "glacier",
        "grey",
        "gulf",
        "hood",
        "hunter",
        "inn",
        "inner",
        "interior",
        "island",
        "keys",
        "king",
        "late",
        "line",
        "lion",
        "lot",
        "main",
        "march",
        "mediterranean",
        "meta",
        "orange",
        "ore",
        "palm",
        "patience",
        "peace",
        "pearl",
        "penny",
        "pig",
        "pink",
        "ping",
        "place",
        "polar",
        "pyramid",
        "rainbow",
        "sacred",
        "sandwich",
        "scenery",
        "shark",
        "slave",
        "snake",
        "snowy",
        "society",
        "son",
        "sound",
        "spice",
        "standing",
        "storm",
        "store",
        "strip",
        "subtropical",
        "table",
        "temperate",
        "tropical",
        "volcano",
        "wash",
        "wolf",
        "youth",
        "save",
        "boreal",
        "coastal",
        "national",
        "forest",
        "river",
        "lake",
        "mountain",
        "desert",
        "dome",
        "forbidden",
        "grass",
        "rock",
        "crater",
        "moon",
        "mobile",
        "reading",
    ]
)


def fame(names: int) -> float:
    """What the number of a place's names adds to its importance: places that many people speak of have many."""
    return 0.8 * min(80, names)


def city_importance(population: int, names: int, capital: bool) -> float:
    """Standing of a city among places of its name, 0 to 1000, by population, number of names and seat of government."""
    return 300 + 60 * math.log10(max(1000, population)) + fame(names) + (60 if capital else 0)


def clean_city_names(names: Iterable[str], main: str, population: int) -> Iterator[str]:
    """The alternate names of a city that people write.

    GeoNames' list mixes names with airport codes, links and letter-by-letter romanisations of other scripts; those
    start with a small letter, or hold signs that no orthography has.
    """
    for raw in names:
        name = unicodedata.normalize("NFC", raw.strip())
        if not 2 <= len(name) <= 40 or name == main or _BAD.search(name):
            continue
        if _LATIN_LETTERS.match(name):
            if name[0].islower() and not re.match(
                r"(l'|d'|el |al-|al |ad-|as-|ash-|az-|an-|ar-|les? |la |los |las |den |s-)", name
            ):
                continue
            if (name.isupper() and len(name) <= 4) or len(name) < 3:
                continue
            if _SIGN.search(name[1:]) or _ROMANISED.search(name):
                continue
            yield name
        elif _SCRIPTS.match(name) or (population >= 200_000 and _SCRIPTS_LARGE.match(name)):
            yield name


_UMLAUTS: dict[int, str] = {
    ord(letter): spelt
    for letter, spelt in zip("äöüÄÖÜåøÅØ", ("ae", "oe", "ue", "Ae", "Oe", "Ue", "aa", "oe", "Aa", "Oe"), strict=True)
}


def umlaut_spelling(name: str) -> str | None:
    """`Köln` -> `Koeln`, as written without umlauts; None where there is none."""
    plain = name.translate(_UMLAUTS)
    return plain if plain != name else None


def with_kind_words(key: str, kind: str) -> Iterator[tuple[str, int]]:
    """Further keys of a feature: with its kind word before or after it, and without (`lake victoria`, `victoria`).

    Args:
        key: folded name.
        kind: kind of place.

    Yields:
        (key, role)
    """
    bare = key
    for word in _AFTER.get(kind, ()):
        if bare.endswith(" " + word):
            bare = bare[: -len(word) - 1]
            break
    for word in (*_BEFORE.get(kind, ()), *_GENERIC.get(kind, ())):
        if bare.startswith(word + " "):
            bare = bare[len(word) + 1 :]
            break
    if not bare or bare.isdigit():
        return
    if bare != key and bare not in _NO_BARE and len(bare) > 2:
        yield bare, BARE
    for word in _AFTER.get(kind, ()):
        if not bare.endswith(word):
            yield f"{bare} {word}", ALIAS
    for word in _BEFORE.get(kind, ()):
        yield f"{word} {bare}", ALIAS
