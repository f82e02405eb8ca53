"""Questions that no catalogue can answer: orders, opinions, forecasts, what a picture shows (convention 21)."""

from __future__ import annotations

import re

from nlq.lexis.grammar import STOP, english
from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading, rule

_HELLO = (
    r"^\W*(?:(?:please|kindly|hi|hello|hey|dear \w+|ok|okay|now|and|then|so|can you|could you|would you"
    r"|will you|i want you to|you must|go and|just|let ' s|can u|pls|i need you to|i would like you to|i ' "
    r"d like you to|your task is to|help me|help me to)(?: ?[,.!])? ?){0,12}"
)
_ORDERS = regex(
    rf"(?:{_HELLO}|\b(?:can|could|would|will) you (?:(?:be so kind|please|kindly|maybe|just|and|as to"
    rf"|to) )*)" + r"(?:(?:re(?: - |-| )?)?train (?:a|an|me|my|the|this|that|it|us|our|one|some)\b(?! (?:data|set"
    r"|dataset))|fine(?: - |-| )?tune\b(?! (?:data|sets?)\b)|(?:send|mail|post|text|forward) (?:me|us|it|them)\b"
    r"[^.?]* (?:by (?:e ?- ?)?mail|by post|via (?:e ?- ?mail|mail|whatsapp|slack|sms)|every (?:day|week|month|morning"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|hour)|whenever|as soon as)\b"
    r"|(?:notify|alert) (?:me|us)\b|send [^.?]* to (?:my|our|his|her|their|me by|everyone"
    r"|all)\b|e(?: - |-| )?mail|send (?:me "
    r")?(?:an? )?(?:e(?: - |-| )?mail|message|invoice|report|sms)|write (?:me )?(?:a|an|some|my|the"
    r"|code|python)\b|draw\b|paint\b|delete\b|remove (?:all|the|every|this|that|my|it)\b|drop (?:all"
    r"|the table|table|database)\b|erase\b|wipe\b|overwrite\b|update the\b|insert\b|upload\b|buy\b"
    r"|purchase\b|order (?:me|a|an|new|some)\b|book\b|pay\b|call\b|phone\b|remind\b|task (?:a|the) "
    r"satellite|launch (?:a|the)\b|point (?:a|the) satellite|schedule\b|translate (?:this|the following"
    r"|that|to|it|into)\b|summari[sz]e\b|run (?:a|an|the|this|it|my|inference|your)\b|classify (?:this"
    r"|these|the|my|that|all)\b|segment (?:this|these|my|the|that)\b|detect (?:all |the )?(?:\w+ "
    r")?(?:in|on) (?:this|these|my|the (?:image|picture|photo|scene))|count (?:the |all )?(?:\w+ "
    r")*(?:in|on) (?:this|these|my|the (?:image|picture|photo|scene))|label (?:this|these|my|the)\b"
    r"|annotate\b|install\b|download (?:all|everything|it|them|the whole|and)\b|compute\b|calculate\b"
    r"|plot\b|make (?:me )?(?:a|an) (?:map|plot|figure|chart|model|poem|song|presentation|report|coffee"
    r"|video|reservation|animation|time(?: - |-| )?lapse|mosaic)|build (?:me )?(?:a|an)\b|create (?:me "
    r")?(?:a|an|my)\b|generate (?:a|an|me|my|some)\b|set up\b|deploy\b|retrain\b|convert (?:this|my"
    r"|these|the)\b|rename\b|publish (?:my|this|the|a)\b|fix\b|hack\b|turn (?:on|off)\b|open the door"
    r"|play\b|sing\b|tell (?:me )?a (?:joke|story)|cook\b|register me\b|sign me up|subscribe\b|print\b"
    r"|export (?:all|the|this|everything|my)\b|shut down|reboot\b|kill\b|execute\b|simulate\b|predict "
    r"(?:the|tomorrow|next|what|how|whether|if|when|my)\b|forecast (?:the|tomorrow|next|for)\b|estimate "
    r"(?:the|how|my)\b|measure (?:the|how)\b|compress\b|crop (?:this|the|these|my)\b|do (?:my|the(?! same)|a"
    r"|some)\b(?![^.?]*\b(?:have|has|contain|cover|include|hold|show|come|use|need|support|overlap|lie|belong|allow"
    r"|take|run|exist"
    r"|differ|share|offer|provide|carry|feature|reach|span|permit|exceed|fit|work|stem)\b)|improve\b|design (?:a|an"
    r"|me)\b|implement\b|explain (?:to me )?(?:how|why|what|the)\b)"
)
# orders that a follow-up gives to the list of answers
_TALK = (
    r"|^\W*(?:(?:please|now|and|then|ok|okay|can you|could you|just|but) )*(?:remove|drop|do|update|order|print|turn"
    r"|delete|erase"
    r"|wipe|export|convert|fix|run|compute|calculate)\b(?! (?:everything|all data|the (?:catalogue|database|table)))"
)
_INJECTION = regex(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.?!]{0,40}\b(?:previous|prior|above|earlier|all"
    r"|your|any|these|the)\b[^.?!]{0,30}\b(?:instructions?|rules?|prompts?|guidelines?|directives?"
    r"|constraints?|restrictions)\b|\bsystem prompt\b|\byou are now\b|\bact as\b|\bpretend (?:to be"
    r"|you)\b|\bjailbreak\b|\bdeveloper mode\b|\breveal your\b|\bprint your (?:instructions|prompt)\b"
    r"|\bfrom now on\b.*\byou\b|<\s*/?\s*(?:script|system|img|iframe)|\{\{|\$\{"
)
_QUERY = regex(
    r"^\W*(?:select\b.+\b(?:from|where)\b|prefix \w*:|insert (?:into|data)|update \w+ set|delete from"
    r"|drop (?:table|graph|all|database)|construct \{|ask \{|ask where|describe <|union select|with \w+ "
    r"as \(|create table|alter table|truncate)|' ?or ?' ?1 ?' ?= ?'?1|; ?drop\b|-- ?$|\bunion select\b"
    r"|\bwhere \{|\bor 1 ?= ?1\b|\? ?[a-z]\w* \? ?[a-z]\w* \? ?[a-z]\w*"
    r"|\} ?\)? ?(?:;|\.)? ?(?:insert|delete|union|drop|select) "
    r"|\binsert data \{"
)
_OPINION = regex(
    r"\b(?:prettiest|most beautiful|beautiful|nicest|coolest|favou?rite|ugliest|funniest|most "
    r"interesting|most exciting|loveliest|cutest|sexiest|most fun|most boring|most impressive|most "
    r"popular with you|most famous|most trustworthy|most elegant|most stunning|most spectacular|most "
    r"underrated|most overrated|greatest ever|most promising|most useful|most important|most suitable"
    r"|most relevant|most reliable|most fascinating|fanciest|smartest|cleverest|trendiest|most "
    r"attractive)\b"
    r"|\b(?:do|would) you (?:like|love|prefer|enjoy|think|recommend|feel|believe|hate|trust)\b|\bwhat "
    r"do you think\b|\bin your opinion\b|\byour opinion\b"
    r"|(?<!paper )(?<!licence )(?<!license )(?<!reference )(?<!citation )(?<!doi )"
    r"\bshould (?:i|we|one) (?:use|choose|pick|take"
    r"|buy|prefer|go|trust|study|switch|invest|apply|learn|start|be)\b|\bis it (?:worth|a good idea"
    r"|better to|wise|ethical|right|wrong|fun|sensible)\b|\bworth (?:it|using|reading|buying|the)\b"
    r"|\bwhich (?:one )?(?:do|would|should) (?:you|i|we)\b(?! have| know| offer| hold| get| find| use "
    r"to train| need)|\b(?:good|bad) enough\b|\bis (?:\w+ ){0,3}(?:any good|overrated|underrated|cool"
    r"|nice|boring|evil|beautiful|pretty)\b|\bwhat would you\b|\badvise me\b|\bgive me advice\b|\bany "
    r"advice\b"
)
# a long wish that ends in `what would you suggest?` asks for what there is
_SUGGEST = regex(
    r"[.!?;,:] ?(?:so |and |now )?(?:(?:what|which|which (?:one|ones|dataset|datasets|data|model|models)) (?:would"
    r"|do|can|could)"
    r" you (?:suggest|recommend|propose|advise|offer)(?: (?:us|me|here|then))?|any advice|any recommendations?) "
    r"?[?.!]*\s*$"
)


