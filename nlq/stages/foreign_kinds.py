"""Kinds of place in other languages before a name, and towns that are called like something else.

`Île de la Réunion`, `Lac de Neuchâtel` and `Río Paraná` name an island, a lake and a river; in `Venus, Texas` the
state says that no satellite is meant.
"""

from __future__ import annotations

from typing import Any

from nlq.lexis.words import listed
from nlq.sheet.reading import Mark, Reading
from nlq.sheet.tokens import key
from nlq.stages.places import Places

_WORDS = {
    "island": "ile isle isla isola ilha insel ostrov eiland pulau illa",
    "lake": "lac lago lagoa laguna jezero jezioro ozero danau meer see",
    "mountain": "mont monte cerro pico gunung gora berg puig",
    "volcano": "volcan vulcano vulcao vulkan volcano",
    "river": "rio fleuve riviere fiume fluss rzeka reka rivier sungai",
    "gulf": "golfe golfo golf",
    "bay": "baie bahia baia bucht",
    "cape": "cap cabo capo kap",
    "sea": "mer mar mare",
    "desert": "desierto deserto wuste",
    "state": "provincia estado departamento departement bundesland oblast provence canton kanton voivodeship",
    "city": "ville ciudad cidade citta stadt",
    "national park": "parque parc parco nationalpark",
}
_KINDS = {word: kind for kind, text in _WORDS.items() for word in listed(text)}
_ENGLISH = {"lake": ("Lake {}", "{} Lake"), "mountain": ("Mount {}",), "island": ("{} Island",), "river": ("{} River",),
            "gulf": ("Gulf of {}",), "bay": ("Bay of {}", "{} Bay"), "cape": ("Cape {}",), "sea": ("{} Sea",),
            "desert": ("{} Desert",), "national park": ("{} National Park",)}  # fmt: skip
_KIN = {"lake": ("lake", "reservoir", "lagoon"), "mountain": ("mountain", "volcano", "mountain range"),
        "volcano": ("volcano", "mountain"), "state": ("state", "county", "region"), "city": ("city", "capital"),
        "island": ("island", "archipelago", "country", "state")}  # fmt: skip
_SMALL = frozenset(listed("de del della dello delle di da do dos das du des la le les el los las l d der den dem van"))
_AT = frozenset(listed("of over in at near around for from above across"))
_OUTER = ("state", "country", "admin1")
_SENSED = ("sensor", "record", "topic", "modality", "architecture", "agent", "framework", "class", "task")


def read_foreign_kinds(reading: Reading, places: Places) -> None:
    """Join kinds of place in other languages with the names after them; free names of towns from other meanings."""
    for index, token in enumerate(reading.tokens):
        kind = _KINDS.get(key(token.norm))
        owner = reading.owner(index)
        if kind is None or not token.is_word or (owner is not None and owner.end > index + 1):
            continue
        named = index + 1
        while named < len(reading.tokens) and (
            reading.tokens[named].norm in _SMALL or reading.tokens[named].norm in ("'", "’", "-")
        ):
            named += 1
        mark = reading.owner(named)
        if mark is None or mark.kind != "place" or mark.used or mark.info.get("adjective"):
            continue
        if named == index + 1 and not (token.is_capital or reading.text.islower()):
            continue
        values = _of_kind(places, mark, kind, reading)
        if not values:
            continue
        if owner is not None:
            reading.unmark(owner)
        end, info = mark.end, mark.info
        reading.unmark(mark)
        for at in range(index, named):
            if (other := reading.owner(at)) is not None:
                reading.unmark(other)
        made = reading.mark(index, end, "place", values, **info)
        made.info.update(name=values[0].place.name, ambiguous=False)
        for name in ("shown", "tie", "rivals", "others"):
            made.info.pop(name, None)
    for mark in list(reading.of_kind(*_SENSED)):
        _town(reading, mark, places)


def _of_kind(places: Places, mark: Mark, kind: str, reading: Reading) -> list[Any]:
    """The places of a kind that a name may mean."""
    words = reading.words(mark.start, mark.end)
    kin = _KIN.get(kind, (kind,))
    for text in (words, *(form.format(words) for form in _ENGLISH.get(kind, ()))):
        found = [one for one in places.gazetteer.lookup(text, limit=8) if one.place.kind in kin]
        if found:
            return found
    return []


def _town(reading: Reading, mark: Mark, places: Places) -> None:
    """`Venus, Texas`: one capitalised word before a state or country that holds a place of just this name."""
    if mark.used or mark.end - mark.start > 1 or mark not in reading.marks:
        return
    token = reading.tokens[mark.start]
    if not (token.is_capital and token.norm.isalpha() and not token.text.isupper()):
        return
    comma = mark.end < len(reading.tokens) and reading.tokens[mark.end].norm in (",", "(")
    if not comma:
        return
    outer = reading.owner(mark.end + 1)
    if outer is None or outer.kind != "place" or outer.info.get("adjective"):
        return
    holder = next((one.place for one in outer.value if one.place.kind in _OUTER), None)
    if holder is None:
        return
    start, end = mark.start, mark.end
    words = reading.words(start, end)
    looked_up = places.gazetteer.lookup(words, within=holder.iri, limit=3)
    found: list[Any] = [one for one in looked_up if key(one.place.name) == key(words)]
    if found:
        reading.unmark(mark)
        reading.mark(start, end, "place", found)
        return
    others = [one for one in reading.of_kind("sensor") if one is not mark and one.value != mark.value]
    if mark.kind == "sensor" and others and start and reading.tokens[start - 1].norm in _AT:
        reading.unmark(mark)
        reading.draft.assume(f"The gazetteer has no {words} in {holder.name}; {holder.name} stands for it")
        reading.mark(start, end, "place", list(outer.value), name=words, qualifier=holder.name, instead=True)
        reading.take(outer, "place")
