"""Themes: which task a word such as `detection` names beside a topic, and phrases that stand for a property."""

from __future__ import annotations

import re

from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Found, Mark, Reading, rule

# things that can be counted: their detection is object detection (convention 5)
COUNTABLE = frozenset(
    listed(
        "aircraft|airport|bird|bridge|building|building footprint|iceberg|livestock|poultry farm|power "
        "plant|power substation|power line|ship|solar panel|storage tank|swimming pool|tree crown|vehicle"
        "|wildlife|wind turbine|container|helicopter|parking lot|sports field|brick kiln|oil and gas "
        "infrastructure|aquaculture|crater|animal|person|train")
)  # fmt: skip
_FORECAST = frozenset(
    listed("air quality|weather|crop yield|tropical cyclone|wildfire|drought|sea ice|flood|precipitation")
)
_WORD = rule(
    r"(pixel ?- ?level|pixel ?- ?wise|(?<!\} )(?<! m )(?<! metres )per ?- ?pixel"
    r"|at (?:the )?pixel level|(?:each|every|each and every|every single|all)(?: of the)? pixels?|pixel by pixel|dense)"
)
_DETECT = rule(
    r"(detection|detect|detects|detecting|detector|detectors|detected|localisation|localization"
    r"|spotting|spot|find|finding|locate|locating|recognise individual)"
)
_SEGMENT = rule(r"(segmentation|segment|segments|segmenting|segmented|segmenter|segmenters)")
_CLASSIFY = rule(
    r"(classification|classify|classifying|classifies|classifier|classifiers|categorisation|categorization|recognition)"
)
_FORECASTING = rule(r"(forecasting|forecast|forecasts|forecasted|nowcasting|nowcast|forecaster)")
_PREDICT = rule(r"(prediction|predict|predicts|predicting|predictor|anticipate|foresee)")
_RETRIEVE = rule(r"(retrieval|retrieve similar|similarity search)")
_TRANSLATE = rule(
    r"(?:translat\w+|convert\w*|turn\w*|transform\w*|map\w*|go\w*|generat\w+|synthesi\w+|creat\w+"
    r"|mak\w+|produc\w+|simulat\w+)(?: [a-z]+){0,2}? (\{(?:modality|sensor)\})(?: [a-z]+| "
    r"\{product\}){0,2}? (?:into|to|as|in to|-?to-?) (?:[a-z]+ )*?(\{(?:modality|sensor)\})",
    r"(\{modality\}) ?- ?to ?- ?(\{modality\})",
    r"(\{modality\}) (?:->|- >|2) (\{modality\})",
    r"(?:generat\w+|synthesi\w+|creat\w+|mak\w+|produc\w+|simulat\w+)(?: [a-z]+){0,2}? "
    r"()(\{modality\})(?: [a-z]+| \{product\}){0,2}? (?:from|out of) (?:[a-z]+ )*?(\{modality\})",
)
_GENERATE = rule(
    r"(?:generat\w+|synthesi\w+|simulat\w+|creat\w+|produc\w+|outputs?|outputting|output|deliver\w*)"
    r"(?: (?:a|an|new|artificial|fake|realistic|the|of|is|are))* (\{modality\})(?= \{product\}| data| ?\W*$| as output)"
)
_CAPTION = rule(
    r"(?:generat|writ|produc|creat|mak|giv|add|output)\w*(?: (?:a|the|their|some|short|text|image|english|good))* "
    r"(?:captions?|descriptions?)",
    r"(?:describe|describes|describing) (?:\{product\}|images|scenes) (?:in words|with text|in sentences|by a "
    r"sentence)",
)
_ASK_IMAGES = rule(
    r"answer(?:s|ing)?(?: (?:natural language|free form|free - form|textual|the|user|my|our|any))* questions? "
    r"(?:about|on|over|regarding|for) (?:a |an |the |satellite |aerial )*(?:\{product\}|images?|pictures?)"
)
_SHARPEN = rule(
    r"(?:turn|turns|turning|convert|converts|converting|transform|transforms|upgrade|upgrades|bring|brings|make|makes"
    r"|making|enhance|enhances|upsample|upsamples|increas\w+|improv\w+)(?: [a-z]+| \{[a-z]+\}){0,3}?(?: (?:low|coarse"
    r"|lower|coarser|medium))(?: ?- ?)? ?(?:res|resolution|\{attr\})(?: [a-z]+| \{[a-z]+\}){0,3}? (?:into|to|as) "
    r"(?:high|higher|fine|finer|sharper)(?: ?- ?)? ?(?:res|resolution|\{attr\}|ones?)(?: \{product\})?",
    r"(?:increas\w+|improv\w+|enhanc\w+|boost\w*|refin\w+|sharpen\w*)(?: (?:the|their|its|spatial|ground|image))* "
    r"(?:resolution|\{attr\})(?: of (?:the )?\{(?:product|sensor)\})?",
)
_SELF = "self-supervised pre-training"
_UNSUPERVISED = rule(
    r"(?:pre ?- ?trained|pretrained|trained|learned|learnt)(?: (?:without|with no))(?: (?:any|using|the|use|of|human"
    r"|manual|needing|a single))* (?:labels?|annotations?|supervision|labelling|\{(?:dataset|attr)\})"
)
_QUESTIONS = rule(
    r"questions? (?:and|with|plus|&|-|together with|along with)(?: an?| the| its| their| matching| correct)* answers?"
)
_TASK_OF = (
    (_QUESTIONS, "visual question answering"),
    (_UNSUPERVISED, _SELF),
    (_SHARPEN, "super-resolution"),
    (_WORD, "semantic segmentation"),
    (_SEGMENT, "semantic segmentation"),
    (_FORECASTING, "forecasting"),
    (_RETRIEVE, "image retrieval"),
    (_CAPTION, "image captioning"),
    (_ASK_IMAGES, "visual question answering"),
)
_COMMERCIAL_NO = rule(
    r"(?:\{access\}|closed|off ?- ?limits|barred|not open|unavailable|not available|forbidden|prohibited|out of bounds)"
    r"(?: (?:to|for)) (?:any |all )?(?:business|businesses|companies|firms|industry|enterprises|commercial users?)",
    r"(?:non ?- ?commercial|noncommercial)(?: use| licen[cs]e| purposes)?(?: only)?",
    r"(?:rules? out|ruling out|forbids?|forbid|forbidding|prohibits?|excludes?|bans?"
    r"|disallows?)(?: [a-z]+){0,4}? (?:or|and)"
    r"(?: any)? (?:commercial use|commercial purposes|commercial exploitation|commercial usage|business use"
    r"|commercialisation|commercialization)",
    r"(?:rules? out|ruling out|forbids?|forbidding|prohibits?|prohibiting|excludes?|excluding|bans?"
    r"|banning|disallows?|not allow|n ' t allow|not permit|n ' t permit|not permitting|without|no|not "
    r"allowed|not permitted|not usable|not free|not be used|cannot be used|can not be used|not for"
    r"|restricts?|not be used (?:to|for) (?:make|making|build|building|create|creating|produce|develop|developing"
    r"|sell)|not suitable|not available|not cleared|not open|prevent|prevents|unavailable|not "
    r"meant|may not be used|must not be used)(?: (?:a|an|any|the|its|their|for|in|allowed|use|being used|of"
    r"|to be used))* (?:commercial use|commercially|commercial purposes|commercial|commercial (?:maps?|apps?"
    r"|services?|tools?|software)|business use|for "
    r"profit|commercial usage|commercial (?:\{product\}|\{model\})|commercial exploitation|commercial products?"
    r"|commercial applications?"
    r"|business|profit)",
    r"(?:not|n ' t|never|cannot|nobody may|no one may)(?: (?:let|lets|allow|allows|permit|permits|me|us|one|you|people"
    r"|anybody|anyone|be|to|ever|legally|allowed|permitted))* (?:sell|be sold|resell|make money|earn money|market"
    r"|commerciali[sz]e|moneti[sz]e|profit from|charge for)(?: (?:with|from|on))?(?: (?:it|them|that))?",
    r"only (?:for )?(?:academic|research|scientific|educational|private)(?: (?:use|purposes))?",
    r"(?:academic|research|scientific|educational) (?:use|purposes) only",
)
# `a licence other than non-commercial`
_EXCEPT = regex(
    r"(?:other than|except(?: for)?|exclud(?:e|es|ing)|not|without|leav(?:e|ing) out|skip(?:ping)?|avoid(?:ing)?|never"
    r"|nothing|anything but|no)(?: (?:a|an|any|the|under|is|are|those|that|which|ones|with|trained|on|from|made|using"
    r"|use|based|of|learned))*$"
)
_COMMERCIAL_YES = rule(
    r"(?:(?:for|allows?|permits?|allowing|permitting|permitted|allowed|free|usable|use|used|ok|okay"
    r"|fine|cleared|licen[cs]ed|suitable|open|available|good|safe|legal|may be used|can be used"
    r"|approved|allow|in|the|any|its|their|to|be|of|also|even|a|by) )*(?:commercial use|commercially"
    r"|commercial purposes|commercial usage|commercial products?|commercial applications?|commercial "
    r"exploitation|business use|commercial projects?|for profit|commercial work|commercial services?"
    r"|for ?- ?business|for ?- ?profit|commercial company|commercial (?:ok|okay|allowed|permitted|friendly)"
    r"|commercially(?! \{(?:product|sensor"
    r"|modality)))",
    r"(?:in|into|for|inside|within|part of) (?:a |my |our |any |your )?commercial (?:\{product\}"
    r"|\{model\}|software|apps?|tools?)",
    r"(?:permissive|permissively|liberal|liberally)(?: (?:open|source))*(?: (?:licen[cs]ed?|licen[cs]es?|licen[cs]ing"
    r"|\{attr\}))?",
    r"(?:my|our|a|an|any|the|for) (?:company|companies|firm|firms|business|businesses|employer|start ?- ?ups?|startups?"
    r"|enterprise|corporation)(?: itself)? (?:can|could|may|might|is allowed to|are allowed to|to)(?: (?:also|legally"
    r"|freely))* (?:use|work with|build on|train on|download and use|exploit)",
    r"(?:usable|used|useful|open|available|free|allowed)(?: [a-z]+)? (?:by|to|for|in) (?:companies|firms|businesses"
    r"|start ?- ?ups?|startups?|industry|private companies)",
    r"(?:can|could|may|might|allowed to|able to) (?:also |even |legally )*(?:be sold|resell|market|commerciali[sz]e"
    r"|monetise|monetize|profit from|charge for)|(?:sell|make money with|earn money with|build a product (?:with|on"
    r"|from)|use in (?:a|my|our) "
    r"(?:product|company|business))|in (?:a|my|our|your) (?:company|business|product|paid product|paid "
    r"app|app)",
)
_ACCESS = (
    (
        "registration",
        rule(
            r"(?:need|needs|require|requires|requiring|needing|demand|demands|ask for|asks for|want"
            r"|wants|with|after|behind|only after|upon|call for|calls for|necessary|have to|has to"
            r"|must)(?: (?:a|an|to|you|users|one|for|free|prior|the|user|first|some|any|only|create"
            r"|be))* (?:sign ?- ?up|signup|signing up|sign up|log ?- ?in|login|log in|registration"
            r"|register|registering|account|user account|registered|create an account|logging in"
            r"|\{access\})",
            r"registration (?:required|needed|necessary|is required|is needed|wall)|(?:account|login"
            r"|sign ?- ?up) (?:required|needed|necessary)|(?:registered|logged ?- ?in) (?:users|access)",
        ),
    ),
    (
        "on request",
        rule(
            r"(?:on|upon|by|after|only on) (?:a |an )?(?:request|demand|application|inquiry|enquiry)",
            r"(?<!i )(?<!we )(?:have to|must|need to|has to|needs to) (?:be )?(?:request|ask(?: for)?|email|e - mail"
            r"|contact|apply|requested|write to)(?: (?:the )?authors?)?(?! [:,]| if| whether| which| what| you)",
            r"(?:must|have to|need to) be asked for",
        ),
    ),
    (
        "paid",
        rule(
            r"(?:cost money|costs money|for sale|(?:have|has|need|needs) to be (?:paid|bought"
            r"|purchased)|paid access|paid(?! (?:for )?by)|sold|against payment|for a fee|behind a paywall|must be "
            r"bought|purchase)"
        ),
    ),
    (
        "restricted",
        rule(
            r"restricted access|access (?:is |was )?restricted|restricted(?! to| in)|closed access|not publicly "
            r"(?:available|accessible)|not public|not open"
        ),
    ),
    (
        "open",
        rule(
            r"(?:no|without|not needing|not require|not requiring|free of|n ' t need|n ' t require"
            r"|without any|without having to|not need|no need for|no need to|not asking for)(?: (?:a|an"
            r"|any|to|for|the|prior|create|user|free|kind of))* (?:sign ?- ?up|signup|signing up|sign "
            r"up|log ?- ?in|login|log in|registration|register|registering|account|logging in|user "
            r"account|an account|\{access\})",
            r"(?:openly|freely|publicly|free) (?:available|accessible|downloadable|shared|obtainable|to "
            r"download)|open access|open ?- ?access|open (?:data|datasets?|\{dataset\}|\{model\})"
            r"|(?:can|could|may) be (?:freely |openly )?downloaded (?:freely|by anyone|without"
            r"|openly)(?: restrictions?| limits?)?|free (?:download|access)|downloadable (?:freely|by "
            r"anyone)|public access|open to (?:all|anyone|everyone|the public)|public(?:ly)? "
            r"\{(?:dataset|model)\}|accessible (?:to|by|for) (?:anyone|everyone|all)",
            r"(?:hate|hates|dislike|sick of|tired of|fed up with|n ' t want|n ' t like|avoid|avoiding|skip|skipping"
            r"|spare me"
            r"|bypass)(?: (?:the|any|all|having|to|that|this|of))* (?:sign ?- ?ups?|signing up|log ?- ?ins?|log in"
            r"|logging"
            r" in|logins?|registration|registering|register|accounts?)",
            r"without(?: (?:having|needing))?(?: to)? (?:begging|asking|contacting|e ?- ?mailing|emailing|writing to"
            r"|requesting"
            r"|beg|ask|contact|e ?- ?mail|email|write to|request)(?: (?:the|its|their|any|for|a))* (?:authors?"
            r"|creators?|makers?"
            r"|owners?|\{attr\}|anyone|anybody|somebody|someone|permission|access|people)",
            r"without (?:giving|leaving|entering|providing|handing over)(?: (?:an|a|my|any|your|one ' s))* (?:e ?- "
            r"?mail|email"
            r"|name|address|data|personal data|details)(?: address)?(?: (?:or|and) (?:signing up|registering"
            r"|logging in))?",
        ),
    ),
)
_SPLITS = rule(
    r"(train|training|validation|val|test|testing|dev|\{split\})(?: (?:,|and|,? and|/|-|plus|or|a"
    r"|\{split\}|train|training|validation|val|test|testing|set|split|sets|partition))* (?:splits?"
    r"|partitions?|folds?|subsets?|parts?|\{split\}|\{attr\}|\{dataset\}|portions?|sets?)"
)
_SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
_ANY_SPLIT = rule(
    r"(?:predefined|fixed|official|ready - made|defined|given|standard|ready|prescribed|recommended"
    r"|published|preset|pre - defined|set|established|provided|any|a|known)? ?(?:\{split\}|\{attr\}"
    r"|splits?|partition(?:s|ing)?|train - test split|train / test split|train test split|folds)"
)


