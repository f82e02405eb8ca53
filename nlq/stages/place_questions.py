"""Questions about places themselves: where, which, how many, how high, how far, is A north of B (target `place`).

They are told from questions to the catalogue by what they ask: a question word beside a kind of place or a property
of a place, and no dataset, model, scene, sensor or record anywhere. Convention 2 stays: `volcanoes in Italy` alone is a
topic of datasets, `which volcanoes are in Italy` is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from nlq.stages import place_makers
from nlq.stages.place_makers import ASK, FUNCTIONS, Maker
from nlq.stages.place_talk import follow_places
from nlq.stages.place_words import ADJECTIVES, ATTRIBUTES, COMPARING, NOT_HELD, RELATIONS
from nlq.stages.places import Places
from nlq.stages.where import qualify

_BLOCKING = frozenset(
    listed(
        "dataset model product sensor record family task architecture license processing_level product_type identifier "
        "benchmark band polarisation annotation_type format framework metric anyhead split title"
    )
)
_WH = r"(?:which|what)(?: is| are| was| were| ' s)?(?: the)?(?: names? of(?: the)?)?"
_P = r"(?:(?:the )?(?:city|town|country|state|island|river|lake|volcano|mount|mountain|{k}) (?:of )?)?(?:the )?{p}"
_THE = r"(?:the |a |an |all |any |some |of |other |different |total |current |official |exact |maximum |mean )*"
_ATTR = rf"{_THE}(?:{ATTRIBUTES})(?: (?:and|,|or|, and) {_THE}(?:{ATTRIBUTES}))*"
_FUNCTION = "|".join(FUNCTIONS)
_ADJECTIVE = "|".join(ADJECTIVES)


def _rule(
    pattern: str, make: Callable[[Maker, re.Match[str]], bool]
) -> tuple[re.Pattern[str], Callable[[Maker, re.Match[str]], bool]]:
    return regex(ASK + pattern), make


_END = (
    r"(?: (?:located|situated|lie|lies|found|placed|exactly|in the world|on earth|on the map|precisely|please|today"
    r"|now))*\W*$"
)
_HEADWORDS = (
    r"(?:(?:the|all|of|{n}|any|some|names?|active|natural|big|large|major|other|top|single|most|least|"
    r"(?P<rank>largest|biggest|smallest|highest|tallest|lowest|longest|shortest|deepest|shallowest|populous|populated|"
    r"second|third|fourth|fifth|two|three|five|ten)|{p} ' s|{p}) )*"
)
# of the line; who asks about places asks briefly, and the rules take long on long lines
_LONGEST = 240
_RULES: list[tuple[re.Pattern[str], Callable[[Maker, re.Match[str]], bool]]] = [
    _rule(rf"(?:{_WH}|how many|where(?: is| are)?|list|name|count|are there|is there|(?:find|show me) the "
          rf"(?:nearest|closest)) "
          rf"(?:[a-z]+ ){{0,4}}?(?P<thing>{NOT_HELD})\b(?= |$|\W).*(?:{{p}}|{{k}})", place_makers.not_held),
    _rule(rf"where(?: (?:exactly|in the world|on earth|abouts))* (?:is|are|lies|lie|do i find|can i find) "
          rf"(?P<p>{_P}){_END}",
          place_makers.where_),
    _rule(rf"where (?:does|do) (?P<p>{_P}) lie{_END}", place_makers.where_),
    _rule(r"(?:in|to|on) (?:which|what) (?P<k>{k})(?: of (?P<w>{p}))? (?:is|are|lies|lie|does|do|belongs?) "
          rf"(?P<p>{_P})(?: (?P<verb>lie|belong|located|situated|in"
                                 rf"|to))*{_END}", place_makers.lies_in),
    _rule(rf"(?:which|what|how many) (?P<k>{{k}})(?: (?:of|in) (?P<w>{{p}}))? (?:does|do|is|are) (?P<p>{_P}) "
          r"(?P<verb>lie in|located in|situated in|in|part of|belong to|border|touch|cross|flow through|run through"
          r"|pass "
          r"through|flow across|extend over|extend into|share a border with|reach into|stretch over|cover"
          r"|traverse)\W*$",
          place_makers.lies_in),
    _rule(rf"(?:what is |what ' s |how (?:large|long|high|big) is )?(?:the )?(?P<function>{_FUNCTION})(?: of)? "
          rf"(?P<fattr>{_ATTR}) (?:of|for|in|over|across) (?P<rank>)(?:all |the |of "
          rf")*(?P<k>{{k}}).*", place_makers.of_kind),
    _rule(rf"(?:(?:what|wat|whats|how large|how big|how much|how long|how high)(?: is| are| ' s| was)? "
          rf")?(?P<attr>{_ATTR}) "
          rf"(?:of|in|for|does) (?P<p>{_P}(?: (?:and|,|or) {_P})*)(?: have)?{_END}", place_makers.facts),
    _rule(rf"(?:what is |what ' s )?(?P<p>{{p}})(?: ' s| s)? (?P<attr>{_ATTR}){_END}", place_makers.facts),
    _rule(rf"what (?P<attr>{_ATTR}) (?:does|do|has|have) (?P<p>{_P})(?: have| got)?{_END}", place_makers.facts),
    _rule(rf"how (?P<adj>{_ADJECTIVE}) (?:is|are|was) (?P<p>{_P}){_END}", place_makers.how),
    _rule(rf"how many (?:people|inhabitants|residents|citizens|humans) (?:live|are|are there|reside|does|do)(?: "
          rf"living)?"
          rf"(?: in| on)? ?(?P<p>{_P})(?: have| has)?{_END}", place_makers.people),
    _rule(rf"(?:what is |what ' s |how (?:long|far|large) is |how many km (?:is|are) |how many (?:kilometers"
          rf"|kilometres|miles)"
          rf" (?:is|are) )?(?:the )?(?:distance|far|it) (?:(?:in|by) \w+ )?(?:between|from|is it from|is|away is"
          rf"|apart are) "
          rf"(?P<p>{_P}) (?:and|to|from|away from) (?P<q>{_P}){_END}", place_makers.distance),
    _rule(rf"how far (?:is it |apart |away )?(?:are |is )?(?:from |between )?(?P<p>{_P}) (?:and|to|from|away from|is) "
          rf"(?P<q>{_P}){_END}", place_makers.distance),
    _rule(rf"(?:is|are|does|do|did) (?P<p>{_P}) (?P<comp>{COMPARING}) (?:than "
          rf")?(?P<q>{_P}){_END}", place_makers.is_more),
    _rule(rf"(?:is|are|does|do) (?P<p>{_P}) (?P<rel>{RELATIONS}) (?P<q>{_P}){_END}", place_makers.is_),
    _rule(rf"(?:is|are) (?P<p>{_P}) an? (?:\w+ )?(?P<k>{{k}}){_END}", place_makers.is_kind),
    _rule(rf"(?:which|what|who)(?: one| of these| of the two| {{k}}| of them)*(?: is| are| has| lies)? (?:the )?"
          rf"(?P<comp>{COMPARING}) ?(?:,|:|-|one ,|of|between)? ?(?P<p>{_P}) (?:or|and) "
          rf"(?P<q>{_P}){_END}", place_makers.either),
    _rule(rf"(?:{_WH}|find|list|show|name|the|is there|) ?(?:{{k}} )?(?:is |are |lies |lie )?(?:the )?(?P<n>{{n}} )?"
          rf"(?:nearest|closest) (?P<m>{{n}} )?(?P<k>{{k}})(?: is| are| lies)? (?:to|from|of|near|around) "
          rf"(?P<p>{_P}){_END}",
          place_makers.nearest),
    _rule(rf"(?:{_WH}|find|list|show|name) ?(?P<n>{{n}} )?(?P<k>{{k}}) (?:is|are|lies|lie) (?:the )?(?:nearest"
          rf"|closest) "
          rf"(?:to|from) (?P<p>{_P}){_END}", place_makers.nearest),
    _rule(rf"(?:(?:what|which places|places|anything|everything|which|all places)(?: ' s| is there| is| are there| "
          rf"are| lies"
          rf"| lie| can be found| do you know| places are)?) ?(?:located |situated |lying )?(?:(?:within|inside|at "
          rf"most|less "
          rf"than|in a radius of) )?(?:(?:a )?(?P<n>{{n}}) (?:of|from|around|to|away from|radius of|radius around)"
          rf"|near|close "
          rf"to|around|in the vicinity of) (?P<p>{_P}){_END}", place_makers.near_any),
    _rule(rf"(?:{_WH}|how many|list|name|show|find|give me|are there)(?: me)? {_THE}(?P<k>{{k}})(?: (?:of|in) "
          rf"(?P<w>{{p}}))? "
          rf"(?:are |is |lie |lies |that lie |that are |there )*(?:situated |located )?(?:along|on|on the banks of"
          rf"|beside)"
          rf"(?: the (?:banks|shores?|course) of)? (?P<p>{_P}){_END}", place_makers.along),
    _rule(r"(?:which|what) (?:are the )?{k}(?: (?:of|in|from) (?:the )?(?P<w>{p}))? (?:has|have|contains?|holds?"
          r"|with|having) "
          r"(?:the )?(?P<most>most|largest number of|greatest number of|highest number of|fewest|least)? ?(?:number "
          r"of )?"
          r"(?P<n>{n} )?(?:or more |different )?{k}\W*$", place_makers.groups),
    _rule(r"(?:in )?(?:which|what) {k}(?: (?:of|in) (?:the )?(?P<w>{p}))? (?:are|is|lie|does one find)(?: there)? "
          r"(?:the )?"
          r"(?P<most>most|fewest|least) (?P<n>{n} )?{k}(?: located| situated)?\W*$", place_makers.groups),
    _rule(r"(?:what is |how many |count |list |show |the )*(?:the )?(?:number of )?(?:the )?{k}(?: are)?(?: there)?"
          r"(?: (?:of|in) (?:the )?(?P<w>{p}))? (?:per|by|for each|in each|in every|for every|grouped by) {k}"
          r"(?: (?:of|in) (?:the )?{p})?\W*$", place_makers.per),
    _rule(rf"(?:{_WH}|how many|is there|are there|does|count(?: the)?|name|locate|in which) (?P<fattr>)(?:an? )?"
          rf"{_HEADWORDS}(?P<k>{{k}})(?! (?:of )?(?:data|labels|masks|coverage)).*", place_makers.of_kind),
    _rule(rf"(?:list|show|show me|find|find me|give me|display|get|) ?(?P<fattr>){_HEADWORDS}(?P<k>{{k}})"
          r"(?= (?:in|of|over|above|near|within|with|along|that|which|larger|higher|longer|bigger|deeper|{n}|{p})).*",
          place_makers.soft),
    _rule(rf"(?:what|who|which|how much)(?: is| are| was| ' s)? (?:the )?(?P<thing>(?:[a-z]+ ){{1,3}})of "
          rf"(?P<p>{_P}){_END}",
          place_makers.no_property),
]  # fmt: skip

# where a story turns to its question
_TURNS = regex(
    r"[.,:;!?-] (?=(?:and |so |but )?(?:can|could|would|do|please|tell|which|what|where|how|is|are|does|list|name"
    r"|in)\b)"
)


# `Is Lake Como in Italy?`: here the second place does not say which one is meant
_ASKS_IN = regex(
    r"\s*(?:and |so |hey |hi |please |, )*(?:is|are|does|do|lies) (?:the )?\{place\} "
    r"(?:located |situated |part |lie |belong )?(?:in|of|inside|within|to|on) (?:the )?\{place\} \?? ?$"
)


def read_place_questions(reading: Reading, places: Places) -> None:
    """Understand a question about places; others are left as they are.

    Args:
        reading: the question, with phrases, places, bounds and quantities marked.
        places: the gazetteer.
    """
    if reading.draft.refusals or {one.kind for one in reading.marks} & _BLOCKING:
        return
    if not _ASKS_IN.match(reading.sheet()):
        qualify(reading, places)
    maker = Maker(reading, places)
    if reading.earlier is not None and reading.earlier.target == "place" and follow_places(maker, reading.earlier):
        return
    if (not maker.line.kinds() and "{p}" not in maker.line.text) or len(maker.line.text) > _LONGEST:
        return
    if not _ruled(maker) and maker.line.turned():
        _ruled(maker)


def _ruled(maker: Maker) -> bool:
    """Whether a rule understands the line, or what its story turns to."""
    text = maker.line.text
    for start in (0, *(found.end() for found in _TURNS.finditer(text))):
        for pattern, make in _RULES:
            match = pattern.match(text, start)
            if match is not None and make(maker, match):
                return True
    return False
