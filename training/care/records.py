"""What the graph knows of data sets and models, as care needs it: licences, bands, classes, training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from kg.describe import find
from kg.home import Home
from kg.solutions import Solutions
from ontology.concepts import label_key
from ontology.namespaces import sparql_prologue
from ontology.terms import Term
from training.care.bands import Band, usual
from training.care.licences import Licensed


def rows(home: Home, body: str) -> tuple[tuple[Term | None, ...], ...]:
    """Rows of a SELECT query whose prefixes need not be declared."""
    found = home.query(sparql_prologue(body) + body)
    return found.rows if isinstance(found, Solutions) else ()


def record(home: Home, name: str) -> tuple[str, str, str]:
    """(IRI, `dataset` or `model`, title) of a record by name, alias, identifier or IRI.

    Raises:
        NotFound: there is none of that name.
    """
    iri, kind = find(home, name)
    titles = rows(home, f"SELECT ?title WHERE {{ <{iri}> dct:title ?title }} ORDER BY ?title LIMIT 1")
    return iri, kind, str(titles[0][0]) if titles else name


def licensed(home: Home, names: Sequence[str]) -> list[Licensed]:
    """Data sets and models with their licences, in the order given.

    Raises:
        NotFound: there is no such record.
    """
    found = []
    for name in names:
        iri, kind, title = record(home, name)
        body = f"""SELECT ?id ?text WHERE {{
  {{
    <{iri}> dct:license ?licence .
    OPTIONAL {{ ?licence spdx:licenseId ?known }}
    BIND(COALESCE(?known, STR(?licence)) AS ?id)
  }}
  UNION {{ <{iri}> ed:licenceText ?text }}
}} ORDER BY ?id ?text"""
        told = rows(home, body)
        role: Literal["data", "weights"] = "weights" if kind == "model" else "data"
        licences = tuple(dict.fromkeys(str(one) for one, _ in told if one is not None))
        text = "; ".join(dict.fromkeys(str(one) for _, one in told if one is not None))
        found.append(Licensed(title, licences, iri, role, text, _behind(home, iri)))
    return found


def _behind(home: Home, iri: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names and licences of the data that a model was trained on or a data set was derived from."""
    body = f"""SELECT DISTINCT ?thing ?name ?id WHERE {{
  <{iri}> it6:trainedOn|ed:fineTunedOn|it6:fineTunedFrom|prov:wasDerivedFrom ?thing . ?thing dct:title ?name .
  OPTIONAL {{ ?thing dct:license/spdx:licenseId ?id }}
}} ORDER BY ?name ?id"""
    found: dict[str, tuple[str, ...]] = {}
    for _, name, licence in rows(home, body):
        found[str(name)] = (*found.get(str(name), ()), *([str(licence)] if licence is not None else []))
    return tuple(found.items())


def bands(home: Home, name: str) -> tuple[str, list[Band]]:
    """Title and bands of a data set or model.

    They come in the order that the record lists them, else in that of their wavelengths. A band known by
    its common name alone takes the wavelengths of the bands of that name of the record's sensors, where these overlap,
    else what the name usually means.

    Raises:
        NotFound: there is no such record.
    """
    iri, _, title = record(home, name)
    columns = "?band ?label ?code ?common ?centre ?width ?pixel"
    body = f"""SELECT DISTINCT {columns} WHERE {{
  <{iri}> ed:band ?band . ?band skos:prefLabel ?label .
  OPTIONAL {{ ?band skos:notation ?code }}
  OPTIONAL {{ ?band skos:broader/skos:prefLabel ?common }}
  OPTIONAL {{ ?band ed:centreWavelengthNm ?centre }}
  OPTIONAL {{ ?band ed:bandwidthNm ?width }}
  OPTIONAL {{ ?band dcat:spatialResolutionInMeters ?pixel }}
}}"""
    sensors = f"""SELECT DISTINCT {columns} WHERE {{
  <{iri}> ed:sensor ?sensor . ?band ed:onSensor ?sensor ; skos:prefLabel ?label ; skos:notation ?code ;
    skos:broader/skos:prefLabel ?common .
  OPTIONAL {{ ?band ed:centreWavelengthNm ?centre }}
  OPTIONAL {{ ?band ed:bandwidthNm ?width }}
  OPTIONAL {{ ?band dcat:spatialResolutionInMeters ?pixel }}
}}"""
    own = {one.iri: one for one in map(_band, rows(home, body))}
    known = {one.iri: one for one in map(_band, rows(home, sensors))}
    pixels = [
        float(str(one)) for (one,) in rows(home, f"SELECT ?m WHERE {{ <{iri}> dcat:spatialResolutionInMeters ?m }}")
    ]
    found = []
    for one in own.values():
        if one.centre is None:
            one = replace(one, common=one.common or one.name, resolution=one.resolution or min(pixels, default=None))
            one = usual(_hull(one, [other for other in known.values() if other.common == one.common]))
        found.append(one)
    order = rows(home, f"SELECT ?order WHERE {{ <{iri}> ed:bandOrder ?order }} ORDER BY ?order LIMIT 1")
    names = [label_key(one) for one in str(order[0][0]).split(";")] if order else []
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    last = len(names)
    return title, sorted(
        found,
        key=lambda one: (place.get(label_key(one.name), last), one.centre is None, one.centre or 0.0, one.name),
    )


def _hull(band: Band, alike: Sequence[Band]) -> Band:
    """A band with the wavelengths of several that all overlap."""
    stretches = [one.stretch for one in alike if one.stretch is not None]
    if not stretches or max(low for low, _ in stretches) >= min(high for _, high in stretches):
        return band
    low, high = min(low for low, _ in stretches), max(high for _, high in stretches)
    return replace(band, centre=round((low + high) / 2, 2), width=round(high - low, 2))


def _band(row: tuple[Term | None, ...]) -> Band:
    iri, label, code, common, *figures = row
    centre, width, pixel = (None if one is None else float(str(one)) for one in figures)
    # a common name is one itself, whatever it is part of
    family = str(common or "") if code is not None else str(label)
    return Band(str(code or label), str(iri), family, centre, width, pixel)