_DATES = rule(
    r"(\{bound\}|two|one|single|several|multiple|many|just one|both)(?: (?:different|distinct|separate|acquisition"
    r"|single|image))* (dates?|points? in time|time steps?|timesteps?|epochs|time points?|timestamps?|acquisitions?"
    r"|moments?)(?: only| each| per (?:sample|patch|location|site|place)| for (?:each|every) [a-z]+)?"
)


_BEFORE_AFTER = rule(
    r"before(?: ,)?(?: and| as well as|,)(?: also|\{product\}| images| ones| pictures| \{product\})* after"
)


def _dates_of_samples(reading: Reading) -> None:
    """`two dates only`: how many dates one sample holds."""
    if reading.draft.target != "dataset" or any(reading.of_kind("temporal", "record", "family")):
        return
    if (pair := reading.find(_BEFORE_AFTER)) is not None:
        reading.draft.add("temporal", "=", "bi-temporal")
        pair.use("temporal")
        return
    found = reading.find(_DATES)
    if found is None or reading.draft.returns:
        return
    bound = next(iter(found.marks(1, "bound")), None)
    if bound is not None:
        value, op = bound.value[-1].value, str(bound.info.get("op"))
        if bound.value[-1].kind or bound.used:
            return
    else:
        word = found.text(1).split()[-1]
        value, op = {"one": 1, "single": 1, "two": 2, "both": 2}.get(word, 3), "="
    if op in (">", ">=") and value + (op == ">") >= 2:
        name = "multi-temporal"
    elif op in ("=", "in"):
        name = "single date" if value == 1 else "bi-temporal" if value == 2 else "multi-temporal"
    else:
        return
    reading.draft.add("temporal", "=", name)
    if bound is not None:
        reading.take(bound, "temporal")
    for one in found.marks(0):
        one.info["taken"] = one.used = True
    found.use("temporal")


