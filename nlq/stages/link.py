"""Phrases of the question -> marks: the longest phrase of the lexicon, the grammar or the gazetteer wins."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from nlq.lexis.attributes import counted_entries, noun_entries
from nlq.lexis.grammar import ANY_HEADS, HEADS, STOP, english
from nlq.lexis.lexicon import Entry, Hit, Lexicon
from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from nlq.sheet.tokens import key
from nlq.stages.places import PlaceHit, Places

# Which meaning of a phrase comes first; others stay at hand in `info["entries"]`.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        listed(
            "sensor record family license processing_level product_type sensor_mode polarisation "
            "timeliness pretraining architecture model_type framework metric topic task temporal "
            "annotation_source annotation_type modality band scene_type format hardware access dataset "
            "model product attr benchmark agent parameter orbit_direction split class"
        )
    )
}
_PRODUCT_KINDS = ("processing_level", "product_type", "sensor_mode")
_EARLY = frozenset(
    {
        "record",
        "family",
        "sensor",
        "product_type",
        "processing_level",
        "license",
        "architecture",
        "agent",
        "benchmark",
        "annotation_source",
    }
)
_PLACE_BEFORE = regex(
    r"(?<![a-z])(?:over|in|near|around|at|of|from|to|above|across|inside|within|outside|covering|cover|covers"
    r"|between|and|or|,"
    r"|touching|bordering|the|for|showing|northern|southern|eastern|western|central|city|town|state|province|region"
    r"|island|lake|river|mount|gulf|sea|bay|is|that|show|displaying|reach|entire|greater|metropolitan"
    r"|port|harbour|over the) $"
)


# words for concepts that the schemes do not hold: shop talk, and licences written out
_MORE_PHRASES = (
    (
        "task",
        "self-supervised pre-training",
        "self-supervised|self supervised|selfsupervised|ssl|self-supervision|self supervision|unsupervised pre-training"
        "|unsupervised pretraining|unsupervised pre training",
    ),
    (
        "temporal",
        "bi-temporal",
        "before-and-after|before and after images|before and after imagery|before and after pictures"
        "|images before and after|before and after",
    ),
    ("format", "COG", "cloud optimized|cloud optimised|cloud-optimized|cloud-optimised"),
    (
        "task",
        "super-resolution",
        "image enhancement to higher resolution|resolution enhancement|enhance the resolution|increase the resolution"
        "|improve the resolution|sharpen images|sharpening images|image sharpening",
    ),
    ("modality", "aerial", "from the air|from a plane|from planes|taken from aeroplanes"),
    ("task", "super-resolution", "super-res|superres|super-resolving|super-resolve|superresolve|super resolve"),
    (
        "task",
        "cloud removal",
        "remove clouds|removes clouds|removing clouds|clouds removed|removal of clouds|get rid of clouds"
        "|gets rid of clouds"
        "|erase clouds|remove the clouds|see through clouds",
    ),
    (
        "task",
        "denoising",
        "remove noise|removes noise|removing noise|remove speckle|reduce speckle|despeckle|despeckling",
    ),
    ("access", "open", "free to download|free download|downloadable for free|free of charge|freely downloadable"),
    ("annotation_source", "semi-automatic", "semi-automatically|semi automatically|partly automatically"),
    (
        "annotation_source",
        "in situ",
        "annotated in the field|labelled in the field|labeled in the field|in the field by"
        "|collected in the field|surveyed in the field|mapped in the field|recorded in the field|gathered in the field"
        "|labelled on the ground|collected on the ground|surveyed on the ground"
        "|field work|fieldwork|ground survey"
        "|ground surveys|field campaign|field campaigns|measured in the field|field measurements"
        "|field measured|measured on the ground",
    ),
    ("license", "CC-BY-4.0", "creative commons attribution|creative commons by"),
    (
        "license",
        "CC-BY-SA-4.0",
        "creative commons attribution sharealike|creative commons attribution share alike"
        "|creative commons by sa|creative commons sharealike|creative commons share alike",
    ),
    (
        "license",
        "CC-BY-NC-4.0",
        "creative commons attribution noncommercial|creative commons attribution non commercial"
        "|creative commons by nc|creative commons noncommercial|creative commons non commercial",
    ),
    (
        "license",
        "CC-BY-NC-SA-4.0",
        "creative commons attribution noncommercial sharealike|creative commons by nc sa"
        "|creative commons attribution non commercial share alike",
    ),
    (
        "license",
        "CC",
        "creative commons|cc licence|cc license|cc licensed|creative commons licence|creative commons license",
    ),
    ("license", "CC0-1.0", "creative commons zero|creative commons 0|public domain dedication"),
)


def grammar_entries() -> Iterable[Entry]:
    """Head nouns and attribute nouns as entries of the lexicon."""
    for kind, phrases in HEADS.items():
        for phrase in phrases.split("|"):
            yield Entry(kind, phrase, phrase)
    for kind, value, phrases in _MORE_PHRASES:
        for phrase in phrases.split("|"):
            yield Entry(kind, value, phrase)
    for phrase in ANY_HEADS:
        yield Entry("anyhead", phrase, phrase)
    for phrase, name in noun_entries():
        yield Entry("attr", name, phrase)
    for phrase, name in counted_entries():
        yield Entry("counted", name, phrase)


def link_early(reading: Reading, lexicon: Lexicon, places: Places) -> None:
    """Mark names and codes, which may hold numbers, before numbers and dates are read."""
    for index, token in enumerate(reading.tokens):
        if index and token.norm in _SEASONAL and reading.tokens[index - 1].is_word:
            # `Alice Springs`, `Niagara Falls`: no season
            found = places.longest(reading, index - 1)
            if found is not None and found.kind == "place" and found.end > index:
                named = token.norm.endswith("s") or token.is_capital
                if named and reading.is_free(found.start, found.end):
                    reading.mark(found.start, found.end, found.kind, found.value, **found.info)
        # `Three Gorges Dam`: a number that begins a name is no number
        if token.is_capital and token.norm in _COUNTS and index > 0 and reading.is_free(index, index + 1):
            found = places.longest(reading, index)
            if found is not None and found.kind == "place" and found.end - found.start > 1:
                reading.mark(found.start, found.end, found.kind, found.value, **found.info)
    index = 0
    while index < len(reading.tokens):
        hit = lexicon.longest(reading.tokens, index) if reading.is_free(index, index + 1) else None
        if hit is not None:
            entries = [one for one in hit.entries if one.kind in _EARLY and _written_as_name(reading, hit, one)]
            if entries and _is_great_place(reading, hit, entries, places):
                entries = []
            if entries and (sensor := _imagery_of(reading, hit, entries, lexicon)) is not None:
                hit, entries = sensor, [one for one in sensor.entries if one.kind == "sensor"]
            # A longer or equal reading as an ordinary noun keeps its turn: only names and codes are settled here.
            if entries and reading.is_free(hit.start, hit.end):
                _mark(
                    reading,
                    hit,
                    entries + [one for one in hit.entries if one not in entries and one.kind not in _EARLY],
                )
                index = hit.end
                continue
            if not entries and hit.end - hit.start > 1 and any(one.kind == "pretraining" for one in hit.entries):
                index = hit.end  # `masked autoencoder` is a method, whatever `autoencoder` is
                continue
        index += 1


def _imagery_of(reading: Reading, hit: Hit, entries: list[Entry], lexicon: Lexicon) -> Hit | None:
    """`EnMAP imagery` beside a named record: the sensor, not the collection that is called so."""
    words = reading.tokens[hit.start : hit.end]
    if len(words) < 2 or words[-1].norm not in ("imagery", "images", "data", "scenes", "image"):
        return None
    if any(one.kind != "record" for one in entries) or not any(reading.of_kind("record", "family")):
        return None
    shorter = lexicon.longest(reading.tokens[: hit.end - 1], hit.start)
    if shorter is None or shorter.end != hit.end - 1 or not any(one.kind == "sensor" for one in shorter.entries):
        return None
    return shorter


def _is_great_place(reading: Reading, hit: Hit, entries: list[Entry], places: Places) -> bool:
    """Whether a part of records' names is rather a country or the like: `Africa`, `Kenya`."""
    if any(one.kind not in ("record", "family", "agent") for one in entries) or hit.end - hit.start > 3:
        return False
    words = reading.words(hit.start, hit.end)
    if not words.replace(" ", "").isalpha():
        return False
    best = next(iter(places.gazetteer.lookup(words, limit=1)), None)
    great = ("country", "continent", "region", "state", "sea", "ocean", "island", "mountain range", "river", "desert")
    return (
        best is not None
        and best.role in ("name", "alias")
        and (best.place.kind in great or (best.place.population or 0) > 1_000_000)
    )


