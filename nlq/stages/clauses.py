"""Conditions told by a clause rather than by a noun: `do not say how they were trained`, `without a GPU`, `no NC`."""

from __future__ import annotations

import re

from nlq.sheet.reading import Reading, rule
from ontology.properties import PROPERTIES

# what a clause asks after -> property, by target
_ASKED = (
    (
        r"(?:how|by which method|with which method)(?: [a-z{}']+){0,4} (?:pre ?- ?trained|pretrained)",
        "pretraining",
        "model",
    ),
    (r"(?:on )?(?:what|which)(?: [a-z{}']+){0,5} trained(?: on)?", "trained_on", "model"),
    (
        r"(?:how|where|on what|on which [a-z{}]+)(?: [a-z{}']+){0,4} (?:evaluated|tested|scored)",
        "evaluated_on",
        "model",
    ),
    (r"(?:who|by whom)(?: [a-z{}']+){0,3} (?:published|released|hosts?|publishes)", "publisher", ""),
    (r"(?:who|by whom)(?: [a-z{}']+){0,3} (?:made|created|built|labelled|compiled|produced|makes)", "creator", ""),
    (r"(?:who|by whom)(?: [a-z{}']+){0,3} (?:paid|funded|financed|sponsored)(?: for)?(?: [a-z]+)?", "funder", ""),
    (r"where(?: [a-z{}']+){0,4} (?:from|taken|located|lie|collected|recorded|are|is|cover)", "coverage", "dataset"),
    (r"under (?:what|which) (?:licence|license|terms|\{attr\})", "license", ""),
)
_SILENT = (
    r"(?:(?:do|does|did) ?(?:not|n ' t) (?:state|\{placekind\}|say|tell|document|disclose|mention|specify|reveal"
    r"|explain|record"
    r"|report|give"
    r"|know)|(?:don|doesn|didn) ?' ?t (?:state|\{placekind\}|say|tell|document|disclose|mention|specify|reveal"
    r"|explain|record|report"
    r"|give|know)|(?:not|never) (?:stated|said|told|documented|disclosed|mentioned|specified|known|clear|recorded"
    r"|reported)"
    r"|unknown|unclear|undocumented|(?:nobody|no one) knows|(?:keep|keeps) quiet(?: about)?)"
)
_CLAUSES = [
    (name, target, rule(rf"{_SILENT}(?: it| about| is| on| for)* {clause}",
                        rf"(?:of which|for which|where) (?:it is |it ' s )?{_SILENT} {clause}",
                        rf"{clause} (?:is|was|are|were|remains?) {_SILENT}"))
    for clause, name, target in _ASKED
]  # fmt: skip
_RESULTS = rule(
    r"(?P<no>(?:no|without|lack|lacks|lacking|not have|n ' t have)(?: any)? )?(?:known |published |reported |any "
    r"|some |at "
    r"least one )*(?:evaluation|benchmark|test|\{dataset\}) (?:results?|scores?|figures?)",
    r"(?P<none>(?:never|not) (?:been )?(?:evaluated|benchmarked))",
)
_NO_GPU = rule(
    r"(?:without|no|not need|not needing|not require|n ' t need|n ' t require|not have|n ' t have|lacks?|lacking"
    r"|free of|not"
    r"|not rely on|no need for|not depend on)(?: (?:a|an|any|the|having|needing|using|of|dedicated|separate|special"
    r"|my|our))*"
    r" (?:\{hardware\}|gpus?|graphics cards?|accelerators?)",
    r"(?:on|for|with) (?:a |an |my |our |their |the |any |an ordinary |a normal |old |plain |ordinary |normal )*"
    r"(?:cpu|laptops?|notebooks?)(?: (?:only|alone|computers?))?(?= )",
)
_NC = rule(
    r"(?P<no>(?:no|non|without|not|exclud\w+|except|avoid|other than|skip) (?:any |an |a |under |- )*)nc(?: ?- )?"
    r"(?: (?:\{attr\}|licen[cs]es?|licen[cs]ed|clause|terms|restrictions?|data|\{dataset\}|stuff))?",
    r"nc (?:- )?(?:\{attr\}|licen[cs]es?|licen[cs]ed|clause|terms|restrictions?)",
)


def read_clauses(reading: Reading) -> None:
    """Turn clauses into conditions; needs the target."""
    draft = reading.draft
    if draft.target not in ("dataset", "model") or draft.returns or draft.compare:
        return
    for name, target, pattern in _CLAUSES:
        if (target and target != draft.target) or draft.target not in PROPERTIES[name].targets:
            continue
        for found in reading.find_all(pattern):
            draft.add(name, "not_exists")
            found.use(name)
            for mark in found.marks(0):
                mark.info["taken"] = True
                mark.used = True
            break
    if draft.target == "model":
        _results(reading)
        _hardware(reading)
    nc = reading.find(_NC)
    if nc is not None and not draft.values_of("commercial_use", "license") and not any(reading.of_kind("license")):
        draft.add("commercial_use", "=", bool(nc.match["no"]))
        nc.use("commercial_use")
        for mark in nc.marks(0, "attr"):
            mark.info["taken"] = True


def _results(reading: Reading) -> None:
    """`with benchmark results`: evaluated on something."""
    draft = reading.draft
    found = reading.find(_RESULTS)
    if found is None or draft.having or draft.order or draft.values_of("evaluated_on", "metric", "metric_value"):
        return
    if found.match["none"] and re.match(r" (?:on|against|with|by|for) ", reading.sheet()[found.match.end() - 1 :]):
        return
    draft.add("evaluated_on", "not_exists" if found.match["no"] or found.match["none"] else "exists")
    found.use("evaluated_on")
    for mark in found.marks(0, "dataset"):
        mark.info["taken"] = True


def _hardware(reading: Reading) -> None:
    """`without a GPU`, `on a laptop`: a CPU is enough."""
    draft = reading.draft
    if draft.values_of("hardware") or any(one.value == "CPU" for one in reading.of_kind("hardware")):
        return
    for found in reading.find_all(_NO_GPU):
        draft.add("hardware", "=", "CPU")
        draft.assume("without a GPU = a CPU is enough")
        found.use("hardware")
        for mark in found.marks(0, "hardware"):
            mark.info["taken"] = True
            mark.used = True
