"""Entries of the lexicon from the concept schemes of the graph and from the names of its records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlq.lexis.grammar import HEADS, STOP, english
from nlq.lexis.lexicon import Entry
from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.tokens import key


@dataclass(frozen=True, slots=True)
class Term:
    """A concept as the lexicon needs it."""

    scheme: str
    label: str
    iri: str = ""
    alt: tuple[str, ...] = ()
    notation: str = ""
    broader: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A record's names: title first."""

    kind: str
    title: str
    alt: tuple[str, ...] = ()


# Words that name a task only together with another word: the rules for themes decide (convention 5).
_GENERIC_TASKS = frozenset(
    listed(
        "classification detection segmentation prediction masking mapping estimation counting retrieval "
        "tracking embedding embeddings normalisation panoptic matching downscaling upsampling upscaling "
        "few-shot categorisation categorization ssl detecting prediction forecast pretraining pre-training "
        "crop-type-mapping"
    )
)
_SKIP_PHRASES = {
    "task": {key(one) for one in _GENERIC_TASKS}
    | {
        key(one)
        for one in listed(
            "instance mask|instance masks|"
            "crop type mapping|crop classification|parcel classification|field boundary delineation"
            "|weather forecasting|land cover classification of patches|height estimation|data "
            "preparation|image search|similarity search|location estimation|weather prediction|line "
            "extraction|detecting objects|detecting changes|yield forecasting|object counting"
            "|cloud-free reconstruction|change mapping|"
        )
    },
    "topic": {
        key(one)
        for one in listed(
            "cover|height|image|scene|area|region|slope|sand|rock|ice|facilities|points|map|reserve"
            "|state|current|wave|plane surface|plants|relief|fen|dem|dsm|dtm|clear sky|cloud-free"
            "|night lights|nighttime lights|night-time lights"
            "|cloud free|cloudless|clear-sky|train|trains|track|tracks|cities|city|town|towns|country|"
        )
    },
    "modality": {
        key(one)
        for one in listed(
            "image|images|imagery|photo|photos|picture|satellite|satellite imagery|video|label|data"
            "|map|model|text|labels|caption|captions|visible|satellite image|polygon|polygons|points"
            "|lines|very high resolution|VHR|high resolution|mask|masks|"
        )
    },
    "temporal": {key(one) for one in listed("single|single image|series|one date|sequence|pair|static|pairs|")},
    "format": {
        key(one) for one in listed("keras model|keras models|tar|zip|text|image|archive|folder|cloud optimised|cloud|")
    },
    "product_type": {
        key(one)
        for one in listed(
            "S2 L1C|MSI_L1C|Sentinel-2 Level-1C|S2 L2A|MSI_L2A|Sentinel-2 Level-2A|IW SLC|L2SP|L1TP"
            "|landsat level-2 science product|landsat L1TP|Landsat Collection 2 Level-2|Landsat "
            "Collection 2 Level-1|raw data|ocean product|RAW|IMP|FIRMS|"
        )
    },
    "sensor_mode": {key(one) for one in listed("wave|full resolution|reduced resolution|SL|TOPS|")},
    "timeliness": {key(one) for one in listed("offline|consolidated|reprocessing|reprocessed|")},
    "parameter": {key(one) for one in listed("CO|snow cover|rainfall|vegetation index|SR reflectance|")},
    "processing_level": {key(one) for one in listed("top of atmosphere|TOA|BOA|precision terrain|systematic terrain|")},
    "access": {
        key(one)
        for one in listed(
            "free|request|none|account|public|open|paid|available|downloadable|no|commercial|proprietary|"
        )
    },
    "annotation_type": {
        key(one)
        for one in listed(
            "class|classes|label|labels|image|mask|masks|box|value|values|text|point|points|line|lines"
            "|caption|captions|polygon|polygons|description|descriptions|question|regression"
            "|segmentation|classification|tag|tags|number|"
        )
    },
    "annotation_source": {
        key(one)
        for one in listed(
            "ground truth|"
            "model|map|maps|expert|automatic|field|hand|official|farmers|official data|simulation|field work|survey|"
        )
    },
    "scene_type": {
        key(one)
        for one in listed(
            "city|town|sea|ocean|snow|ice|agriculture|arctic|antarctic|island|sand|woods|water|river"
            "|port|forests|farmland|built-up|coast|shore|mountains|beach|village|desert|urban|forest"
            "|polar|"
        )
    },
    "model_type": {
        key(one) for one in listed("model|network|specific|base|encoder|decoder|classifier|detector|generator|head|")
    },
    "hardware": {key(one) for one in listed("any|server|laptop|desktop|cluster|phone|computer|")},
    "pretraining": {
        key(one) for one in listed("none|scratch|self-supervised|self supervised|unsupervised|ssl|supervision|random|")
    },
    "metric": {key(one) for one in listed("error|score|performance|quality|a|correlation|bias|")},
    "split": {key(one) for one in listed("test|train|validation|training|all|")},
    "architecture": {
        key(one)
        for one in listed(
            "transformer|network|neural network|neural net|deep network|neural networks|ANN|artificial "
            "neural network|forest|tree|trees|cnn|boosting|regression|encoder|linear|base|large|small"
            "|huge|"
        )
    },
    "band": {
        key(one)
        for one in listed(
            "thermal|aerosol|visible|index|quality|height|water vapour|cloud|optical|sar|radar"
            "|elevation|cirrus|panchromatic band only|temperature|wind|text|angle|mask|v|h|r|g|b|rgb"
            "|sr|infrared|"
        )
    }
    - {key("infrared")},
}
_SCHEMES = frozenset(
    listed(
        "topic task temporal access format sensor modality band scene-type annotation-type "
        "annotation-source model-type architecture framework hardware pretraining metric product-type "
        "processing-level sensor-mode timeliness orbit-direction parameter licence license"
    )
)
_SENSOR_TYPES = {"Platform": "spacecraft", "Sensor": "instrument", "Mission": "mission"}


