"""Questions about a property of a named record -> what is to be returned (convention 17)."""

from __future__ import annotations

import re

from nlq.lexis.attributes import FOR_MODELS
from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, rule
from nlq.stages.asked_of import AND_ASKS, years_listed
from nlq.stages.degrees import counted_property, property_of
from nlq.stages.relations import records
from ontology.properties import PROPERTIES

_PRONOUN = (
    r"(?:it|that one|this one|that dataset|this dataset|that model|this model|the dataset|the model|they"
    r"|them|those|these)"
)
_R = rf"(?:\{{(?:record|family)\}}|{_PRONOUN})"
_BE = r"(?:is|are|was|were|do|does|did|has|have|had|can|be|been)"
# verbs and question words that name a property, for datasets (models take their own names of it)
_RULES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("time_end",),
        r"(?:up to|until|till) (?:which|what) (?:years?|dates?|months?|days?)|(?:until|till) when"
        rf"|how (?:recent|current|up ?- ?to ?- ?date) {_BE} (?:the )?(?:\{{product\}}|images|imagery|pictures|data)"),
    (("time_start",),
        r"(?:since|from) (?:which|what) (?:year|date|month|day) (?:on|onwards?)|since (?:which|what) (?:year|date"
        r"|month|day)"
        rf"|how far back (?:does|do|did)|when {_BE} (?:the )?(?:\{{product\}}|images|imagery|data|series|pictures)"
        rf"(?: (?:of|in)(?: the)? {_R})? (?:start|begin)(?! and)"),
    (("time_start", "time_end"),
        r"(?:from when to when|from which dates? to which|between (?:which|what) (?:dates|years|days"
        r"|months)|(?:which|what) (?:period|time span|time range|years|dates|timespan|time frame|time "
        r"period|time interval|span of time)|over (?:which|what) (?:period|time)|(?:time|temporal)(?: (?:and|or|&) "
        r"spatial)? "
        r"(?:coverage|range|span|extent|period)|how long a (?:period|time)|period covered|dates covered"
        r"|years covered|date range|acquisition period|in (?:which|what) (?:years|months|period)|time frame"
        r"|from (?:which|what) years? (?:are|is|do|does|come)(?: (?:the|its|their))?"
        r"(?: (?:\{product\}|data|images|imagery|pictures|\{dataset\}))?|acquisition dates|recording period"
        r"|temporal (?:and|or|&) (?:spatial )?\{attr\}|spatial (?:and|or|&) "
        r"temporal \{attr\})"),
    (("time_start", "time_end"),
        rf"when {_BE}(?: [a-z{{}}' ]+?)? (?:\{{product\}}|pictures|imagery|images|photos|scenes|tiles|data"
        r"|\{dataset\})(?: [a-z{}' ]+?)? (?:taken|acquired|recorded|captured|collected|shot|sensed|made"
        r"|from)"),
    (("time_start", "time_end"),
        rf"when {_BE} (?:the )?{_R}(?: \{{[a-z]+\}})? (?:taken|acquired|recorded|captured|shot|sensed|imaged"
        r"|photographed)"),
    (("publication_year",),
        rf"(?:when|what year|which year|in which year|in what year|since when)(?: {_BE})?(?: [a-z{{}}' ]+?)? "
        r"(?:published|released|come out|came out|appear|appeared|made public|made available|launched"
        r"|issued|introduced|first available|publicly available|available|put out|go public|see the light)"
        rf"|(?:and|,) when(?= ?[?.]? ?$)|how old {_BE}|(?:publication|release) (?:date|year)|year of (?:publication"
        rf"|release)"),
    (("publisher",),
        r"who (?:has |have |had )?(?:published|publishes|publish|released|releases|hosts|distributes|issued"
        r"|provides|provided|offers|put out|is behind|was behind|behind|is responsible for|stands behind|maintains"
        r"|brought out|supplied|supplies)|published by (?:whom|who)|whos (?:behind|responsible)|who (?:' )?s behind"
        r"|by (?:whom|who)(?: [a-z{}' ]+)? "
        r"(?:published|released|issued|distributed)|who (?:is|was|are|were) the (?:publisher|provider)"),
    (("creator",),
        r"who (?:has |have |had )?(?:made|created|built|developed|produced|compiled|labelled|wrote|authored"
        r"|annotated|assembled|collected|designed|put together|came up with|prepared|constructed|trained)"
        r"|(?:made|created|built|developed|produced|compiled|designed) by (?:whom|who)|by (?:whom|who)(?: "
        r"[a-z{}' ]+)? (?:made|created|built|developed|produced|compiled)|whose work|who (?:is|was|are"
        r"|were) the (?:author|authors|creator|creators|makers|maker)|who (?:is|are|was|were) [a-z{}' "
        r"]*from$"),
    (("publisher",),
        r"(?:which|what) (?:institutions?|organi[sz]ations?|compan(?:y|ies)|universit(?:y|ies)|agenc(?:y"
        r"|ies)|body|firm|institutes?|people|person|groups?|teams?)(?: [a-z{}' ]+?)? (?:published|publishes"
        r"|released|issued|distributes|hosts|provides|provided)"),
    (("creator",),
        r"(?:which|what) (?:institutions?|organi[sz]ations?|compan(?:y|ies)|universit(?:y|ies)|agenc(?:y"
        r"|ies)|body|firm|institutes?|people|person|groups?|teams?|labs?)(?: [a-z{}' ]+?)? (?:made|created"
        r"|built|developed|produced|compiled|labelled|annotated|trained|designed)"),
    (("funder",),
        r"(?:which|what) (?:institutions?|organi[sz]ations?|compan(?:y|ies)|agenc(?:y|ies)|body|programmes?"
        r"|grants?)(?: [a-z{}' ]+?)? (?:funded|paid|financed|sponsored|funds|pays)"),
    (("homepage",),
        r"where (?:can|could|do|would|may|on the web can) (?:i|we|one|you) (?:download|\{attr\}|get|find"
        r"|obtain|access|fetch|read about|grab|learn more about)|where is [a-z{} ]* (?:hosted|available"
        r"|online|to be found)|where to (?:download|\{attr\}|get|find)"),
    (("metric_value",), r"(?:which|what) (?:\{metric\}|scores?)(?= )|how (?:well|good) (?:does|did|is)"),
    (("metric",), r"(?:which|what) (?:metrics?|measures?)"),
    (("funder",),
        r"who (?:has |have |had )?(?:funded|paid|financed|sponsored|funds|pays|bankrolled|supported)"
        r"|(?:funded|paid for|financed|sponsored) by (?:whom|who)|by (?:whom|who)(?: [a-z{}' ]+)? (?:funded"
        r"|paid|financed|sponsored)|where (?:did|does) the (?:money|funding)"),
    (("license",),
        rf"(?:under|by|with) (?:which|what) (?:licen[cs]e|terms|conditions)|how {_BE}(?: the)? {_R}(?: "
        rf"\{{[a-z]+\}})? licen[cs]ed|what {_BE} (?:the )?{_R} licen[cs]ed|licen[cs]ed (?:how|under what)"),
    (("commercial_use",),
        r"(?:(?:can|may|could|am|are|is)(?: [a-z]+| \{[a-z]+\}){0,5} )?(?:commercial use|commercially|for business"
        r"|for profit|in (?:a|an|my|our|your) (?:commercial |paid |own )*(?:\{product\}|product|app|company|business"
        r"|firm"
        r"|service|start ?- ?up)|make money|earn money|for commercial purposes|sell)(?: (?:a|an|my|our|the))?"
        r"(?: (?:\{product\}|\{model\}|service|app|software)(?= ))?"),
    (("coverage",),
        rf"where (?:on earth |in the world |exactly )?{_BE}(?: [a-z{{}}' ]+?)? (?:taken|located|from"
        r"|recorded|collected|acquired|come from|samples|cover|lie|situated|sampled|shot|captured|sites"
        r"|images|data"
        r"|\{(?:dataset|product|counted)\}(?: of| in| from| [a-z]+ed)*)"
        r"|where (?:does|do|did)(?: [a-z{}' ]+?)? (?:come from|lie|cover|stem from)|(?:which"
        r"|what) (?:areas?|regions?|countr(?:y|ies)|\{placekind\}|places?|parts? of the world|continents?"
        rf"|cit(?:y|ies)|locations?) (?:are|is|occur|occurs|appear|appears|lie|do) (?:in|within|part of|inside|among)"
        rf"(?: the)? {_R}|(?:which|what) (?:areas?|regions?|countr(?:y|ies)|\{{placekind\}}|places?|parts? of the world"
        r"|continents?|cit(?:y|ies)|locations?)(?: [a-z{}' ]+?)? (?:covers?|covered|contains?|included?|shown?|come "
        r"from|taken|sampled|represented|from|lie|cover)|(?:what|which) (?:part|area|region|geographic "
        rf"area)|where {_BE} (?:the )?{_R}(?: \{{[a-z]+\}})? \?|geographic(?:al)? (?:scope|coverage|extent"
        r"|area)|spatial (?:coverage|extent)"),
    (("image_size_px",),
        r"how (?:many pixels|(?:big|large|wide|high|tall) (?:are|is) (?:the |its |each |one |a |single "
        r"|individual )*(?:images?|tiles?|patch(?:es)?|chips?|pictures?|\{product\}|\{counted\}"
        r"|\{dataset\}))|(?:what|which) (?:pixel )?(?:size|dimensions?) (?:are|do|have|is|does) (?:the |its "
        r"|each |a )*(?:images?|tiles?|patches|chips|\{product\}|\{counted\}|\{dataset\})"),
    (("size_gb",),
        r"how (?:big|large|heavy|much space|much disk space|much storage|many gigabytes|many gb|many gigs"
        r"|many megabytes|many mb|many terabytes|much disk|much room|much data|big a download|large a "
        r"download|many bytes)|"
        rf"how much (?:does|do|did|would|will) (?:the )?(?:whole )?{_R}(?: \{{[a-z]+\}})? (?:weigh|occupy|take up)"),
    (("num_parameters",), r"how (?:many parameters|many weights|big|large)"),
    (("annotation_source",),
        rf"how {_BE}(?: [a-z{{}}' ]+?)? (?:labels?|annotations?|labelled|annotated|labeled|ground truth"
        r"|masks?|boxes|reference|\{attr\}|\{annotation_type\}|\{dataset\})(?: [a-z{}' ]+?)? "
        r"(?:made|created|produced|obtained|generated|collected|come about|gathered|derived|drawn|assigned"
        rf"|done)|how {_BE}(?: the)?(?: (?:\{{product\}}|images|pictures|objects|\{{topic\}}|\{{class\}}))?(?: (?:of"
        rf"|in))?(?: the)? {_R} "
        r"(?:labelled|annotated|labeled|marked)|who (?:labelled|annotated|labeled"
        r"|drew)|where (?:do|did|does) the (?:labels|annotations|\{attr\}|\{dataset\}) [a-z{}' "
        r"]*(?:come from|stem from)|(?:labels?|annotations?|\{dataset\}) (?:made|drawn|created) by "
        r"(?:hand|people|machine)"),
    (("annotation_type",),
        r"(?:what|which) (?:kind|kinds|type|types|form|sort|sorts) of (?:labels?|annotations?|\{dataset\}"
        r"|\{attr\}|ground truth|masks)|how are objects marked|in (?:what|which) form are the (?:labels"
        r"|annotations)"),
    (("resolution_m",),
        r"how (?:fine|sharp|detailed|coarse|large is a pixel|big is a pixel|many met(?:er|re)s (?:per|is a) "
        r"pixel)|(?:what|which) (?:gsd|pixel size|ground resolution|resolution)"),
    (("num_classes",),
        r"how many (?:\{topic\} |\{task\} |land cover |land use |different |distinct |object |scene |crop "
        r"|kinds of |semantic )*(?:classes|categories|class|labels are distinguished|types of|kinds of)"),
    (("num_samples",),
        r"how many (?:labell?ed |training |annotated |pixel |image |different )*(?:samples|patches|chips"
        r"|parcels|examples|data points|points|time series|records)"),
    (("num_images",),
        r"how many (?:labell?ed |training |annotated |satellite |aerial |different |test |validation |\{split\} "
        r")*(?:images|pictures"
        r"|photos|scenes|tiles|photographs|pics|frames|image pairs)"),
    (("num_instances",),
        r"how many (?:labell?ed |annotated |marked |individual |different |\{topic\} )*(?:objects|instances"
        r"|boxes|annotations|polygons|bounding boxes|outlines)"),
    (("num_instances",), r"how many (?:\{topic\})(?: (?:are|were|does|do|has|have|is))"),
    (("num_bands",), r"how many (?:spectral |input |image |different )*(?:bands|channels)"),
    (("num_countries",), r"how many (?:different )?(?:countries|nations|\{placekind\})"),
    (("num_input_bands",), r"how many (?:spectral |input |image )*(?:bands|channels)"),
    (("sensor",),
        r"(?:which|what) (?:satellites?|sensors?|missions?|instruments?|cameras?|platforms?)(?: [a-z{}' "
        r"]+)?|(?:from|by|with) (?:which|what) (?:satellites?|sensors?|mission|instrument|source)"),
    (("topic",), rf"what {_BE} (?:the )?{_R}(?: \{{[a-z]+\}})? (?:about|for)|what (?:is|are) the (?:topic|subject)"),
    (("task",),
        rf"what (?:can|could|should)(?: i| you| one| we)? (?:do|use)(?: with)? (?:the )?{_R}|(?:which|what) "
        rf"(?:tasks?|problem|purpose)|what {_BE} (?:the )?{_R} (?:used for|meant for|made for|good for"
        r"|designed for|intended for)|which machine learning task"),
    (("format",),
        r"(?:in )?(?:which|what) (?:file )?(?:formats?|file types?|(?:type|kind|sort)s? of files?)"
        r"|how (?:is|are) [a-z{}' "
        r"]*(?:stored|packed|packaged|delivered|encoded)"),
    (("access",),
        r"how (?:can|do|could|would) (?:i|we|one|you) (?:get|access|obtain|download|reach)|(?:need|have) "
        r"(?:an account|to register|to sign up|to log in|registration)|is it (?:free|open)"),
    (("framework",),
        r"(?:which|what) (?:framework|library|software|deep learning framework)|(?:implemented|written"
        r"|built|coded) (?:in|with)"),
    (("hardware",), r"(?:which|what|what kind of|what sort of) hardware|(?:runs? on|run on) (?:what|which)"),
    (("gpu_memory_gb",), r"how much (?:gpu )?(?:memory|vram|ram)"),
    (("architecture",),
        r"(?:which|what|what kind of) (?:backbone|architecture|network|neural network|type of network|net)"),
    (("pretraining",),
        rf"how {_BE} (?:the )?{_R}(?: \{{[a-z]+\}})? (?:pre ?- ?trained|pretrained)|(?:which|what) (?:pre ?- "
        r"?training|pretraining)"),
    (("class_label",),
        r"(?:which|what)(?: are the)? (?:kinds of |types of |land cover |land use |crop |object |scene "
        r")*(?:classes|categories|labels|crops|class names|legend|nomenclature)|what (?:kinds|types) of "
        r"(?:object|crop|land cover|thing)s?|(?:name|list) the (?:classes|categories)"),
    (("split",), r"how (?:is|was|are) [a-z{}' ]*(?:split|divided|partitioned)|(?:which|what) splits"),
    (("scale_factor",),
        r"(?:by )?(?:what|which) (?:factor|scale|magnification)|how many times|how much (?:larger|sharper"
        r"|finer)"),
    (("crs",), r"(?:in )?(?:which|what) (?:projection|coordinate (?:reference )?system|crs|epsg(?: code)?)"),
    (("band",), r"(?:which|what) (?:spectral |input )*(?:bands|channels|wavelengths|band|polari[sz]ations?)"),
    (("version",), r"(?:which|what) version"),
    (("paper",),
        r"(?:which paper|what paper|in which (?:paper|article|journal)|how (?:do|should|can) (?:i|we|one) "
        r"cite|cite|how to cite)(?: [a-z{}' ]+)? ?(?:described|published in|introduced|presented|cite)?"),
    (("derived_from",),
        rf"(?:which|what) (?:dataset|data|\{{dataset\}}) {_BE} (?:the )?{_R} (?:derived|made|built|based"
        rf"|compiled|created) (?:from|on)|what {_BE} (?:the )?{_R} (?:derived|made|built|based|compiled) "
        rf"(?:from|on|of)|(?:from|on|of) (?:which|what)(?: dataset| data| \{{dataset\}})? {_BE} (?:the )?{_R} "
        r"(?:derived|made|built|based|compiled|created)"),
    (("keyword",), r"(?:which|what) (?:keywords|tags)"),
)  # fmt: skip
ASKED = [(names, rule(pattern)) for names, pattern in _RULES]
_MODEL_ONLY = {
    "num_parameters",
    "num_input_bands",
    "framework",
    "hardware",
    "gpu_memory_gb",
    "architecture",
    "pretraining",
    "scale_factor",
}
_MODEL_FIRST = {"size_gb": "num_parameters"}
_NO_LOOKUP = frozenset({"name"})