def _has_wish(reading: Reading) -> bool:
    """Whether at least two things are told that a catalogue can look for."""
    kinds = ("topic", "task", "modality", "sensor", "bound", "annotation_type", "annotation_source", "license", "time")
    return len(list(reading.of_kind(*kinds))) > 1


_BEST = regex(
    r"\b(?:best(?! regards| wishes| greetings| [,.]? ?$)|better|ideal|optimal|perfect|greatest|top|worst"
    r"|finest choice|most appropriate)\b"
)
_FORECAST = regex(
    r"\bwill (?:there|it|the|be|my|our|we|they|this|that|flood|fire|glacier|sea|forest|\w+) (?:\w+ "
    r")*?(?:tomorrow|next|in 20[3-9]\d|soon|flood|rain|erupt|melt|burn|happen|rise|grow|be (?:flooded"
    r"|launched|published|released|deforested|burnt|burned|free|cloudy))\b|\b(?:weather|temperature"
    r"|rain|forecast|snow|wind) (?:\w+ )?(?:tomorrow|next week|today|on monday|this weekend|right now"
    r"|now)\b|\bwhat (?:will|is going to)\b|\bwhen (?:will|is) (?:the )?next\b|\bpredict (?:the|next"
    r"|tomorrow|when|where|whether|if)\b|\bgoing to (?:rain|erupt|flood|burn|happen|be)\b"
)
_PIXELS = regex(
    r"\b(?:how many|count|number of|are there any|is there (?:a|an|any)|what|which|how much"
    r"|where)\b[^?]{0,60}\b(?:can be seen|are visible|is visible|can you see|do you see|are shown|is "
    r"shown|can i see|can one see|be seen|seen|visible|shown|appear|appears|present|depicted"
    r"|recogni[sz]able|parked|anchored|moored|docked|standing|burning|flooded)\b[^?]{0,20}\b(?:in|on"
    r"|within) (?:the|this|that|these|each) (?:\w+ -? ?\d?\w* ?)?(?:\S+ ){0,3}?(?:image|picture|photo"
    r"|scene|tile|photograph|frame|shot|snapshot)\b"
    r"|\b(?:how many|what|which|is there|are there|how much)\b[^?]{0,60}\b(?:in|on) (?:the|this|that"
    r"|these|my) (?:(?:sentinel|landsat|satellite|radar|aerial|drone|latest|last|first)[\w -]{0,12} "
    r")?(?:picture|image|photo|scene|photograph)\b(?! (?:tiles?|size|level|search|retrieval))"
    r"|\b(?:in|on) (?:this|that|my|the attached|the uploaded|the following) (?:satellite |aerial "
    r"|sentinel(?: - |-| )?\d |landsat(?: - |-| )?\d |radar |optical |drone )?(?:image|picture|photo"
    r"|scene|tile|photograph|photos|images|pictures)\b"
    r"|\bwhat (?:does|do|did) (?:the|this|that|these) (?:\S+ ){0,4}?(?:image|picture|photo|scene"
    r"|images)\b[^?]{0,50}\b(?:show|depict|look like|contain|display)\b|\bdescribe (?:the|this|that"
    r"|what)\b|\bwhat (?:is|are) (?:the )?(?:ndvi|average|mean|value|values|colou?r|temperature"
    r"|pixel)\b[^?]{0,40}\b(?:at|of|in|over) (?:this|the (?:pixel|point|image|field|scene|picture)|my"
    r"|pixel)\b|\bat this location\b|\bdo you see\b|\bcan you see\b|\bcan be seen in the\b|\bvisible in "
    r"the (?:\S+ ){0,3}(?:image|picture|photo|scene)\b|\bhow (?:big|large|tall|wide|high) is the (?:\w+ "
    r")?(?:in|on) the (?:image|picture|scene)\b|\bwhat (?:is|was) (?:the )?(?:ndvi|land surface "
    r"temperature|water level|burnt area|burned area|flooded area|forest loss|biomass|no2 (?:level"
    r"|value|concentration)) (?:of|in|at|on|over)\b"
    r"|\bhow (?:many|much) (?:\w+ ){1,4}(?:burned|burnt|flooded|lost|reduced|decreased|increased|shrank"
    r"|changed|disappeared|cut down|destroyed|deforested"
    r"|melted|retreated|damaged|grown|sank|were destroyed|were flooded)\b(?! (?:area|building|forest"
    r"|land|dataset|data))|\bhas (?:the |lake |mount )?(?:\w+ ){1,3}(?:shrunk|grown|melted|erupted"
    r"|burned|burnt|flooded|retreated|dried up|expanded)\b"
)
# a goal of a study, not a question: what bears on it is looked for
_GOAL = regex(
    r"\b(?:want|need|like|trying|plan|planning|going|hope|hoping|aim) to (?:check|study|analy[sz]e|monitor|map|quantify"
    r"|assess|investigate|look at|understand|estimate|find out|explore|research) how (?:much|many|far|fast)\b"
)
_LIKE_THIS = regex(
    r"\b(?:like|similar to|comparable to|akin to|resembl\w+|resemblance to|same as|close to|alike) "
    r"(?:this|these|mine|the attached|the given)(?: one| image| picture| scene| photo)?(?: \W|$|\W*$)"
)
_AT_THIS = regex(
    r"\bat (?:this|the current|my|the selected|the marked) (?:\w+ )?(?:point|pixel|location|spot|place"
    r"|pin)\b"
)
_PRIVATE = regex(
    r"\b(?:who (?:has |have )?(?:downloaded|uses|used|asked|visited|clicked|bought)|e(?: - |-| )?mails? "
    r"(?:of|for)|(?:e(?: - |-| )?mail|home|private|street|postal|ip) address(?:es)?|phone numbers?"
    r"|telephone numbers?|passwords?|api keys?|credit card|salary|salaries|how many (?:users|downloads"
    r"|people (?:use|have downloaded))|number of downloads|how often (?:was|is|has)(?! (?:each|every|the))"
    r"|download counts?"
    r"|citations? count|how many (?:citations|times was|stars)|how often cited|most cited|most "
    r"downloaded|most popular|birthday|contact details|user data|personal data|how rich|logs? of "
    r"users)\b"
)
# `without giving an e-mail address` speaks of access
_WITHOUT_MAIL = regex(
    r"\b(?:without|no|not|never|n ' t)\b(?: \w+){0,3} (?:an? |my |your |any )?(?:e ?- ?mails?|email)(?: "
    r"address(?:es)?)?"
)
_PRICE = regex(
    r"\b(?:how much (?:does|do|did|will|would) (?:\S+ ){1,6}(?:cost|pay)|prices?|cheapest|most "
    r"expensive|costs? of|how expensive|price tag|in (?:dollars|euros?|usd|eur))\b"
)
_CHAT = regex(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|evening|day|afternoon)|howdy|yo|greetings|thanks|thank you"
    r"|thx|bye|goodbye|good night|ok|okay|cool|lol|haha|nice|great|yes|no|test|testing|help|\?+|what ' "
    r"s up|whats up|how are you|how do you do|sup)\W*)+$|\b(?:who are you|what are you|are you (?:a|an"
    r"|human|real|alive|sentient|chatgpt|gpt)|your name|meaning of life|tell me a joke|how old are you"
    r"|do you (?:dream|sleep|feel|speak|love)|what can you do|where do you live|i love you|marry me|how "
    r"are you|how do you work|who made you|who built you|who wrote you)\b"
)
_OTHER = regex(
    r"\b(?:recipes?|bitcoin|stock (?:price|market)|share price|football|soccer|basketball|world cup"
    r"|movie|movies|film|films|lyrics|celebrit\w+|horoscope|lottery|pizza|restaurant|restaurants|hotel"
    r"|hotels|flight|flights|girlfriend|boyfriend|dating|president of|prime minister|king of|queen of"
    r"|capital of (?!\w+ (?:images|scenes|data))(?=[\w ]+\?$)|who (?:is|was|won|invented|discovered"
    r"|wrote)\b(?! (?:the )?(?:publisher|creator|author|funder|maker|provider))|square root|\d+ "
    r"?[-+*/x] ?\d+ ?=|what is \d+ ?[-+*/x]|solve\b|translate\b.*\b(?:into|to) (?:french|german|spanish"
    r"|italian|greek)|homework|essay|poem|song|joke|novel|how to (?:cook|bake|lose|make|build|install"
    r"|get to|become)|medical|doctor|symptoms?|headache|tax(?:es)?|lawyer|visa|train ticket|cheap "
    r"tickets?|weather (?:in|forecast for|today|tomorrow|like)|what time is it|what day is (?:it|today)"
    r"|python (?:code|script)|javascript|docker|tensorflow error|how does (?:a|the) (?:radar|satellite"
    r"|sensor|neural|transformer|cnn)|how do (?:satellites|radars|transformers)|why (?:is|are|do|does"
    r"|did|was|were|has|have)|how far is|how high is|how tall is|how long is the|how deep is|distance "
    r"between|population of|when did .*(?:war|die|born)|how many people live|speed of light|orbit of "
    r"the moon|how (?:was|were|is|are) .* formed)\b"
)
_SPACE = regex(
    r"\b(?:of|over|on|from|for|showing|near|around) (?:the )?(?:moon|mars|venus|jupiter|saturn|mercury"
    r"|neptune|uranus|pluto|sun|titan|europa \(?moon|andromeda|milky way|mordor|narnia|atlantis|wakanda"
    r"|gotham(?: city)?|hogwarts|westeros|el dorado|middle(?: - |-| )?earth|gondor|the shire|neverland"
    r"|oz|tatooine|asgard|shangri(?: - |-| )?la|lilliput|rivendell|king ' s landing|winterfell"
    r"|springfield of the simpsons|duckburg|entenhausen|utopia planitia|zion national planet|olympus "
    r"mons|coruscant|genovia|latveria|wonderland|metropolis city|elbonia|camelot|avalon|valhalla|panem"
    r"|zubrowka|sokovia|themyscira|zamunda|arrakis|pandora|krypton)\b(?! (?:beach|hills?|island|point|creek|falls"
    r"|springs|city|county|synchronous|elevation|angle"
    r"|height|glint)| ?, (?!and|or)[a-z]|,? in (?!19|20|[a-z]+ (?:19|20)))"
)
_VAGUE = frozenset(
    listed(
        "something anything stuff things thing nice good recent sharp interesting cool useful new big "
        "large small fresh clear better best some info information data images image pictures picture "
        "scenes datasets dataset model models high low quality help show give find please me great old "
        "free more other different random whatever"
    )
)