def concept_entries(terms: Iterable[Term]) -> Iterator[Entry]:
    """Entries of all concepts."""
    everything = list(terms)
    by_iri = {one.iri: one for one in everything}
    for term in everything:
        if term.scheme == "sensor":
            yield from _sensor_entries(term, by_iri)
            continue
        if term.scheme.startswith("class/"):
            if term.scheme == "class/hcat":
                for phrase in (term.label, *term.alt):
                    yield Entry("class", term.label, phrase)
            continue
        if term.scheme not in _SCHEMES:
            continue
        kind = term.scheme.replace("-", "_").replace("licence", "license")
        skip = _SKIP_PHRASES.get(kind, set())
        if kind == "band" and _is_code(term):
            continue
        seen = set()
        for phrase in (term.label, *term.alt):
            bare = key(phrase)
            if bare in seen or (bare in skip and (kind != "temporal" or bare == "singleimage")) or len(bare) < 2:
                continue
            if (
                kind in ("modality", "band", "architecture", "metric", "format")
                and len(bare) == 2
                and bare not in ("ms", "f1", "r2", "oa", "vv", "vh", "hh", "hv")
            ):
                continue
            seen.add(bare)
            yield Entry(kind, term.label, phrase)


def _is_code(term: Term) -> bool:
    """Whether a band is that of one sensor (`Sentinel-2 B04`): those are read as codes."""
    return "/" in term.iri.partition("/band/")[2] or re.search(r"\b[A-Z]{1,2}\d", term.label) is not None


def _sensor_entries(term: Term, by_iri: Mapping[str, Term]) -> Iterator[Entry]:
    parents, at, seen = [], term, {term.iri}
    while at.broader:
        above = next((by_iri[one] for one in at.broader if one in by_iri and one not in seen), None)
        if above is None:
            break
        seen.add(above.iri)
        parents.append(above.label)
        at = above
    level = next((level for name, level in _SENSOR_TYPES.items() if any(one.endswith(name) for one in term.types)), "")
    if not level or (
        level == "mission"
        and not term.broader
        and any(term.iri in one.broader and "Mission" in "".join(one.types) for one in by_iri.values())
    ):
        level = level or "family"
    for phrase in {term.label: None, **dict.fromkeys(term.alt), **dict.fromkeys(short_names(term.label))}:
        if len(key(phrase)) >= 2:
            yield Entry("sensor", term.label, phrase, level, tuple(parents), term.modalities)


