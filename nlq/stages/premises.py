"""False premises: missions that did not fly then, properties that do not apply, impossible values, unknown places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nlq.lexis.grammar import STOP, english
from nlq.lexis.sources import SensorFact
from nlq.lexis.words import listed
from nlq.question import Filter
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading, rule
from nlq.sheet.tokens import key
from nlq.stages.codes import RELATIVE_ORBITS
from nlq.stages.quantities import meanings
from nlq.stages.refusals import check_content
from ontology.properties import PROPERTIES

_SHARES = frozenset(
    [
        "cloud_cover",
        "snow_cover",
        "vegetation_percentage",
        "water_percentage",
        "bare_soil_percentage",
        "nodata_percentage",
    ]
)
_RANGES = {"sun_elevation": (-90.0, 90.0), "incidence_angle": (0.0, 90.0), "quality_level": (0.0, 3.0)}
_OPTICAL_ONLY = _SHARES - {"nodata_percentage", "water_percentage"} | {"sun_elevation"}
_RADAR_ONLY = frozenset(["polarisation"])
_TYPES = {
    "Sentinel-1": ("GRD", "SLC", "OCN", "RAW", "RTC", "CSLC"),
    "Sentinel-2": ("S2MSI0", "S2MSI1C", "S2MSI2A", "HLSS30"),
}
_LEVELS = {
    "L1C": ("Sentinel-2", "Sentinel-3", "Sentinel-5P", "EnMAP"),
    "L2A": ("Sentinel-2", "EnMAP", "PRISMA", "Sentinel-3", "CBERS"),
    "L2SP": ("Landsat",),
    "L2SR": ("Landsat",),
    "L1TP": ("Landsat",),
    "L1GT": ("Landsat",),
    "L1GS": ("Landsat",),
    "L1T": ("Landsat", "Terra"),
}
_MODES = {"IW": "Sentinel-1", "EW": "Sentinel-1", "WV": "Sentinel-1", "EFR": "Sentinel-3", "ERR": "Sentinel-3"}
_ATMOSPHERE = frozenset(["NO2", "SO2", "CO", "O3", "CH4", "HCHO", "aerosol index", "CO2"])
_ATMOSPHERE_BY = frozenset(
    listed(
        "Sentinel-5P Sentinel-5 Envisat Aqua Terra Aura GOSAT OCO OCO-2 Sentinel-3 Suomi-NPP MetOp "
        "Sentinel-4 GOES EMIT PRISMA EnMAP"
    )
)
_NO_TEMPERATURE = frozenset(["Sentinel-1", "Sentinel-2", "Sentinel-5P", "PlanetScope", "SPOT"])
_TEMPERATURE = frozenset(["land surface temperature", "sea surface temperature"])
_NUMBERED = regex(r"\b(sentinel|landsat|envisat|ers|spot|alos|gaofen) ?-? ?(\d{1,3})([a-z](?![a-z0-9]))?(?![\d.])")
_EXIST = {
    "sentinel": {"1": "abcd", "2": "abc", "3": "abc", "4": "ab", "5": "abcp", "6": "ab"},
    "landsat": {str(n): "" for n in (1, 2, 3, 4, 5, 7, 8, 9)},
    "ers": {"1": "", "2": ""},
    "spot": {str(n): "" for n in range(1, 8)},
    "alos": {str(n): "" for n in range(1, 5)},
}
_OCCASIONS = frozenset(listed("ramadan solstice equinox monsoon carnival diwali eid hajj thanksgiving halloween"))
_UNKNOWN_PLACE = regex(
    r"\b(?:of|over|in|near|around|at|from|covering|showing|above|across|inside|within|for)\b(?: (?:the"
    r"|city|town|island|lake|region|area|country|kingdom|village))* $"
)

# what exists or is on offer somewhere: an unknown abbreviation is rather a holder of data than a place
_HOLDING = regex(r"\b(?:exists?|available|have|has|offers?|holds?|in stock|collections?|is there|are there)\b")


def check_premises(reading: Reading, sensors: dict[str, SensorFact]) -> None:
    """Refuse a question whose premise is false, and what says nothing at all."""
    draft = reading.draft
    if draft.refusals:
        return
    _spacecraft(reading)
    _unknown_sensor(reading)
    _values(reading)
    if draft.target == "product":
        for fact in _named_sensors(reading, sensors):
            _operation(reading, fact, sensors)
        _properties(reading, sensors)
        _unknown_place(reading)
    elif draft.target in ("dataset", "model"):
        _years(reading)
    _future(reading)
    check_content(reading)


def _spacecraft(reading: Reading) -> None:
    """`Landsat 12`, `Sentinel-2F`: no such satellite."""
    for match in _NUMBERED.finditer(reading.norm):
        family, number, letter = match[1], match[2], match[3] or ""
        known = _EXIST.get(family)
        owner = reading.owner(reading.token_at(match.start()))
        if known is None or (owner is not None and owner.kind in ("identifier", "record")):
            continue
        if (
            re.match(r"\s?(?:m|km|%|bands?|datasets?|models?|classes)\b", reading.norm[match.end() :])
            and not letter
            and "-" not in match[0]
        ):
            continue
        if number == "6" and family == "landsat":
            reading.draft.refuse("Landsat 6 never reached its orbit: its launch failed in 1993.")
        elif number not in known and int(number) < 100:
            reading.draft.refuse(f"There is no satellite {match[0].strip().title().replace(' ', '-')}.")
        elif letter and known[number] and letter not in known[number]:
            reading.draft.refuse(f"There is no satellite {family.title()}-{number}{letter.upper()}.")


_NEGATIVE = regex(
    r"(?:than|below|under|above|over|of|most|least|=|<|>|exactly|cover|minus) ?(?:minus |- ?)\d+(?:\.\d+)? ?"
    r"(?:%|percent|classes|images|bands|gb|mb|parameters|samples|km|pixels|px|patches)"
    r"|\b(?:with|has|have|having|at|and|had) (?:minus |-)(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight"
    r"|nine|ten) ?"
    r"(?:%|percent|classes|images|bands|gb|mb|parameters|samples|pixels|px|patches)"
)


def _numbers(item: Filter) -> Iterator[float]:
    values = item.value if isinstance(item.value, tuple) else (item.value,)
    for one in values:
        if isinstance(one, (int, float)) and not isinstance(one, bool):
            yield float(one)


def _values(reading: Reading) -> None:
    draft = reading.draft
    if _NEGATIVE.search(reading.norm):
        draft.refuse("A negative value is impossible here.")
    for item in draft.filters:
        for value in _numbers(item):
            if item.property in _SHARES and not 0 <= value <= 100:
                draft.refuse(f"A share of {value:g} percent is impossible: shares go from 0 to 100 percent.")
            elif item.property in _RANGES:
                low, high = _RANGES[item.property]
                if not low <= value <= high:
                    draft.refuse(
                        f"A {item.property.replace('_', ' ')} of {value:g} is impossible: it goes from "
                        f"{low:g} to {high:g}."
                    )
            elif item.property == "metric_value":
                continue
            elif (value < 0 and PROPERTIES[item.property].is_number and item.property != "elevation_m") or (
                value == 0 and item.op in ("<", "<=") and item.op == "<"
            ):
                draft.refuse(f"A {item.property.replace('_', ' ')} below zero is impossible.")
        if item.property in _SHARES and item.op == ">" and 100 in list(_numbers(item)):
            draft.refuse("More than 100 percent is impossible.")
    bounds: dict[str, list[tuple[str, float]]] = {}
    for item in draft.filters:
        if item.op in (">", ">=", "<", "<=") and isinstance(item.value, (int, float)):
            bounds.setdefault(item.property, []).append((item.op, float(item.value)))
    for name, found in bounds.items():
        lows = [value for op, value in found if op[0] == ">"]
        highs = [value for op, value in found if op[0] == "<"]
        if lows and highs and max(lows) > min(highs):
            draft.refuse(f"No {name.replace('_', ' ')} can be above {max(lows):g} and below {min(highs):g} at once.")


def _named_sensors(reading: Reading, sensors: dict[str, SensorFact]) -> list[SensorFact]:
    found = []
    for item in reading.draft.filters:
        if item.property in ("mission", "platform", "instrument") and item.op in ("=", "in"):
            for value in item.value if isinstance(item.value, tuple) else (item.value,):
                fact = sensors.get(key(str(value)))
                if fact is not None:
                    found.append(fact)
    return found


def _operation(reading: Reading, fact: SensorFact, sensors: dict[str, SensorFact]) -> None:
    draft = reading.draft
    if not draft.times:
        return
    hosts = [sensors[key(one)] for one in fact.parents if key(one) in sensors and sensors[key(one)].start]
    if len(hosts) == 1 and not fact.end:
        # an instrument works no longer than the one spacecraft or mission that carries it
        host = hosts[0]
        fact = replace(fact, start=fact.start or host.start, end=host.end)
    elif len(hosts) > 1 and not fact.start:
        # an instrument of several spacecraft: from the launch of the first to the end of the last
        ends = [one.end for one in hosts]
        fact = replace(
            fact,
            start=min(str(one.start) for one in hosts),
            end=fact.end or (max(str(one) for one in ends) if all(ends) else fact.end),
        )
    if not fact.start:
        return
    for start, end in draft.times:
        if end is not None and end < fact.start[:10]:
            draft.refuse(f"{fact.label} had not been launched then: it flies since {fact.start[:10]}.")
            return
        if fact.end and start is not None and start > fact.end[:10]:
            draft.refuse(f"{fact.label} had stopped working by then: its last images are of {fact.end[:10]}.")
            return


def _kinds(fact: SensorFact, sensors: dict[str, SensorFact]) -> set[str]:
    kinds, at, seen = set(fact.kinds), fact, set()
    while not kinds and at.parents and at.label not in seen:
        seen.add(at.label)
        above = sensors.get(key(at.parents[0]))
        if above is None:
            break
        kinds, at = set(above.kinds), above
    return kinds


def _family(fact: SensorFact, sensors: dict[str, SensorFact]) -> set[str]:
    labels, todo = set(), [fact]
    while todo:
        at = todo.pop()
        if at.label in labels:
            continue
        labels.add(at.label)
        todo += [sensors[key(one)] for one in at.parents if key(one) in sensors]
    return labels


def _finest(fact: SensorFact, sensors: dict[str, SensorFact]) -> float | None:
    if fact.finest is not None:
        return fact.finest
    members = [one.finest for one in sensors.values() if fact.label in one.parents and one.finest is not None]
    return min(members, default=None)


def _properties(reading: Reading, sensors: dict[str, SensorFact]) -> None:
    draft = reading.draft
    facts = _named_sensors(reading, sensors)
    if not facts:
        return
    names = " or ".join(one.label for one in facts)
    kinds = [_kinds(one, sensors) for one in facts]
    families = set().union(*(_family(one, sensors) for one in facts))
    radar = all(one and one <= {"SAR", "radar", "altimetry", "altimeter"} for one in kinds)
    optical = all(one and not one & {"SAR", "radar", "radiometer"} for one in kinds)
    no_optics = all(
        one and one <= {"SAR", "radar", "altimetry", "altimeter", "radiometer", "atmospheric"} for one in kinds
    )
    asked = [one for one in (draft.order.by if draft.order else "", *draft.returns) if one in _OPTICAL_ONLY]
    asked += [one for one in _OPTICAL_ONLY if one in (draft.aggregate or "")]
    if (radar and asked) or (radar and _asks_share(reading)):
        draft.refuse(
            f"{names} is no optical instrument: its scenes have no {(asked or ['cloud cover'])[0].replace('_', ' ')}."
        )
        return
    for item in draft.filters:
        name = item.property
        if (
            name in _OPTICAL_ONLY
            and (radar or (no_optics and name != "cloud_cover"))
            and item.op not in ("not_exists",)
        ):
            draft.refuse(f"{names} is no optical instrument: its scenes have no {name.replace('_', ' ')}.")
        elif name in _RADAR_ONLY and optical:
            draft.refuse(f"{names} is an optical instrument: its images have no polarisation channels.")
        elif name == "resolution_m" and item.op in ("=", "<", "<="):
            finest = [_finest(one, sensors) for one in facts]
            known = [one for one in finest if one is not None]
            value = min(_numbers(item), default=None)
            if value is not None and len(known) == len(facts) and value < 0.9 * min(known):
                draft.refuse(f"{names} does not see that finely: its finest pixels are about {min(known):g} m wide.")
        elif name == "product_type":
            for mission, types in _TYPES.items():
                if item.value in types and mission not in families:
                    draft.refuse(f"{item.value} is a product type of {mission}, not of {names}.")
        elif name == "processing_level" and item.value in _LEVELS and not families & set(_LEVELS[str(item.value)]):
            draft.refuse(f"There is no level {item.value} of {names}.")
        elif name == "sensor_mode" and item.value in _MODES and _MODES[str(item.value)] not in families:
            draft.refuse(f"{item.value} is a mode of {_MODES[str(item.value)]}, not of {names}.")
        elif (name == "parameter" and item.value in _ATMOSPHERE and not families & _ATMOSPHERE_BY) or (
            name == "parameter" and item.value in _TEMPERATURE and families & _NO_TEMPERATURE
        ):
            draft.refuse(f"{names} does not measure {item.value}.")
        elif name == "band" and radar and item.op in ("=", "contains", "in", "contains_all") and _is_light(item.value):
            draft.refuse(f"{names} is a radar: it has no band of light such as {_listed(item.value)}.")
        elif name == "orbit_direction":
            continue
        elif (
            name == "tile_id"
            and not families & {"Sentinel-2"}
            and (families & {"Sentinel-1", "Sentinel-3", "Sentinel-5P"} or "Landsat" in families)
        ):
            draft.refuse(f"{names} scenes are not cut into MGRS tiles.")
        elif name in ("wrs_path", "wrs_row") and "Landsat" not in families:
            draft.refuse(f"WRS paths and rows count Landsat scenes, not those of {names}.")
        elif name == "relative_orbit":
            for mission, count in RELATIVE_ORBITS.items():
                if mission in families and any(value > count for value in _numbers(item)):
                    draft.refuse(f"{mission} has only {count} relative orbits.")
    _instruments(reading, facts, sensors)


_SHARE_OF = rule(
    r"(?:what is|what ' s|what are|what was|how (?:high|much|large|low)(?: is| are| was)?)(?: the)? (\{(?:topic"
    r"|attr)\}) (?:of|in|on|over)"
)


def _asks_share(reading: Reading) -> bool:
    """Whether it asks for the clouds of scenes: `what is the cloud cover of ...`."""
    found = reading.find(_SHARE_OF)
    return found is not None and any("cloud_cover" in meanings(one, "attr") for one in found.marks(1))


_LIGHT = frozenset(
    listed(
        "red|green|blue|yellow|orange|violet|cyan|panchromatic|cirrus|swir|nir|coastal|near infrared|red edge"
        "|short-wave infrared|thermal infrared|near-infrared|coastal aerosol"
    )
)


def _is_light(value: object) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return any(str(one) in _LIGHT for one in values)


def _listed(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _instruments(reading: Reading, facts: list[SensorFact], sensors: dict[str, SensorFact]) -> None:
    """`OLCI on Sentinel-2`: another mission carries it."""
    draft = reading.draft
    carried = [
        one
        for item in draft.filters
        if item.property == "instrument" and item.op == "="
        for one in [sensors.get(key(str(item.value)))]
        if one
    ]
    carriers = [
        one
        for item in draft.filters
        if item.property in ("mission", "platform") and item.op == "="
        for one in [sensors.get(key(str(item.value)))]
        if one
    ]
    for instrument in carried:
        if not instrument.parents:
            continue
        hosts = _family(instrument, sensors)
        for carrier in carriers:
            narrower = {one.label for one in sensors.values() if carrier.label in one.parents}
            if (
                carrier.label not in hosts
                and not hosts & narrower
                and not _family(carrier, sensors) & set(instrument.parents)
            ):
                draft.refuse(
                    f"{carrier.label} carries no {instrument.label}: that is an instrument of {instrument.parents[0]}."
                )


def _future(reading: Reading) -> None:
    draft = reading.draft
    if draft.target == "model" or not draft.times:
        return
    today = reading.today.isoformat()
    if draft.time_relation == "within":
        return
    if all(start is not None and start > today for start, _ in draft.times):
        draft.refuse(f"The date lies in the future (today is {today}).")
    elif draft.target == "product" and all(end is not None and end < "1972-07-23" for _, end in draft.times):
        draft.refuse("There are no satellite images of that time: the first Landsat flew in 1972.")


def _years(reading: Reading) -> None:
    draft = reading.draft
    this = reading.today.year
    for item in draft.values_of("publication_year"):
        value = min(_numbers(item), default=None)
        if value is not None and item.op in ("=", ">", ">=", "between") and value > this:
            draft.refuse(f"Nothing can have been published in {value:g}: that lies in the future.")


_CRAFT = regex(
    r"\b(?:the|by|from|of|a|an|with|using)(?: (?:new|chinese|european|american"
    r"|private))* (?P<name>[\w.]+(?: ?- ?[\w.]+)?) (?:satellites?|spacecraft|missions?"
    r"|sensors?|instruments?|constellation|cubesats?)\b"
)


def _unknown_sensor(reading: Reading) -> None:
    """`the HyperHawk-7 satellite`: written like the name of a sensor, and nobody knows it."""
    for match in _CRAFT.finditer(reading.norm):
        start, end = reading.span_of(match, "name")
        token, owner = reading.tokens[start], reading.owner(start)
        known = owner is not None and not owner.info.get("unknown")
        if known or token.norm in STOP or token.norm in english() or not token.is_capital or token.corrected:
            continue
        reading.draft.refuse(f"The catalogue knows no satellite or sensor {reading.words(start, end)}.")
        return


def _is_lone(reading: Reading, index: int) -> bool:
    """`sentinel-2 zzyzxville 2020`: a word of no language after a sensor, where the place would stand."""
    token = reading.tokens[index]
    if len(token.norm) < 6 or token.corrected or token.norm in english() or not index:
        return False
    before = reading.owner(index - 1)
    if before is None or before.kind not in ("sensor", "product", "processing_level", "product_type"):
        return False
    after = reading.owner(index + 1)
    return index + 1 == len(reading.tokens) or (after is not None and after.kind in ("time", "sensor", "product"))


def _unknown_place(reading: Reading) -> None:
    """A name in the place of a place that no gazetteer knows."""
    draft = reading.draft
    if draft.places or draft.values_of("tile_id", "wrs_path", "product_id"):
        return  # these say where, too
    index = 0
    while index < len(reading.tokens):
        token = reading.tokens[index]
        if (
            reading.owner(index) is not None
            or not token.is_word
            or not token.norm.isalpha()
            or token.norm in STOP
            or token.norm in _OCCASIONS
            or len(token.norm) < 3
            or reading.slots[index] is not None
        ):
            index += 1
            continue
        before = reading.norm[: reading._starts[index]]
        named = token.is_capital and index > 0 and not reading.text.isupper()
        if named and token.text.isupper() and len(token.text) <= 5 and _HOLDING.search(reading.norm):
            draft.assume(f"{token.text} is unknown: neither a place nor a publisher, project or collection here")
            index += 1
            continue
        lone = _is_lone(reading, index)
        if (
            lone
            or (named and (_UNKNOWN_PLACE.search(before) or token.norm not in english()))
            or (_UNKNOWN_PLACE.search(before) and token.norm not in english())
        ):
            end = index + 1
            while end < len(reading.tokens) and reading.tokens[end].is_capital and reading.owner(end) is None:
                end += 1
            draft.refuse(f"The gazetteer knows no place {reading.words(index, end)}.")
            return
        index += 1