_NO_SENSORS = frozenset(
    listed("goes spot aim ice clay terra aqua aura vegetation biomass vision dove doves planet sky eos flock hot swarm")
)
_COUNTS = frozenset(listed("one two three four five six seven eight nine ten twelve hundred thousand"))
_SEASONAL = frozenset(listed("springs spring falls fall summer winter autumn may march august"))
_BOUNDED = "restricted"
_ATLAS = "atlas"  # a book of maps, unless ICESat is named


def _written_as_name(reading: Reading, hit: Hit, entry: Entry) -> bool:
    """Whether a phrase that may be an everyday word is written as a name."""
    words = [one for one in reading.tokens[hit.start : hit.end] if one.is_word]
    if (
        entry.kind == "sensor"
        and any(one.kind == "topic" for one in hit.entries)
        and not (words[0].is_capital and hit.start > 0)
    ):
        return False
    if (
        entry.kind in ("record", "family")
        and any(one.kind in ("topic", "task") for one in hit.entries)
        and all(one.text.islower() and one.text.isalpha() for one in words)
    ):
        return False
    if words[0].text == _ATLAS and len(words) == 1 and not reading.text.islower():
        return "icesat" in reading.norm
    if entry.kind == "family" and reading.words(hit.start, hit.end).casefold() in ("vhr", "hr"):
        return False  # very high resolution
    if (
        entry.kind == "record"
        and "-" in entry.phrase
        and reading.words(hit.start, hit.end).casefold() == entry.phrase.casefold()
        and not any(one.kind in ("topic", "task") for one in hit.entries)
    ):
        return True  # `million-aid`, hyphen and all
    if entry.kind == "sensor" and len(words) == 2 and key(entry.phrase) == key(reading.words(hit.start, hit.end)):
        return True  # `sentinel two`
    common = english()
    plain = all(one.norm in common and one.norm.isalpha() for one in words)
    if entry.kind == "family" and len(words) == 1 and words[0].text.islower() and words[0].text.isalpha():
        return reading.text.islower() and not plain
    if not plain:
        return True
    if entry.kind in ("license", "annotation_source"):
        return len(words) > 1 or words[0].is_capital or entry.kind == "annotation_source"
    if entry.kind == "architecture":
        return len(words) > 1 or any(c.isupper() for c in words[0].text)
    if len(words) > 1 and entry.kind in ("record", "agent", "benchmark"):
        if reading.text.islower() or reading.text.isupper():
            return len(words) > 2
        return sum(one.is_capital for one in words) >= 2
    if entry.kind == "sensor" and len(words) == 1 and words[0].text.islower():
        return words[0].norm not in _NO_SENSORS
    inner = hit.start > 0 and reading.tokens[hit.start - 1].norm not in (".", "?", "!", ":")
    capital = [one for one in words if one.is_capital]
    return len(capital) == len(words) and (inner or len(words) > 1 or any(c.isupper() for c in words[0].text[1:]))