_SHORT = (
    (regex(r"^Sentinel-(\d[A-Z]?P?)$"), ("S{0}", "S-{0}", "Sentinel {0}")),
    (regex(r"^Landsat-(\d)$"), ("L{0}", "LS{0}", "Landsat {0}")),
)

_NUMBERED = regex(r"^([A-Z][A-Za-z]+)-(\d)$")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def short_names(label: str) -> Iterator[str]:
    """The usual abbreviations of numbered missions: S2, S-1A, L8."""
    for pattern, forms in _SHORT:
        if match := pattern.match(label):
            for form in forms:
                yield form.format(match[1])
    if (match := _NUMBERED.match(label)) and int(match[2]) < len(_DIGITS):
        yield f"{match[1]} {_DIGITS[int(match[2])]}"  # `sentinel one`


_CUT = regex(r"\s*\([^()]*\)|\s+/\s+.*$|\s+-\s+.*$")
_PAREN = regex(r"\(([^()]+)\)")


def record_entries(names: Iterable[Name], taken: Sequence[str] = ()) -> Iterator[Entry]:
    """Entries of all records, their families and the parts of their names that name nothing else.

    Args:
        names: the records.
        taken: phrases (as keys) that mean something else, such as `resnet50` or `sentinel2`.
    """
    everything = list(names)
    other = set(taken) | {key(one) for phrases in HEADS.values() for one in phrases.split("|")}
    whole = {key(one) for name in everything for one in (name.title, *name.alt)}
    starts: Counter[str] = Counter()
    kinds: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for name in everything:
        for phrase in {name.title: None, **dict.fromkeys(name.alt)}:
            value = name.title if phrase == name.title or key(phrase) not in key(name.title) else phrase
            yield Entry("record", value, phrase, name.kind)
        cut = _CUT.sub("", name.title).strip()
        if cut != name.title and key(cut) not in whole and len(key(cut)) > 2:
            whole.add(key(cut))
            yield Entry("record", cut, cut, name.kind)
        for inner in _PAREN.findall(name.title):
            if (
                " " not in inner
                and len(inner) > 3
                and key(inner) not in whole | other
                and inner.casefold() not in english() | STOP
            ):
                whole.add(key(inner))
                yield Entry("record", inner, inner, name.kind)
        for prefix in _prefixes(name.title):
            bare = key(prefix)
            if len(bare) < 3 or bare in other or bare in STOP or bare.isdigit():
                continue
            starts[bare] += 1
            kinds.setdefault(bare, name.kind)
            spelling.setdefault(bare, prefix)
    common = english()
    for bare, count in starts.items():
        if bare in whole or (bare in common and count < 3):
            continue
        yield Entry("family", spelling[bare], spelling[bare], kinds[bare])


def _prefixes(title: str) -> Iterator[str]:
    """Leading words of a name, and its distinctive parts: `TerraMind` of `TerraMind-1.0-base`."""
    words = re.split(r"[ ]", _CUT.sub("", title))
    for count in range(1, min(len(words), 4)):
        yield " ".join(words[:count])
    head = re.split(r"[-_.]", words[0])[0]
    if head != words[0] or len(words) > 1:
        yield head
    if "_" in title:
        for part in re.split(r"[-_. ]", title):
            stem = re.sub(r"(?:Base|Large|Small|Huge|Tiny)?\d*$", "", part)
            if len(stem) > 2 and re.fullmatch(r"[A-Za-z0-9]+", stem):
                yield stem
    elif "-" in words[0]:
        for cut in re.finditer("-", words[0]):
            yield words[0][: cut.start()]
