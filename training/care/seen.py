"""Has this model seen my area? From what the graph knows of its training data, with the coarseness of that said.

Yes: a data set it was trained on lies wholly inside the area, or has samples or scenes there. No: everything it was
trained on is known, and none of it covers the area (or the time). Unknown: all else; coverage is mostly given as
countries or continents, of which a data set shows small parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kg.gazetteer import open_gazetteer
from kg.home import Home
from ontology.errors import EarthdexError, GeometryError
from training.care.leakage import leakage
from training.care.overlap import plane_geometry
from training.care.periods import FAR, days_of_period
from training.care.records import record, rows
from training.care.scenes import scenes_there
from training.types import Item

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Answer = Literal["yes", "no", "unknown"]
_ORDER = {"yes": 2, "unknown": 1, "no": 0}
_WORDS = {"trained": "trained on", "tuned": "fine-tuned on"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one data set says.

    Attributes:
        dataset: its name.
        iri: its IRI.
        how: how the model comes by it, in words.
        answer: whether the model saw the area through it.
        why: the reason.
    """

    dataset: str
    iri: str
    how: str
    answer: Answer
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether a model has seen an area.

    Attributes:
        model: its name.
        area: name of the area.
        answer: the strongest of what its data sets say; unknown where the graph names none.
        evidence: data set by data set, those that decide first.
        caveats: what a reader must know.
    """

    model: str
    area: str
    answer: Answer
    evidence: tuple[Evidence, ...]
    caveats: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `earthdex leakage --model --json` prints."""
        return {
            "model": self.model,
            "area": self.area,
            "answer": self.answer,
            "evidence": [
                {"dataset": one.dataset, "iri": one.iri, "how": one.how, "answer": one.answer, "why": one.why}
                for one in self.evidence
            ],
            "caveats": list(self.caveats),
        }

    def text(self) -> str:
        """The answer in words."""
        said = {"yes": "yes", "no": "no, as far as the catalogue knows", "unknown": "not known"}[self.answer]
        lines = [f"Has {self.model} seen {self.area}? {said}"]
        lines += [f"  {one.answer:7} {one.how} {one.dataset}: {one.why}" for one in self.evidence]
        lines += [f"  {one}" for one in self.caveats]
        return "\n".join(lines)


def has_seen(
    home: Home,
    model: str,
    area: BaseGeometry | Sequence[Item],
    *,
    area_name: str = "the area",
    period: str = "",
    known: Mapping[str, Sequence[Item]] | None = None,
) -> Seen:
    """Whether a model has seen an area in training, fine-tuning or through the models it started from.

    Args:
        home: the catalogue.
        model: name, alias, identifier or IRI.
        area: a shape in CRS84 degrees, or items of a test set, which are compared one by one where items of the
            training data are known.
        area_name: what to call it.
        period: years, months or days of the test data (`2018`, `2018-03/2018-09`); any time where empty.
        known: IRI of a data set -> its items, where they are at hand: then the answer is exact for it.

    Raises:
        NotFound: there is no such model.
        EarthdexError: it is a data set, the period is none, or no item has a place.
    """
    iri, kind, title = record(home, model)
    if kind != "model":
        raise EarthdexError(f"{title} is a data set, not a model.", "Compare data sets: `earthdex leakage A B`.")
    shape = _area(area) if not hasattr(area, "geom_type") else area
    span = days_of_period(period) if period else (-FAR, FAR)
    sources, caveats = _training_data(home, iri)
    items = list(area) if not hasattr(area, "geom_type") else []
    evidence = []
    for source, how in sources.items():
        if known is not None and source in known:
            evidence.append(_by_items(home, source, how, known[source], shape, items))
        else:
            evidence.append(_by_scenes(home, source, how, shape, span) or _by_coverage(home, source, how, shape, span))
    evidence.sort(key=lambda one: (-_ORDER[one.answer], one.dataset))
    if not evidence:
        caveats.append("The catalogue does not say what the model was trained on.")
    answer: Answer = evidence[0].answer if evidence else "unknown"
    if answer == "no" and any("unnamed" in one for one in caveats):
        answer = "unknown"
    return Seen(title, area_name, answer, tuple(evidence), tuple(caveats))