def link_late(reading: Reading, lexicon: Lexicon, places: Places) -> None:
    """Mark all remaining phrases and places."""
    index = 0
    while index < len(reading.tokens):
        if not reading.is_free(index, index + 1) or not reading.tokens[index].is_word:
            index += 1
            continue
        hit = _free_hit(reading, lexicon, index)
        found = places.longest(reading, index)
        if found is not None and hit is None and (maker := _maker(reading, found, lexicon)) is not None:
            reading.mark(found.start, found.end, "agent", maker.value, entries=[maker], entry=maker)
            index = found.end
        elif found is not None and (
            hit is None or _place_wins(reading, found.start, found.end, found.info, hit, found.kind)
        ):
            mark = reading.mark(found.start, found.end, found.kind, found.value, **found.info)
            if hit is not None:
                mark.info["entries"] = hit.entries
            index = found.end
        elif hit is not None:
            _mark(reading, hit, hit.entries)
            index = hit.end
        else:
            index += 1


def _maker(reading: Reading, found: PlaceHit, lexicon: Lexicon) -> Entry | None:
    """`Google`, which begins the name of a publisher, and which some town has been called in jest."""
    if found.kind != "place" or found.end - found.start != 1 or found.value[0].role == "name":
        return None
    entries = lexicon.agents_from(reading.tokens[found.start].norm)
    return entries[0] if entries and not _is_great(found) else None