def check_sense(reading: Reading) -> None:
    """Refuse what is plainly no question to a catalogue."""
    norm = reading.norm.strip()
    draft = reading.draft
    if not any(one.is_word for one in reading.tokens):
        draft.refuse(
            "There is no question in this text. Ask for datasets, models or scenes, such as: crop type "
            "datasets in Austria."
        )
        return
    if _QUERY.search(norm):
        draft.refuse("This is a query, not a question in English. Run SPARQL with `earthdex sparql`.")
    elif _INJECTION.search(norm):
        draft.refuse("This is an instruction to a program, not a question to the catalogue.")
    elif _SPACE.search(norm):
        place = _SPACE.search(norm)
        draft.refuse(
            "The catalogue describes images of the Earth; it knows no place "
            f"{(place[0].split()[-1] if place else '').capitalize()}."
        )
    elif _ORDERS.search(norm) and not re.search(
        r"^\W*(?:please |can you |could you )*(?:find|show|list)" + (_TALK if reading.has_context else ""), norm
    ):
        draft.refuse(
            "This is an order to do work. The catalogue only answers questions about datasets, models and scenes."
        )
    elif _CHAT.search(norm) and not reading.has_context:
        draft.refuse("This is not a question about datasets, models or scenes.")
        draft.clarify = draft.clarify or "Ask for datasets, models or scenes, with a topic, a place or a sensor."