def read_lookups(reading: Reading, *, about: str | None = None) -> None:
    """Set what is returned, where a question asks for properties of named records.

    Args:
        reading: the question.
        about: kind of the record that pronouns stand for (follow-ups).
    """
    draft = reading.draft
    _also(reading)
    marks = [one for one in records(reading) if not one.info.get("family") or _whole(one)]
    if (not marks and about is None) or draft.compare or draft.order or _is_list(reading, marks):
        return
    target = (marks[0].info["entry"].level or "dataset") if marks else about
    _stated_numbers(reading)
    found = _asked(reading, target)
    if not found:
        return
    draft.returns = found
    draft.target = target
    draft.aggregate = None
    names = list(dict.fromkeys(str(one.value) for one in marks))
    if names:
        draft.add("name", "=" if len(names) == 1 else "in", names[0] if len(names) == 1 else names)
    for mark in marks:
        reading.take(mark, "name")


_STATED = regex(r"\b(?:the|all|all the|its|their|these|those)$")
_NAMED_PARTS = frozenset(
    ("class_label", "band", "split", "coverage", "sensor", "num_countries", "num_bands", "num_classes")
)


def _stated_numbers(reading: Reading) -> None:
    """`the names of the fifteen categories of X`: the number is known to the asker, and no condition."""
    for mark in list(reading.of_kind("bound", unused=True)):
        noun = mark.info.get("noun")
        before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 2) : mark.start])
        if mark.info.get("op") != "=" or noun is None or mark.info.get("property") not in _NAMED_PARTS:
            continue
        if (
            noun.start == mark.end
            and _STATED.search(before)
            and re.search(r"\b(?:names?|what|which|list)\b", reading.norm)
        ):
            noun.info["taken"] = False
            reading.take(mark, "return")


