"""The ontology as files and triples: the profile, its shapes, its JSON-LD context and all concept schemes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from ontology.bands import parse_bands
from ontology.concepts import TAXONOMIES, Scheme, parse_scheme, read_table
from ontology.licences import Licence, licence_scheme, parse_licences
from ontology.sensors import parse_sensors
from ontology.terms import Triple

_HERE = Path(__file__).resolve().parent
_OWN_FORM = ("bands", "licences", "sensors")


def profile_path() -> Path:
    """The profile in OWL: own terms with labels, definitions and axioms, and stubs of the outside terms."""
    return _HERE / "earthdex.ttl"


def closure_path() -> Path:
    """The class closure of the profile, inferred by `ontology.reasoning` and stored."""
    return _HERE / "closure.ttl"


def ontology_files() -> tuple[Path, ...]:
    """The Turtle files that the graph holds: the profile `earthdex.ttl` and its class closure `closure.ttl`."""
    return profile_path(), closure_path()


def shapes_path() -> Path:
    """The one Turtle file with all SHACL shapes."""
    return _HERE / "shapes" / "earthdex.ttl"


def context_path() -> Path:
    """The bundled JSON-LD context of records."""
    return _HERE / "context.jsonld"


@lru_cache(maxsize=1)
def context() -> dict[str, Any]:
    """The JSON-LD context: `{"@context": {...}}`. Do not change it: it is shared."""
    found: dict[str, Any] = json.loads(context_path().read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def schemes() -> tuple[Scheme, ...]:
    """All concept schemes, each with its concepts in the order of its table.

    Raises:
        RecordError: a table is damaged.
    """
    found = [
        parse_scheme(read_table(path), path.name)
        for path in sorted(TAXONOMIES.glob("*.yaml"))
        if path.stem not in _OWN_FORM
    ]
    bands, by_sensor = parse_bands(read_table(TAXONOMIES / "bands.yaml"))
    found.append(parse_sensors(read_table(TAXONOMIES / "sensors.yaml"), by_sensor))
    found.append(bands)
    found.append(licence_scheme(read_table(TAXONOMIES / "licences.yaml")))
    return tuple(found)


@lru_cache(maxsize=1)
def licences() -> tuple[Licence, ...]:
    """All licences with their flags."""
    return parse_licences(read_table(TAXONOMIES / "licences.yaml"))


def taxonomy_triples() -> Iterator[Triple]:
    """All concept schemes as RDF, in a stable order."""
    for scheme in schemes():
        yield from scheme.triples()