_SEEN = regex(
    r"\b(?:how many|how much|count|number of|what|which|is there|are there)\b.*\b(?:on|in) the "
    r"(?:\{[a-z_]+\} )*(?:\{product\}|image|picture|scene|photo)\b.*\b(?:of|from|taken|show|over|at)\b"
)
_SEE = regex(
    r"\b(?:seen|visible|shown|can you see|do you see|parked|anchored|recognisable|recognizable|identify|spot)\b"
)


def check_asked(reading: Reading) -> None:
    """Refuse opinions, forecasts, private data, prices, what a picture shows, and other subjects."""
    draft = reading.draft
    if draft.refusals:
        return
    norm = reading.norm.strip()
    kinds = {one.kind for one in reading.marks}
    if _LIKE_THIS.search(norm):
        draft.refuse("This points to a picture that the catalogue has not been given.")
    elif (
        _AT_THIS.search(norm)
        or (_shows(reading) and not _GOAL.search(norm))
        or (_SEEN.search(reading.sheet()) and _SEE.search(norm))
    ):
        draft.refuse("This asks what a picture shows. The catalogue describes scenes; it does not look into them.")
    elif _OFF_EARTH.search(norm):
        draft.refuse("The catalogue knows places on Earth only.")
    elif _PRIVATE.search(_WITHOUT_MAIL.sub(" ", norm)):
        draft.refuse("The catalogue holds nothing about users, downloads, citations or private persons.")
    elif _PRICE.search(norm) and not re.search(r"\bcost money\b|\bfree\b", norm):
        draft.refuse("The catalogue holds no prices.")
    elif _PROPORTION.search(reading.sheet()):
        draft.refuse(
            "The catalogue counts; it does not work out shares. Ask how many there are with the condition and how many "
            "there are in all."
        )
    elif _TIMES.search(reading.sheet()):
        draft.refuse(
            "The catalogue compares values; it does not multiply them. Ask for more or less than the value of the "
            "other, or than a number."
        )
    elif (figure := _FIGURE.search(norm)) is not None:
        draft.refuse(
            f"The catalogue calculates totals, averages, smallest and largest values and counts; no {figure[1]}. Ask"
            f" for "
            "one of these, or for the list ordered by the property."
        )
    elif _OPINION.search(_SUGGEST.sub(" ", norm) if _has_wish(reading) else norm) or reading.find(_RATED) is not None:
        draft.refuse(
            "This asks for an opinion: there is no such criterion in the catalogue. Name one, such as "
            "size, resolution or year."
        )
        draft.clarify = "By which criterion: size, resolution, number of classes, year?"
    elif _FORECAST.search(norm):
        draft.refuse("This asks about the future; the catalogue knows what exists.")
    elif _BEST.search(norm) and _bare_best(reading):
        draft.refuse(
            "`Best` by which criterion? The catalogue knows size, resolution, number of classes, year, "
            "and scores of models on datasets."
        )
        draft.clarify = "By which criterion: size, resolution, number of classes, year, or a metric on a dataset?"
    elif _OTHER.search(norm) and not kinds & {"dataset", "model", "product", "record", "family", "sensor"}:
        draft.refuse("This is not a question about Earth-observation datasets, models or scenes.")