def _area(items: Sequence[Item]) -> BaseGeometry:
    import shapely

    from training.care.nearness import copies
    from training.care.units import units_of

    units = units_of(list(items))
    boxes = units.boxes[units.placed]
    if not len(boxes):
        raise EarthdexError("No item of the test area has a place.", "Give items with a bbox or grid, or a shape.")
    return shapely.union_all(shapely.box(*copies(boxes)[0].T))


def _training_data(home: Home, model: str) -> tuple[dict[str, str], list[str]]:
    """IRIs of data sets -> how the model came by them, through the models it started from too."""
    found: dict[str, str] = {}
    caveats: list[str] = []
    waiting, done = [(model, "")], set()
    while waiting:
        iri, through = waiting.pop(0)
        if iri in done:
            continue
        done.add(iri)
        body = f"""SELECT ?how ?thing ?name WHERE {{
  {{ <{iri}> it6:trainedOn ?thing BIND("trained" AS ?how) }}
  UNION {{ <{iri}> ed:fineTunedOn ?thing BIND("tuned" AS ?how) }}
  UNION {{ <{iri}> it6:fineTunedFrom ?thing BIND("from" AS ?how) }}
  OPTIONAL {{ ?thing dct:title ?name }}
}} ORDER BY ?how ?thing"""
        told = rows(home, body)
        if through and not any(str(how) == "trained" for how, _, _ in told):
            caveats.append(f"What {through} was trained on is unnamed in the catalogue.")
        for how, thing, name in told:
            if str(how) == "from":
                waiting.append((str(thing), str(name or thing)))
            else:
                words = _WORDS[str(how)]
                found.setdefault(str(thing), f"{words} (through {through})" if through else words)
    return found, list(dict.fromkeys(caveats))


def _name(home: Home, iri: str) -> str:
    told = rows(home, f"SELECT ?name WHERE {{ <{iri}> dct:title ?name }} ORDER BY ?name LIMIT 1")
    return str(told[0][0]) if told else iri.rsplit("/", 1)[-1]


def _by_items(
    home: Home, iri: str, how: str, items: Sequence[Item], shape: BaseGeometry, tested: Sequence[Item]
) -> Evidence:
    """Sample by sample, where the samples are at hand."""
    import shapely

    from training.care.overlap import distinct_footprints, plane_shapes
    from training.care.units import units_of

    name = _name(home, iri)
    if tested:
        found = leakage(list(items), list(tested)).comparisons[0]
        space = found.findings["space"]
        why = (
            f"{space.right:,} of the {found.right_units:,} test items share {found.area_km2:,.2f} km² with its samples"
        )
        return Evidence(name, iri, how, space.answer, why if space.right else "none of its samples shares an area")
    units = units_of(list(items))
    corners, boxes, back = distinct_footprints(units)
    shapes, owner = plane_shapes(corners, boxes)
    area = plane_geometry(shape)
    shapely.prepare(area)
    hit = set(owner[shapely.intersects(area, shapes) & ~shapely.touches(area, shapes)].tolist())
    inside = sum(int(one) in hit for one in back)
    lost = int((back < 0).sum())
    if inside:
        return Evidence(name, iri, how, "yes", f"{inside:,} of its {len(units):,} samples lie there")
    if lost:
        return Evidence(name, iri, how, "unknown", f"where {lost:,} of its {len(units):,} samples lie is not known")
    return Evidence(name, iri, how, "no", f"none of its {len(units):,} samples lies there")


def _by_scenes(home: Home, iri: str, how: str, shape: BaseGeometry, span: tuple[int, int]) -> Evidence | None:
    """Yes where scenes of the data set in the catalogue lie in the area; nothing else follows from scenes."""
    inside, total = scenes_there(home, iri, shape, None if span == (-FAR, FAR) else span)
    if not inside:
        return None
    return Evidence(_name(home, iri), iri, how, "yes", f"{inside:,} of its {total:,} scenes in the catalogue lie there")


