"""What the graph says about a dataset that files do not: identifier, licences, classes, bands, publisher's files."""

from __future__ import annotations

from dataclasses import dataclass

from kg.home import Home
from kg.solutions import Solutions
from ontology.errors import NotFound
from ontology.namespaces import BASE, sparql_prologue
from training.distributions import Distribution, LabelClass, distributions, label_classes

_SAR = ("vv", "vh", "hh", "hv")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph says about a dataset.

    Attributes:
        iri: of the record.
        id: identifier.
        name: as people write it.
        licences: IRIs.
        classes: in the order of their values.
        bands: names in the order of channels, as far as known.
        files: what its publisher offers for download.
        samples: how many samples there are; None where unknown.
    """

    iri: str
    id: str
    name: str
    licences: tuple[str, ...]
    classes: tuple[LabelClass, ...]
    bands: tuple[str, ...]
    files: tuple[Distribution, ...]
    samples: int | None = None


def facts_of(home: Home, iri: str) -> Facts:
    """The facts of a dataset.

    Raises:
        NotFound: there is no such dataset.
    """
    body = f"""SELECT ?p ?o WHERE {{
  VALUES ?p {{ dct:identifier dct:title dct:license ed:bandOrder ed:sampleCount }} <{iri}> ?p ?o
}} ORDER BY ?p ?o"""
    found: dict[str, list[str]] = {}
    result = home.query(sparql_prologue(body) + body)
    for predicate, value in result.rows if isinstance(result, Solutions) else ():
        found.setdefault(str(predicate).rsplit("/", 1)[-1].rsplit("#", 1)[-1], []).append(str(value))
    if not found:
        raise NotFound(f"The catalogue has no {iri}.", "`earthdex ask` finds datasets.")
    try:
        files = tuple(distributions(home, iri)[1])
    except NotFound:
        files = ()
    order = found.get("bandOrder", [])
    samples = found.get("sampleCount", [])
    return Facts(
        iri,
        found.get("identifier", [iri.rsplit("/", 1)[-1]])[0],
        found.get("title", [iri])[0],
        tuple(found.get("license", ())),
        tuple(label_classes(home, iri)),
        tuple(order[0].split("; ")) if order else (),
        files,
        int(samples[0]) if len(samples) == 1 and samples[0].isdigit() else None,
    )


def kind_of(home: Home, iri: str) -> str:
    """What an IRI of an answer stands for: `dataset`, `model`, `scene`, or nothing that can be trained with."""
    if iri.startswith(BASE + "scene/"):
        return "scene"
    body = f"""SELECT ?t WHERE {{ <{iri}> a ?t .
  VALUES ?t {{ dcat:Dataset it6:MachineLearningModel ed:Scene }} }}"""
    result = home.query(sparql_prologue(body) + body)
    names = {str(row[0]).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for row in getattr(result, "rows", ())}
    for name, kind in (("Scene", "scene"), ("Dataset", "dataset"), ("MachineLearningModel", "model")):
        if name in names:
            return kind
    return ""


def names_of(bands: tuple[str, ...], role: str, count: int) -> tuple[str, ...]:
    """Names of a file's bands: those of the dataset where the numbers agree, or those of its sensor.

    Args:
        bands: of the dataset, in order.
        role: of the file: `s1` has polarisations, every other role the rest.
        count: bands of the file.
    """
    if len(bands) == count:
        return bands
    sar = tuple(one for one in bands if one.casefold() in _SAR)
    rest = tuple(one for one in bands if one.casefold() not in _SAR)
    own = sar if role == "s1" else rest
    return own if len(own) == count else ()