_PROPORTION = regex(
    r"^ (?:(?:and|so|,|please|tell me|hi|hello) )*(?:what|which|how (?:large|big|high) (?:is|a)(?: the)?|the"
    r"|give me the)"
    r"(?: (?:is|are|the|rough|approximate|a))* (?:share|percentage|proportion|fraction|percent|ratio|portion)"
    r" of(?: (?:the|your|all|its|these|those|catalogue ' s|[a-z]+ ' s))*(?: \{[a-z_]+\})*? \{(?:dataset|model)\}"
)
_TIMES = regex(
    r" (?:twice|thrice|double|triple|half|(?:\{bound\}|\{number\}|two|three|four|five|ten) times)(?: (?:as|the|more"
    r"|number|"
    r"amount|size|of|many|much|few|large|big|small|fine|\{(?:attr|counted|dataset|product|band)\}))+ (?:as|than|of"
    r"|that of)"
    r"(?: the)? \{(?:record|family)\}"
)
_FIGURE = regex(
    r"\b(?:what ' ?s|what is|what are|give me|tell me|show|the|calculate|compute|^)(?: me)?(?: the| a)? ?\b(median|mode"
    r"|standard deviation|variance|(?:\d+(?:st|nd|rd|th) )?percentile|quartiles?|correlation|skewness)s? "
    r"(?:of|in|for|number|size|resolution|year|[a-z]+ (?:count|size)|between|across|among)\b"
)