def read_themes(reading: Reading) -> None:
    """Tasks named by a word that only counts beside a topic."""
    draft = reading.draft
    if draft.target == "product":
        return
    _dates_of_samples(reading)
    found = reading.find(_TRANSLATE)
    if found is not None and draft.target in (None, "model", "dataset"):
        _translation(reading, found)
    elif draft.target == "model" and (made := reading.find(_GENERATE)) is not None:
        for mark in made.marks(1):
            draft.add("output_modality", "contains", str(mark.value))
            reading.take(mark, "output_modality")
    tasks = list(reading.of_kind("task"))
    topics = [one for one in reading.of_kind("topic") if not one.info.get("taken")]
    known = {str(one.value) for one in tasks}
    for pattern, task in _TASK_OF:
        for found in reading.find_all(pattern):
            if task == _SELF and any(reading.of_kind("pretraining")):
                found.use("pretraining")  # `without labels by MAE`: the method says it
                continue
            if task == _SELF and any(not _labels(reading, one) for one in found.marks(0, "dataset", "attr")):
                continue
            if task == "super-resolution" and any(one.value != "resolution_m" for one in found.marks(0, "attr")):
                continue
            for one in found.marks(0, "attr", *(("dataset",) if task == _SELF else ())):
                one.info["taken"] = one.used = True
            if known and task == "semantic segmentation" and any("segmentation" in one for one in known):
                found.use("task")
                continue
            draft.add("task", "=", task)
            found.use("task")
    if (found := reading.find(_PREDICT)) is not None and (
        not topics or any(str(one.value) in _FORECAST for one in topics)
    ):
        draft.add("task", "=", "forecasting")
        found.use("task")
    if (found := reading.find(_DETECT)) is not None and not (
        known & {"change detection", "object detection", "anomaly detection"}
    ):
        word = found.text(1)
        things = [one for one in topics if str(one.value) in COUNTABLE and abs(one.start - found.span()[0]) < 8]
        if (
            things
            and (
                word not in ("find", "finding", "spot", "locate", "locating", "spotting")
                or _after_topic(reading, found, things)
            )
        ) or (word.startswith("detect") and not topics and not known and not any(reading.of_kind("class"))):
            draft.add("task", "=", "object detection")
            found.use("task")
    for mark in reading.of_kind("model"):
        words = reading.words(mark.start, mark.end).casefold()
        if "segment" in words and not any("segmentation" in one for one in known):
            draft.add("task", "=", "semantic segmentation")
        elif "forecast" in words and "forecasting" not in known:
            draft.add("task", "=", "forecasting")
    for mark in topics:
        words = reading.words(mark.start, mark.end).casefold()
        if str(mark.value) in COUNTABLE and "detect" in words and not known & {"object detection"}:
            draft.add("task", "=", "object detection")
        elif "segmentation" in words and not any("segmentation" in one for one in known):
            draft.add("task", "=", "semantic segmentation")
    if known or topics or any(reading.of_kind("temporal")):
        return
    if (found := reading.find(_CLASSIFY)) is not None:
        draft.add("task", "=", "scene classification")
        found.use("task")