_PIECE_SIZE = rule(
    r"(?:what|which) (?:pixel )?\{attr\} (?:are|do|have|is|does) (?:the |its |each |a )*(?:\{product\}"
    r"|\{counted\}|\{dataset\})(?= )"
)


_SIZED = rule(r"how (?:big|large|heavy|high|long|wide) (?:is|are|was|were) (?:the |its |their )?\{attr\}")


def _is_list(reading: Reading, marks: list[Mark]) -> bool:
    """`datasets from the X challenge`: the head is plural and comes first, so X only bounds the list."""
    if not marks:
        return False
    if _family_first(reading, marks[0]) or _LISTING.match(reading.sheet()):
        return True
    heads = [
        one for one in reading.of_kind("dataset", "model") if not one.info.get("taken") and one.end <= marks[0].start
    ]
    if not heads or reading.tokens[heads[0].end - 1].norm not in _PLURALS:
        return False
    first = reading.tokens[0].norm
    return first not in ("what", "how", "who", "when", "where", "whose") and all(
        reading.tokens[one].norm != "of" for one in range(heads[0].end, min(heads[0].end + 1, len(reading.tokens)))
    )


# `what came out of the X project` asks for records, not for a property of X
_LISTING = regex(
    r"^\s*(?:what|which|whatever|everything|anything)(?: \{(?:dataset|model|anyhead)\}| else| all)* (?:that "
    r")?(?:came|come|comes"
    r"|coming|resulted|results|stems?|stemmed|originated|arose|belongs?|is part|are part|was part)\b"
)
_EDITIONS = frozenset(listed("versions variants editions flavours flavors challenges sizes releases"))


