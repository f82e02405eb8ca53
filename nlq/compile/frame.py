"""What the parts of the compiler share while one query is written, and the query itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nlq.compile.names import Names
from nlq.compile.text import Body
from nlq.question import Filter, Order, PlaceClass, Question
from nlq.roles import quoted, values_of, words_of
from ontology.errors import NotAnswerable
from ontology.properties import PROPERTIES, Property
from ontology.terms import IRI

_TWINS = {
    "sensor": "input_sensor",
    "modality": "input_modality",
    "band": "input_band",
    "num_bands": "num_input_bands",
    "image_size_px": "input_size_px",
    "resolution_m": "output_resolution_m",
    "size_gb": "size_mb",
}
_FOR_PRODUCTS = {"sensor": "mission", "name": "product_id", "time_start": "acquisition_time"}
_FACTORS = {("size_gb", "size_mb"): 1000.0, ("size_mb", "size_gb"): 0.001}
_MEASURED = ("evaluated_on", "metric", "metric_value")

SUBJECTS = {"dataset": "?dataset", "model": "?model", "product": "?scene", "any": "?record", "place": "?place"}


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled question.

    Attributes:
        sparql: standard GeoSPARQL over the graph, with comments; it runs unchanged on any server holding the graph.
        columns: variables of a SELECT, without question marks.
        kind: list, value, count, yesno, groups.
        target: dataset, model, product, any, place.
        notes: assumptions made while compiling, as sentences.
        missing: names of the question that the graph does not hold.
        scenes: whether the query needs the scenes tier.
    """

    sparql: str
    columns: tuple[str, ...]
    kind: str
    target: str
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    scenes: bool = False


@dataclass(slots=True)
class Frame:
    """One query in the making.

    Attributes:
        question: what is compiled.
        target: dataset, model, product, any or place.
        body: the patterns written so far.
        measurement: variable of the quality measurement that `metric`, `metric_value` and `evaluated_on` share.
        time: variable of the acquisition time of scenes, once a pattern binds it.
        reach: whether `?reach`, the area of the place that matched, is bound for ranking.
        resolved: the places of a kind, where they are already looked up.
    """

    question: Question
    names: Names
    target: str
    body: Body
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    measurement: str = ""
    time: str = ""
    footprint: str = ""
    area: str = ""
    reach: bool = False
    resolved: Mapping[PlaceClass, tuple[IRI, ...]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The variable of the found thing."""
        return self.body.subject

    def said(self, about: str, *slots: str, of: Filter | None = None) -> str:
        """A comment that also names the words of the question that filled some slots.

        Args:
            about: the comment, which begins with the role of what follows: `filter: ...`.
            slots: names of slots and properties.
            of: the condition, where several are about the same property.
        """
        words = words_of(self.question, slots, values_of(of) if of is not None else ())
        return f"{about}, from {quoted(words)}" if words else about

    def say(self, about: str, lines: Iterable[str], *slots: str, of: Filter | None = None) -> None:
        """Writes patterns under a comment that says what they are for and which words they came from."""
        self.body.say(self.said(about, *slots, of=of), lines)

    def note(self, text: str) -> None:
        """Records an assumption once."""
        if text not in self.notes:
            self.notes.append(text)

    def miss(self, name: str) -> None:
        """Records a name that the graph does not hold."""
        if name not in self.missing:
            self.missing.append(name)

    def property(self, name: str) -> Property:
        """The property that a question means for this target: `sensor` of a model is its `input_sensor`.

        Raises:
            NotAnswerable: the target has no such property.
        """
        known = PROPERTIES.get(name)
        if known is None:
            raise NotAnswerable(f"The catalogue has no property {name[:60]!r}.", "Ask for another property.")
        if self.target == "any" or self.target in known.targets:
            return known
        back = {twin: one for one, twin in _TWINS.items()}
        for other in (_TWINS.get(name), back.get(name), _FOR_PRODUCTS.get(name)):
            if other is not None and self.target in PROPERTIES[other].targets:
                return PROPERTIES[other]
        label = name.replace("_", " ")
        things = {"product": "scenes", "any": "records"}.get(self.target, f"{self.target}s")
        raise NotAnswerable(f"{things.capitalize()} have no property '{label}'.", "Leave it out or ask for others.")

    def path(self, prop: Property) -> str:
        """Where the values are; for records of both kinds also those of the twin property."""
        return prop.path

    def factor(self, asked: str, prop: Property) -> float:
        """By what a number of the asked property is multiplied to be one of the property in the graph."""
        return prop.scale * _FACTORS.get((asked, prop.name), 1.0)

    def measured(self) -> str:
        """The shared measurement variable; written on first use."""
        if not self.measurement:
            self.measurement = self.body.fresh("?measurement"[1:])
            self.body.say("one evaluation", [f"{self.subject} dqv:hasQualityMeasurement {self.measurement} ."])
        return self.measurement


def shares_measurement(question: Question) -> bool:
    """Whether metric, value and dataset of an evaluation must be those of one measurement."""
    used = {one.property for one in question.filters if one.op not in ("exists", "not_exists", "not_contains", "!=")}
    used |= {question.order.by} if question.order else set()
    used |= set(question.returns)
    return bool(used & {"metric", "metric_value"})


def is_measured(name: str) -> bool:
    """Whether a property belongs to an evaluation."""
    return name in _MEASURED


def by_name(question: Question) -> bool:
    """Whether the question is about records that it names."""
    return any(one.property == "name" and one.op in ("=", "in") for one in question.filters)


def ordering(order: Order | None) -> str:
    """ASC or DESC."""
    return "DESC" if order is not None and order.dir == "desc" else "ASC"


def listed(one: Filter) -> tuple[str | int | float | bool, ...]:
    """The values of a filter as a tuple."""
    if isinstance(one.value, tuple):
        return one.value
    return (one.value,) if isinstance(one.value, (str, int, float, bool)) else ()
