"""Where a dataset's files lie, as the graph describes them."""

from __future__ import annotations

from dataclasses import dataclass

from kg.describe import find
from kg.home import Home
from kg.solutions import Solutions
from ontology.errors import NotFound
from ontology.namespaces import sparql_prologue


@dataclass(frozen=True, slots=True)
class Distribution:
    """One downloadable file (`dcat:Distribution`).

    Attributes:
        url: where it lies.
        title: what it is, if said.
        algorithm, checksum: lower-case hash name (`md5`, `sha256`) and hexadecimal digest; empty where unknown.
        size_bytes: size, where known.
    """

    url: str
    title: str = ""
    algorithm: str = ""
    checksum: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of a dataset's labels: its name, the value that stands for it in rasters, and its IRI."""

    name: str
    value: int
    iri: str


def identifier(home: Home, name: str) -> str:
    """The identifier of the dataset called `name`: what its folder is called.

    Raises:
        NotFound: no such dataset.
    """
    iri, _ = find(home, name)
    body = f"SELECT ?id WHERE {{ <{iri}> dct:identifier ?id }}"
    found = home.query(sparql_prologue(body) + body)
    return str(found.rows[0][0]) if isinstance(found, Solutions) and found.rows else iri.rsplit("/", 1)[-1]


def distributions(home: Home, name: str) -> tuple[str, list[Distribution]]:
    """(identifier, files) of the dataset called `name`.

    Raises:
        NotFound: no such dataset, or the catalogue knows no file of it.
    """
    iri, _ = find(home, name)
    body = f"""SELECT ?id ?url ?title ?algorithm ?checksum ?size ?page WHERE {{
  <{iri}> dct:identifier ?id .
  OPTIONAL {{ <{iri}> dcat:landingPage ?page }}
  OPTIONAL {{
    <{iri}> dcat:distribution ?file . ?file dcat:downloadURL ?url .
    OPTIONAL {{ ?file dct:title ?title }}
    OPTIONAL {{ ?file dcat:byteSize ?size }}
    OPTIONAL {{ ?file spdx:checksum ?sum . ?sum spdx:checksumValue ?checksum ; spdx:algorithm ?algorithm }}
  }}
}} ORDER BY ?url"""
    found = home.query(sparql_prologue(body) + body)
    rows = found.rows if isinstance(found, Solutions) else ()
    files: dict[str, Distribution] = {}
    for _, url, title, algorithm, checksum, size, _ in rows:
        if url is not None:
            number = str(size or "")
            files[str(url)] = Distribution(
                str(url),
                str(title or ""),
                str(algorithm or "").rsplit("_", 1)[-1].rsplit("/", 1)[-1].lower(),
                str(checksum or "").lower(),
                int(float(number)) if number.replace(".", "", 1).isdigit() else None,
            )
    if not files:
        page = next((str(row[-1]) for row in rows if row[-1] is not None), "")
        raise NotFound(
            f"The catalogue knows no downloadable file of {name}.",
            f"Its home page may: {page}" if page else "`earthdex show` tells what is known.",
        )
    return str(rows[0][0]), list(files.values())


def label_classes(home: Home, name: str) -> list[LabelClass]:
    """The classes of a dataset in the order of their values.

    Classes whose value the catalogue does not know are numbered by name, after the known ones.

    Raises:
        NotFound: no such dataset.
    """
    iri, _ = find(home, name)
    body = f"""SELECT DISTINCT ?class ?name ?value WHERE {{
  <{iri}> ed:labelClass ?class . ?class skos:prefLabel ?name .
  OPTIONAL {{ ?class ed:classValue ?value }}
}}"""
    found = home.query(sparql_prologue(body) + body)
    rows = [(str(row[0]), str(row[1]), row[2]) for row in found.rows] if isinstance(found, Solutions) else []
    known = [LabelClass(label, int(str(value)), thing) for thing, label, value in rows if value is not None]
    taken = {one.value for one in known}
    free = (number for number in range(len(rows) + len(taken)) if number not in taken)
    rest = sorted((label, thing) for thing, label, value in rows if value is None)
    numbered = [LabelClass(label, next(free), thing) for label, thing in rest]
    return sorted(known + numbered, key=lambda one: one.value)