def _labels(reading: Reading, mark: Mark) -> bool:
    return re.fullmatch(r"(?:label|annotation|labelling)s?", reading.tokens[mark.end - 1].norm) is not None


def _after_topic(reading: Reading, found: Found, things: list[Mark]) -> bool:
    """`finding ships`: the verb governs the thing; `find ship datasets` does not."""
    start, end = found.span()
    word = reading.tokens[start].norm
    if start < 2 or (not word.endswith("ing") and reading.tokens[start - 1].norm not in ("to", "that", "can", "which")):
        return False
    following = [one for one in things if one.start >= end and one.start - end < 4]
    if not following:
        return False
    after = reading.owner(following[0].end)
    return not (after is not None and after.kind in ("dataset", "model"))


def _translation(reading: Reading, found: Found) -> None:
    marks = found.marks(0, "modality", "sensor")
    if len(marks) != 2:
        return
    first, last = marks
    if (
        re.search(r"(?:from|out of)", found.text(0))
        and "into" not in found.text(0)
        and not re.match(r"\{", found.text(0))
    ):
        first, last = last, first
    reading.draft.target = reading.draft.target or ("model" if not any(reading.of_kind("dataset")) else None)
    if reading.draft.target == "model" or any(reading.of_kind("model")):
        reading.draft.target = "model"
        reading.draft.add("task", "=", "image-to-image translation")
        kinds = {"modality": "input_modality", "sensor": "input_sensor"}
        reading.draft.add(kinds[first.kind], "contains", str(first.value))
        if last.kind == "modality":
            reading.draft.add("output_modality", "contains", str(last.value))
        for one in (first, last):
            reading.take(one, "output_modality")
        found.use("task")