_IN_ONE = rule(
    r"(?:is|are|was|were) there (?:a|an|any|some|no|many)?(?: (?:[a-z]+|\{(?:topic|class|scene_type)\})){1,4}"
    r" (?:in|on|visible in)"
    r" the (?:[a-z]+ )*\{sensor\} \{product\}",
)
_ONE = frozenset({"image", "picture", "photo", "scene", "shot", "photograph", "snapshot", "tile", "frame"})


def _shows(reading: Reading) -> bool:
    """Whether it asks what a picture shows; `in the scene classification data` names a task."""
    for match in _PIXELS.finditer(reading.norm):
        end = reading.span_of(match)[1]
        last = reading.owner(end - 1)
        if last is not None and last.end > end and last.kind not in ("product", "dataset"):
            continue
        return True
    found = reading.find(_IN_ONE)
    if found is None or any(one.kind in ("dataset", "model") for one in reading.marks):
        return False
    noun = found.marks(0, "product")[-1]
    return reading.tokens[noun.end - 1].norm in _ONE


_OFF_EARTH = regex(
    r"\b(?:of|over|on|from|around|showing) (?:the )?(?:planets? (?!earth|labs?|scope|in)\w+|(?:surface of (?:the )?)?"
    r"(?:moon|jupiter|saturn|neptune|uranus|pluto|venus|mars(?= ?[?.!]?$)))\b(?! (?:island|river|lake|valley|bay)| "
    r"?, (?!and|or)[a-z])"
)
_RATED = rule(
    r"(?:is|are|was|were|which is|which are)(?: the)? \{(?:sensor|modality|architecture|framework)\}(?: [a-z]+)? "
    r"(?:better|worse|nicer|superior|best) ?(?:than|to|as|compared to)?(?: the)? "
    r"(?:\{(?:sensor|modality|architecture|framework)\})?(?: \?| \.)? ?$"
)
_BEST_OK = rule(
    r"(?:best|better|worst|highest)(?: [a-z]+)? (?:\{(?:metric|attr|counted)\}|score|resolution|accuracy)",
    r"\{bound\} or better",
    r"or better",
    r"better than",
    r"(?:best|worst) (?:on|at) \{",
    r"(?:performs?|scores?|performing|scoring|works?|performed|scored|performance|results?)(?: the)? "
    r"(?:best|worst|better|highest)",
    r"(?:best|top|worst|leading|strongest)(?: (?:performing|scoring|\{task\}|\{bound\}))* \{model\} (?:on|at"
    r"|for) (?:the )?"
    r"\{(?:record|family|benchmark)\}",
    r"best (?:performing|scoring|ranked|result|performance)",
    r"(?:best|top) (?:\{bound\}|\{number\})",
    r"top(?: - |-| )?\{",
    r"top(?: - |-| )?(?:1|5|one|five)\b",
    r"at best",
    r"\{bound\}(?: \{[a-z]+\})* (?:with the )?best",
    r"top (?=\{bound\})",
    r"better resol",
    r"top of",
    r"(?:on|at the|to the) top",
)