def _is_great(found: PlaceHit) -> bool:
    place = found.value[0].place
    return place.kind not in ("city", "town", "village")


_ODD = regex(r"[A-Za-z]*[a-z][A-Z]\w*$|[A-Z]{2,}[a-z]+\w*$|[A-Z][A-Za-z]*\d+\w*$")
_NO_NAMES = frozenset(
    listed(
        "phd msc bsc gis postdoc iphone ipad youtube github linkedin openai chatgpt covid geojson wifi "
        "postgis qgis arcgis tiff geotiff numpy pandas jupyter sql sparql rdf json yaml csv html pdf mlops "
        "llm llms api apis gpus cnns rnns yolov3 yolov5 yolov8 nasa esa usgs noaa jaxa isro wgs84 utm32 "
        "rgb rgbi ndvi ndwi aoi aois roi rois"
    )
)
_HEAD_AFTER = frozenset(listed("dataset datasets model models benchmark network weights backbone"))


def _meant(name: str, lexicon: Lexicon) -> Entry | None:
    """The record whose name is misspelt: two letters swapped or one wrong, the same digits."""
    bare = key(name)
    digits = re.sub(r"\D", "", bare)
    if len(bare) < 5:
        return None
    best: tuple[int, Entry] | None = None
    for phrase in lexicon.names():
        if abs(len(phrase) - len(bare)) > 1 or phrase[0] != bare[0] or re.sub(r"\D", "", phrase) != digits:
            continue
        far = OSA.distance(bare, phrase, score_cutoff=1 if len(bare) < 10 else 2)
        entry = next((one for one in lexicon.exactly(phrase) if one.kind == "record"), None)
        if entry is not None and far <= (1 if len(bare) < 10 else 2) and (best is None or far < best[0]):
            best = far, entry
    return best[1] if best else None


def link_unknown(reading: Reading, lexicon: Lexicon) -> None:
    """Take words that are written like names of records, and that nothing knows, as names."""
    for index, token in enumerate(reading.tokens):
        if not reading.is_free(index, index + 1) or not token.is_word or token.corrected or len(token.text) < 3:
            continue
        after = reading.tokens[index + 1].norm if index + 1 < len(reading.tokens) else ""
        before = reading.tokens[index - 1].norm if index else ""
        shout = (
            token.text.isupper()
            and token.text.isalpha()
            and len(token.text) > 3
            and before in ("than", "on", "of", "from", "as", "is", "does", "was", "or")
            and not reading.text.isupper()
            and not any(reading.of_kind("sensor", "place"))
        )
        head = shout or (after in _HEAD_AFTER and index > 0 and token.is_capital and token.norm not in english())
        if token.norm in _NO_NAMES or not (_ODD.match(token.text) or head):
            continue
        end = index + 1
        while (
            end + 1 < len(reading.tokens)
            and reading.tokens[end].norm in ("-", "_", ".")
            and not reading.tokens[end].space
            and not reading.tokens[end - 1].space
            and reading.is_free(end, end + 2)
        ):
            end += 2
        name = reading.words(index, end)
        if (meant := _meant(name, lexicon)) is not None:
            reading.mark(index, end, "record", meant.value, entries=[meant], entry=meant)
            reading.draft.assume(f"{name} is read as {meant.value}")
            continue
        level = "model" if after.startswith(("model", "network", "weights", "backbone")) else "dataset"
        entry = Entry("record", name, name, level)
        reading.mark(index, end, "record", name, entries=[entry], entry=entry, unknown=True)
        reading.draft.assume(f"{name} is read as the name of a {level}, which the catalogue does not hold")