def read_phrases(reading: Reading) -> None:
    """Commercial use, access and splits: phrases that no single word names."""
    draft = reading.draft
    if draft.target in ("product", None):
        return
    for pattern, value in ((_COMMERCIAL_NO, False), (_COMMERCIAL_YES, True)):
        found = reading.find(pattern)
        if found is not None and not draft.values_of("commercial_use") and not draft.returns:
            twice = not value and _EXCEPT.search(reading.sheet()[: found.match.start()].rstrip())
            draft.add("commercial_use", "=", value or bool(twice))
            _consume(reading, found, "commercial_use")
    for access, pattern in _ACCESS:
        found = reading.find(pattern)
        if (
            found is not None
            and not draft.returns
            and not draft.values_of("access")
            and not (access == "paid" and "commercial_use" in {one.property for one in draft.filters})
        ):
            if (
                access in ("open",)
                and any(one.kind == "license" for one in reading.marks)
                and found.text(0).startswith("open ")
            ):
                continue
            if access == "registration" and any(one.value == "open" for one in found.marks(0, "access")):
                continue  # "need no registration"
            if access == "registration" and re.search(
                r"\b(?:no|not|without|never|n ' t)(?: [a-z]+)? $",
                reading.sheet()[max(0, found.match.start() - 14) : found.match.start()] or "",
            ):
                draft.add("access", "!=", access) if False else draft.add("access", "=", "open")
            else:
                draft.add("access", "=", access)
            _consume(reading, found, "access")
    if draft.target == "dataset" and not draft.returns:
        _splits(reading)