def _bare_best(reading: Reading) -> bool:
    """`the best dataset`: no criterion. `the best mIoU on X`, `10 m or better` have one."""
    if reading.find(_BEST_OK):
        return False
    if any(reading.of_kind("metric")) or reading.draft.values_of("evaluated_on"):
        return False
    if re.search(r"\b(?:perfect|ideal)\b", reading.norm) and not re.search(
        r"\b(?:the|most) (?:perfect|ideal)\b", reading.norm
    ):
        return False
    if re.search(
        r"\b(?:which|what)(?: \w+)? (?:is|are|would be|one is) (?:the )?better\b|\bbetter (?:one"
        r"|dataset|model|choice|option)\b",
        reading.norm,
    ):
        return True
    return not re.search(r"\btop \d|\bbetter\b|\btop(?: [a-z-]+){1,6} (?:by|in terms of) \w", reading.norm)


def check_content(reading: Reading) -> None:
    """Refuse what says nothing that the catalogue holds."""
    draft = reading.draft
    if draft.refusals or reading.has_context:
        return
    said = bool(
        draft.filters
        or draft.either
        or draft.places
        or draft.times
        or draft.returns
        or draft.compare
        or draft.having
        or draft.group_by
        or draft.months
        or draft.time_same_as
    )
    if said and draft.target is not None:
        return
    ask = draft.aggregate is not None
    if draft.target in ("dataset", "model") and (draft.aggregate or "").startswith(("sum", "avg", "min", "max")):
        return
    words = [one.norm for one in reading.tokens if one.is_word and one.norm not in STOP]
    unknown = [
        one.norm
        for index, one in enumerate(reading.tokens)
        if one.is_word
        and one.norm not in STOP | _VAGUE
        and not (draft.order and reading.slots[index])
        and reading.slots[index] != "target"
        and not (1 < len(one.text) <= 5 and one.text.isupper() and not reading.text.isupper())
    ]
    if (
        draft.target in ("dataset", "model")
        and not unknown
        and (
            ask
            or draft.order
            or draft.limit
            or re.search(r"\b(?:datasets|models|networks|corpora|benchmarks|training sets|data cubes)\b", reading.norm)
        )
    ):
        vague = {
            "something",
            "anything",
            "stuff",
            "good",
            "nice",
            "interesting",
            "cool",
            "useful",
            "recent",
            "sharp",
            "best",
        } & {one.norm for one in reading.tokens}
        if not vague:
            return
    if (
        draft.target in ("dataset", "model")
        and (ask or draft.order)
        and not [one for one in unknown if one not in english()]
    ):
        return
    if draft.target == "product" and draft.order is not None and draft.limit and not unknown:
        return
    if draft.target is None and not any(one in english() for one in words) and words:
        draft.refuse("None of these words means anything to the catalogue.")
        draft.clarify = "Ask for datasets, models or scenes, with a topic, a place or a sensor."
        return
    if draft.target is None or not said:
        draft.refuse(
            "The question names nothing to search by. Say what you look for (datasets, models, scenes) "
            "and its topic, place, time or sensor."
        )
        draft.clarify = "What do you look for: datasets, models or scenes, and of which topic, place or sensor?"
