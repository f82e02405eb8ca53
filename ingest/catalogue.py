"""The packaged catalogue as quads: ontology, taxonomies, records and the places that questions and records name.

Cities stay in the gazetteer but for the large ones and those that a record names: a question that names a small town
brings its outline along.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from ontology.errors import RecordError
from ontology.paths import catalogue_dir

if TYPE_CHECKING:
    from ingest.known import KnownNames
    from ingest.reader import Record
    from ontology.terms import IRI, BNode, Term

    AnyQuad: TypeAlias = tuple[IRI | BNode, IRI, Term, IRI | BNode | None]

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""

LARGE_CITY = 100_000
"""Inhabitants from which a city is in the graph."""

# code that decides what the quads are
_CODE = (
    *(
        f"ingest/{name}.py"
        for name in ("catalogue", "known", "names", "quads", "reader", "schema", "values", "yamltext")
    ),
    *(f"kg/gazetteer/{name}.py" for name in ("circles", "codec", "place", "triples")),
    *(
        f"ontology/{name}.py"
        for name in ("bands", "concepts", "licences", "namespaces", "properties", "sensors", "taxonomy", "vocabulary")
    ),
)


def input_files() -> list[tuple[str, os.stat_result]]:
    """What the built-in graph is made from: path below the package and file status, sorted by path."""
    root = catalogue_dir().parent
    found: list[tuple[str, os.stat_result]] = []
    for folder, endings in (
        ("catalogue/datasets", (".yaml",)),
        ("catalogue/models", (".yaml",)),
        ("ontology", (".ttl",)),
        ("ontology/taxonomies", (".yaml",)),
        ("kg/gazetteer/data", (".sqlite",)),
    ):
        try:
            with os.scandir(root / folder) as entries:
                found += [(f"{folder}/{one.name}", one.stat()) for one in entries if one.name.endswith(endings)]
        except FileNotFoundError:
            continue
    found += [(name, os.stat(root / name)) for name in _CODE]
    return sorted(found, key=lambda pair: pair[0])


def quick_signature() -> str:
    """A digest of the names, sizes and times of the inputs: the same while nobody touched them. Milliseconds."""
    lines = (f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in input_files())
    return hashlib.sha256("\n".join((str(catalogue_dir()), *lines)).encode()).hexdigest()[:20]


def content_digest() -> str:
    """A digest of the contents of the inputs: the version of the packaged catalogue."""
    digest = hashlib.sha256()
    root = catalogue_dir().parent
    for name, _ in input_files():
        digest.update(name.encode() + b"\0")
        with open(root / name, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:20]


def packaged_records(progress: Progress | None = None) -> list[Record]:
    """All built-in records, by kind and id.

    Raises:
        RecordError: a file is not a record.
    """
    from ingest.reader import load_record

    files = [path for kind in ("datasets", "models") for path in sorted((catalogue_dir() / kind).glob("*.yaml"))]
    records = []
    for done, path in enumerate(files):
        if progress and done % 16 == 0:
            progress("Reading records", done, len(files))
        records.append(load_record(path))
    if progress:
        progress("Reading records", len(files), len(files))
    return records


def catalogue_quads(progress: Progress | None = None) -> Iterator[AnyQuad]:
    """The quads of the built-in graph.

    Raises:
        RecordError: a packaged file is damaged.
    """
    from ingest.known import KnownNames
    from ingest.names import RecordIndex
    from ingest.quads import to_triples

    yield from ontology_quads()
    records = packaged_records(progress)
    names = KnownNames(RecordIndex(records))
    # what this user imported must not decide what the packaged names mean
    names.gazetteer = names.gazetteer.packaged()
    places: dict[str, None] = {}
    for record in records:
        for quad in to_triples(record, names):
            yield quad
            if quad[3] is None and quad[1].endswith("/terms/spatial"):
                places[str(quad[2])] = None
    yield from place_quads(names, places, progress)


def ontology_quads() -> Iterator[AnyQuad]:
    """The profile with its inferred closure, and the taxonomies."""
    from kg.oxigraph import OxigraphStore
    from ontology.taxonomy import ontology_files, taxonomy_triples

    store = OxigraphStore.memory()
    for path in ontology_files():
        try:
            store.load(Path(path), "text/turtle")
        except RecordError as error:
            raise RecordError(error.message, "Reinstall earthdex: a packaged file is damaged.") from error
    yield from store.matching()
    for subject, predicate, value in taxonomy_triples():
        yield subject, predicate, value, None


def place_quads(names: KnownNames, wanted: Iterable[str], progress: Progress | None = None) -> Iterator[AnyQuad]:
    """The places of the graph: all but the smaller cities, and what lies around each of them.

    Args:
        names: holds the gazetteer.
        wanted: IRIs of places that records name; those the gazetteer does not know are passed over.
        progress: called as places are read.
    """
    gazetteer = names.gazetteer
    iris = dict.fromkeys([*gazetteer.iris(large=LARGE_CITY), *(iri for iri in wanted if gazetteer.get(iri))])
    for done, iri in enumerate(iris):
        if progress and done % 256 == 0:
            progress("Reading places", done, len(iris))
        for subject, predicate, value in gazetteer.triples(iri):
            yield cast("AnyQuad", (subject, predicate, value, None))
    if progress:
        progress("Reading places", len(iris), len(iris))