_ITS = rule(
    r"(?:and|,) (?:(?:also|under|by|with|in|of|from|at|on|for) )*(?:what|which|how|who|when|where)\b[^.?]*?"
    rf" (?:its|their|it|they|this|{_PRONOUN})(?= )"
)
_FORWARD = {"trained_model": "trained_on", "fine_tuned_model": "fine_tuned_on", "evaluated_model": "evaluated_on"}


def _also(reading: Reading) -> None:
    """`which data was X trained on, and what is its licence`: the data become one of two properties of the model."""
    draft = reading.draft
    relation = [one for one in draft.filters if one.property in _FORWARD and one.op == "="]
    if len(draft.filters) != 1 or len(relation) != 1 or reading.find(_ITS) is None:
        return
    mark = next((one for one in reading.of_kind("record", "family") if one.value == relation[0].value), None)
    found = _asked(reading, "model")
    found = [one for one in found if one != _FORWARD[relation[0].property]]
    if mark is None or not found:
        return
    draft.filters = []
    draft.add("name", "=", str(mark.value))
    draft.target, draft.returns, draft.aggregate = "model", [_FORWARD[relation[0].property], *found], None


def _family_first(reading: Reading, mark: Mark) -> bool:
    """`BigEarthNet versions`: the members of a family, and nothing else is asked."""
    after = reading.tokens[mark.end].norm if mark.end < len(reading.tokens) else ""
    if after not in _EDITIONS or re.search(r"\b(?:what|how|when|who|does|do|is|are)\b", reading.norm):
        return False
    mark.info["family"] = True
    owner = reading.owner(mark.end)
    if owner is not None:
        owner.info["taken"] = True
        reading.take(owner, "name")
    return True