def _by_coverage(home: Home, iri: str, how: str, shape: BaseGeometry, span: tuple[int, int]) -> Evidence:
    """By what the record says of place and time."""
    name = _name(home, iri)

    def found(answer: Answer, why: str) -> Evidence:
        return Evidence(name, iri, how, answer, why)

    early, late, when = _time(home, iri)
    if late < span[0] or early > span[1]:
        return found("no", f"its images are of {when}")
    timing = "" if (early, late) != (-FAR, FAR) or span == (-FAR, FAR) else "; when its images were taken is not known"
    whole = rows(home, f"SELECT ?all WHERE {{ <{iri}> ed:globalExtent ?all }}")
    if any(str(one) == "true" for (one,) in whole):
        return found("unknown", f"its samples lie all over the world; whether some lie there is not known{timing}")
    places = _places(home, iri)
    if not places:
        return found("unknown", "the catalogue does not say where its samples lie")
    area = plane_geometry(shape)
    shapes = [(label, plane_geometry(one)) for label, one in places if one is not None]
    unplaced = [label for label, one in places if one is None]
    names = ", ".join(label for label, _ in shapes[:4]) + (" and more" if len(shapes) > 4 else "")
    meeting = [(label, one) for label, one in shapes if one.intersects(area) and not one.touches(area)]
    if not meeting:
        if unplaced:
            return found("unknown", f"where {', '.join(unplaced[:3])} lies is not known")
        return found("no", f"its samples lie in {names}")
    in_time = span == (-FAR, FAR) or (early >= span[0] and late <= span[1])
    if in_time and all(area.covers(one) for _, one in shapes) and not unplaced:
        return found("yes", f"all its samples lie in {names}, inside the area")
    within = [label for label, one in meeting if area.covers(one)]
    if within and in_time:
        return found("yes", f"it has samples in {', '.join(within[:4])}, inside the area")
    touched = ", ".join(label for label, _ in meeting[:4])
    return found("unknown", f"it has samples in {touched}; whether some lie in the area is not known{timing}")


def _time(home: Home, iri: str) -> tuple[int, int, str]:
    """First and last day of a data set's images, and the same in words."""
    body = f"""SELECT ?start ?end WHERE {{
  <{iri}> dct:temporal ?time . OPTIONAL {{ ?time dcat:startDate ?start }} OPTIONAL {{ ?time dcat:endDate ?end }}
}}"""
    starts, ends, words = [], [], []
    for start, end in rows(home, body):
        try:
            starts.append(days_of_period(str(start)[:10])[0] if start is not None else -FAR)
            ends.append(days_of_period(str(end)[:10])[1] if end is not None else FAR)
        except EarthdexError:
            return -FAR, FAR, ""
        words.append(f"{str(start or '..')[:10]} to {str(end or '..')[:10]}")
    return (min(starts), max(ends), "; ".join(sorted(words))) if starts else (-FAR, FAR, "")


def _places(home: Home, iri: str) -> list[tuple[str, BaseGeometry | None]]:
    """Names and outlines of what a data set covers."""
    from kg.geometry import normalise

    body = f"""SELECT ?place ?name ?wkt WHERE {{
  <{iri}> dct:spatial ?place .
  OPTIONAL {{ ?place rdfs:label ?name }}
  OPTIONAL {{ ?place geo:hasGeometry/geo:asWKT ?wkt }}
}} ORDER BY ?place ?name"""
    gazetteer = open_gazetteer(home.path)
    found: dict[str, tuple[str, BaseGeometry | None]] = {}
    for place, name, wkt in rows(home, body):
        if str(place) in found:
            continue
        known = gazetteer.get(str(place))
        shape = gazetteer.geometry(str(place)) if known is not None else None
        if shape is None and wkt is not None:
            try:
                shape = normalise(str(wkt)).geometry
            except GeometryError:
                shape = None
        label = known.name if known is not None else str(name or str(place).rsplit("/", 1)[-1])
        found[str(place)] = (label, shape)
    return list(found.values())
