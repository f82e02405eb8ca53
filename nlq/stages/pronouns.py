"""`it` and `that one` in a follow-up: the one record that the talk is about, wherever a name could stand."""

from __future__ import annotations

from nlq.lexis.lexicon import Entry
from nlq.sheet.reading import Reading, rule

_IT = r"(it|that one|this one|that \{(?:dataset|model)\}|this \{(?:dataset|model)\}|the same \{(?:dataset|model)\})"
# places of a name: after a preposition of a relation, or before a participle
_NAMED = rule(
    rf"(?:trained|training|train|tuned|finetuned|pretrained|evaluated|tested|scored|benchmarked|validated|derived"
    rf"|made|built"
    rf"|created|based|initiali[sz]ed|started|distilled|compiled|extracted|sampled|learned|learnt|results?|scores?"
    rf"|\{{metric\}})(?: \{{model\}})? (?:on|from|with|using|of|against|for) {_IT}",
    rf"(?:than|as|like|unlike|similar to|compared to|compared with|instead of) {_IT}",
    rf"(?:shares?|sharing|same)(?: (?:the|its|[a-z]+|\{{[a-z_]+\}}))* (?:with|of|as) {_IT}",
    rf"(?:was|were|is|has|did|does) {_IT} (?:been )?(?:ever )?(?:trained|pre ?- ?trained|pretrained|fine ?- ?tuned"
    rf"|finetuned"
    r"|evaluated|tested|benchmarked|derived|initiali[sz]ed|learn|train)(?! (?:on|with|from) (?:the )?\{(?:record"
    r"|family)\})",
)


def resolve_pronouns(reading: Reading) -> None:
    """Mark a pronoun as the record that the talk is about, so that every rule about names holds for it."""
    earlier = reading.earlier
    if earlier is None or earlier.target not in ("dataset", "model"):
        return
    names = [one.value for one in earlier.filters if one.property == "name" and one.op == "="]
    if len(names) != 1 or not isinstance(names[0], str):
        return
    found = reading.find(_NAMED)
    if found is None:
        return
    for number in range(1, found.match.re.groups + 1):
        start, end = found.span(number)
        if not found.text(number):
            continue
        for index in range(start, end):
            owner = reading.owner(index)
            if owner is not None:
                reading.unmark(owner)
        name = names[0]
        entry = Entry("record", name, name, earlier.target)
        reading.mark(start, end, "record", name, entries=[entry], entry=entry, pronoun=True)
        return