def link_unlike(reading: Reading) -> None:
    """`finer than Dynamic World`: several capital words after `than` that nothing knows name a record."""
    for index in range(1, len(reading.tokens)):
        before = reading.tokens[index - 1].norm
        if before != "than" and not (
            before in ("of", "the") and index > 1 and reading.tokens[index - 2].norm in ("than", "that")
        ):
            continue
        end = index
        while end < len(reading.tokens) and reading.tokens[end].is_word and reading.tokens[end].is_capital:
            end += 1
        owners = [reading.owner(at) for at in range(index, end)]
        if end - index < 2 or owners[0] is not None or reading.text.isupper() or reading.tokens[index].norm in STOP:
            continue
        for owner in {id(one): one for one in owners if one is not None}.values():
            reading.unmark(owner)
        name = reading.words(index, end)
        entry = Entry("record", name, name, "dataset")
        reading.mark(index, end, "record", name, entries=[entry], entry=entry, unknown=True)
        reading.draft.assume(f"{name} is read as the name of a dataset, which the catalogue does not hold")


def _free_hit(reading: Reading, lexicon: Lexicon, index: int) -> Hit | None:
    limit = index
    while limit < len(reading.tokens) and reading.is_free(limit, limit + 1):
        limit += 1
    hit = _plain_hit(reading, lexicon, index, limit)
    # `cropland data sets`: where the name of `Cropland Data` is not meant, its first words are words
    if hit is None and (longer := lexicon.longest(reading.tokens[:limit], index)) is not None:
        return _plain_hit(reading, lexicon, index, longer.end - 1)
    return hit


def _plain_hit(reading: Reading, lexicon: Lexicon, index: int, limit: int) -> Hit | None:
    """The longest phrase before a token, without the names that are not written as names."""
    hit = lexicon.longest(reading.tokens[:limit], index) if limit > index else None
    if hit is None:
        return None
    entries = [
        one
        for one in hit.entries
        if one.kind not in ("record", "family", "sensor", "agent", "benchmark", "class_scheme")
        or _written_as_name(reading, hit, one)
    ]
    if index and reading.tokens[index].norm == "sea" and reading.tokens[index - 1].norm in ("above", "below"):
        # `metres above sea level` is no quantity that a scene measures
        entries = [one for one in entries if one.kind != "parameter"]
    if (
        limit > hit.end
        and reading.tokens[hit.end].norm in ("to", "in")
        and reading.tokens[hit.end - 1].norm == _BOUNDED
    ):
        # `restricted to Brazil` says where, not who may have it
        entries = [one for one in entries if one.kind != "access"]
    return Hit(hit.start, hit.end, entries, hit.letters) if entries else None


def _place_wins(reading: Reading, start: int, end: int, info: dict[str, object], hit: Hit, kind: str) -> bool:
    if (end - start) != (hit.end - hit.start):
        return end > hit.end and bool(info.get("strong") or (hit.end - hit.start) < (end - start))
    kinds = {one.kind for one in hit.entries}
    if kind == "place" and kinds <= {"record", "family", "agent", "counted", "attr"}:
        return True
    if kind == "placekind":
        return kinds <= {"counted", "attr", "class", "scene_type", "agent", "benchmark", "parameter"}
    before = " ".join(one.norm for one in reading.tokens[max(0, start - 2) : start]) + " "
    named = reading.tokens[start].is_capital and start > 0
    if kinds & {"topic", "dataset", "product", "model", "task", "modality"} and not named:
        return False
    if kinds & {"modality", "metric", "pretraining", "band", "architecture"} and any(
        one.isupper() for one in reading.words(start, end)[1:]
    ):
        return False  # SAR and MoCo are methods before they are towns
    if kinds & {"topic", "class"} and all(one.norm in english() for one in reading.tokens[start:end] if one.is_word):
        return (
            named and re.search(r"(?:over|in|near|around|at|of|from|above|across|inside|within) $", before) is not None
        )
    return bool(_PLACE_BEFORE.search(before)) and (
        named or kinds <= {"split", "scene_type", "attr", "format", "metric", "agent", "class", "framework", "counted"}
    )


def _mark(reading: Reading, hit: Hit, entries: list[Entry]) -> None:
    words = reading.words(hit.start, hit.end)
    # of kinds of product, the one that is called so: RAW is a product type before it is another word for L0
    ranked = sorted(
        entries,
        key=lambda one: (
            _RANK["processing_level"]
            if one.kind in _PRODUCT_KINDS and one.value == words
            else _RANK.get(one.kind, 50) + 0.5
        ),
    )
    first = next((one for one in ranked if one.kind != "counted"), ranked[0])
    reading.mark(hit.start, hit.end, first.kind, first.value, entries=ranked, entry=first)