_PLURALS = frozenset({"datasets", "models", "corpora", "benchmarks", "networks", "sets", "backbones", "weights"})


def _whole(mark: Mark) -> bool:
    return mark.kind == "record"


_SIZES = frozenset(("size_gb", "image_size_px", "input_size_px", "num_parameters"))


def _asked(reading: Reading, target: str | None) -> list[str]:
    """The properties asked for."""
    names: list[str] = []
    line = reading.sheet()
    from nlq.stages.forms import is_yes_no

    if is_yes_no(reading) and not AND_ASKS.search(reading.norm):
        return []
    found = reading.find(_PIECE_SIZE)
    if found is not None and {one.value for one in found.marks(0, "attr")} <= _SIZES:
        found.use("return")
        for one in found.marks(0):
            one.info["taken"] = True
        names.append("input_size_px" if target == "model" else "image_size_px")
    sized = reading.find(_SIZED)
    for properties, pattern in ASKED:
        if properties[0] in _MODEL_ONLY and target != "model":
            continue
        if sized is not None and properties[0] in ("size_gb", "num_parameters"):
            continue
        found = reading.find(pattern)
        if found is None:
            continue
        fits = [fitted(one, target) for one in properties]
        if any(one is None for one in fits):
            continue
        if (
            properties[0]
            in (
                "topic",
                "task",
                "paper",
                "access",
                "commercial_use",
                "size_gb",
                "band",
                "sensor",
                "class_label",
                "num_instances",
                "coverage",
            )
            and names
            and found.span()[0] > 0
            and reading.tokens[max(0, found.span()[0] - 1)].norm not in ("and", ",", "&", "plus")
        ):
            continue
        if properties == ("publication_year",) and "time_start" in names:
            continue
        if properties == ("size_gb",) and "image_size_px" in names:
            continue
        if properties == ("creator",) and "annotation_source" in names:
            continue
        found.use("return")
        for one in found.marks(0):
            if one.kind not in ("record", "family"):
                one.info["taken"] = True
        names += [one for one in fits if one is not None and one not in names]
    if "annotation_source" in names and "creator" in names:
        names.remove("creator")
    for mark in reading.of_kind("dataset"):
        word = reading.tokens[mark.start].norm
        if word.startswith("benchmark") and reading.tokens[mark.start - 1].norm in ("which", "what"):
            names.append("benchmark")
            mark.info["taken"] = True
    for mark in reading.of_kind(
        "attr", "dataset", "model", "counted", "product", "sensor", "split", "class", "task", "topic"
    ):
        if mark.used or mark.info.get("taken") or _compound(reading, mark):
            continue
        before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 3) : mark.start])
        how_many = _HOW_MANY.search(before) is not None or (before.endswith("different") and "how many" in before)
        if mark.kind in ("dataset", "model", "product", "split", "task", "topic", "class", "sensor") and not any(
            one.kind == "attr" or (how_many and one.kind == "counted") for one in mark.info.get("entries", ())
        ):
            continue
        if mark.kind in ("dataset", "model", "product", "topic") and not (how_many or _standing(reading, mark)):
            continue
        name = (counted_property if how_many else property_of)(mark, target)
        if name is None or name in _NO_LOOKUP or name in names:
            continue
        if any(name in (one, FOR_MODELS.get(one)) for one in names):
            continue
        names.append(name)
        reading.take(mark, "return")
    if "class_label" in names and "num_classes" not in names and reading.find(_HOW_MANY_OF_THEM) is not None:
        names.append("num_classes")
    names += [one for one in years_listed(reading) if names and one not in names]
    if names:
        _modifiers(reading)
    _ = line
    return names