def _consume(reading: Reading, found: Found, slot: str) -> None:
    found.use(slot)
    for mark in found.marks(0):
        mark.info["taken"] = True
        mark.used = True


def _splits(reading: Reading) -> None:
    draft = reading.draft
    for found in reading.find_all(_SPLITS):
        words = [one.norm for one in reading.tokens[found.span()[0] : found.span()[1]]]
        values = list(dict.fromkeys(_SPLIT_WORDS[one] for one in words if one in _SPLIT_WORDS))
        if values and not (values == ["train"] and words[-1] in ("set", "sets")):
            before = reading.sheet()[: found.match.start()]
            negative = re.search(r"\b(?:no|not|without|lacking|lack|missing|n ' t)(?: [a-z]+){0,3} $", before + "")
            if negative:
                draft.add("split", "not_contains", values[0])
            elif len(values) > 1 and " or " not in found.text(0):
                draft.add("split", "contains_all", values)
            else:
                draft.add("split", "contains", values[0])
            _consume(reading, found, "split")
    split = reading.find(_ANY_SPLIT)
    if split is not None and not draft.values_of("split"):
        marks = split.marks(0)
        if marks and not any(one.value == "split" or one.kind == "split" for one in marks):
            return
        if not marks and "split" not in split.text(0) and "fold" not in split.text(0):
            return
        if any(one.used or one.info.get("taken") for one in marks) or draft.group_by:
            return
        if (before_ := reading.owner(split.span()[0] - 1)) is not None and before_.kind == "bound":
            return  # "more than two splits" counts them
        if (
            marks
            and marks[0].kind == "split"
            and not re.search(r"split|fold|partition", reading.words(marks[0].start, marks[0].end))
        ):
            return
        before = " ".join(reading.sheet()[: split.match.start()].split()[-4:])
        draft.add(
            "split",
            "not_exists"
            if re.search(r"\b(?:no|not|without|lacking|lack|missing|n ' t)\b", before + " " + split.text(0))
            else "exists",
        )
        _consume(reading, split, "split")