_HOW_MANY_OF_THEM = rule(
    r"how many(?: of them)? (?:there are|are there|of them|it has|they are|in total|exist)|how many \W* ?$"
)


def _modifiers(reading: Reading) -> None:
    """`which optical bands`: what stands before the noun that is asked for says what it is like."""
    for mark in reading.of_kind("modality", "topic", "task"):
        after = reading.owner(mark.end)
        if (
            after is not None
            and after.kind in ("attr", "counted", "class", "split")
            and "return" in reading.slots[after.start : after.end]
        ):
            mark.info["taken"] = True
            reading.take(mark, "return")
    for found in reading.find_all(_PART_OF):
        for mark in found.marks(1):
            if not mark.used:
                mark.info["taken"] = True
                reading.take(mark, "return")


_PART_OF = rule(
    r"(\{(?:temporal|annotation_type|modality|topic|task|scene_type)\})(?: \{(?:product|dataset|attr|counted)\})?"
    r" (?:in|of|from|inside)(?: the)?(?= \{(?:record|family)\})"
)


_HOW_MANY = regex(
    r"(?:how many|number of|count of|amount of)(?: (?:test|testing|training|train|validation|labell?ed|annotated))?$"
)


def fitted(name: str, target: str | None) -> str | None:
    """A dataset's property as the one of the target."""
    if target == "model":
        name = _MODEL_FIRST.get(name, FOR_MODELS.get(name, name))
    return name if target in PROPERTIES[name].targets else None


def _compound(reading: Reading, mark: Mark) -> bool:
    """`X project datasets`: a noun before the head of a list asks for nothing."""
    after = reading.owner(mark.end)
    if after is None or after.kind not in ("dataset", "model"):
        return False
    return reading.tokens[after.end - 1].norm.endswith(("s", "data"))


_BETWEEN = (":", ",", "and", "&", "+", "/", "")


def _standing(reading: Reading, mark: Mark) -> bool:
    """Whether a head noun stands as a property: `the architecture of X`, `what data type`."""
    after = reading.tokens[mark.end].norm if mark.end < len(reading.tokens) else ""
    before = reading.tokens[mark.start - 1].norm if mark.start else ""
    if before in _BETWEEN and after in _BETWEEN and (before != "" or after != ""):
        return True  # `DOFA: architecture, input bands`
    return after in ("of", "does", "do", "is", "has", "for") or before in ("what", "which", "the")
