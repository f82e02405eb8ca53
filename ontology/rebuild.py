"""Makes anew what is derived from the profile and the tables: run `python -m ontology.rebuild` in a checkout.

Derived are the JSON-LD context (it knows all labels), the class closure (it takes the reasoner, and so Java) and the
tables of the reference page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ontology.jsonld import write_context
from ontology.namespaces import PREFIXES, expand, shorten
from ontology.reasoning import read_turtle, write_closure
from ontology.taxonomy import closure_path, context_path, profile_path, schemes
from ontology.terms import IRI, Triple

_HERE = Path(__file__).resolve().parent
_PAGE = _HERE.parent / "docs" / "reference" / "ontology.md"


def rebuild(page: Path = _PAGE, folder: Path = _HERE) -> None:
    """Writes context and closure into a folder, and the tables into the reference page where there is one.

    Raises:
        EarthdexError: the profile contradicts itself, or Java is missing.
    """
    write_context(folder / context_path().name)
    write_closure(folder / closure_path().name)
    if page.exists():
        page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")


def with_tables(text: str) -> str:
    """The reference page with fresh tables of own classes, own properties and concept schemes."""
    statements = read_turtle([profile_path()])
    for heading, rows in (
        ("Own classes", _classes(statements)),
        ("Own properties", _properties(statements)),
        ("Concept schemes", _schemes()),
    ):
        text = _replace_table(text, heading, list(rows))
    return text


def _replace_table(text: str, heading: str, rows: list[str]) -> str:
    """Keeps the two head lines of the first table under a heading and replaces its rows."""
    before, mark, after = text.partition(f"## {heading}\n")
    table = re.search(r"^(\|[^\n]*\n\|[-|]+\n)(?:\|[^\n]*\n?)*", after, re.M)
    if not mark or table is None:
        return text
    made = table[1] + "".join(f"{row}\n" for row in rows)
    return before + mark + after[: table.start()] + made + after[table.end() :]


def _own(statements: list[Triple], *kinds: str) -> list[IRI]:
    """Own terms of some kinds in the order of the profile."""
    wanted = {expand(kind) for kind in kinds}
    found = {
        IRI(s) for s, p, o in statements if p == expand("rdf:type") and o in wanted and s.startswith(PREFIXES["ed"])
    }
    source = profile_path().read_text(encoding="utf-8")
    return sorted(found, key=lambda term: source.index(f"\n{shorten(term)} a "))


def _objects(statements: list[Triple], subject: IRI, predicate: str) -> list[str]:
    return sorted(str(o) for s, p, o in statements if s == subject and p == expand(predicate))


def _code(iris: list[str]) -> str:
    return ", ".join(f"`{shorten(iri)}`" for iri in iris)


def _classes(statements: list[Triple]) -> Iterator[str]:
    for term in _own(statements, "owl:Class"):
        above = _code(_objects(statements, term, "rdfs:subClassOf"))
        yield f"| `{shorten(term)}` | {above} | {_objects(statements, term, 'skos:definition')[0]} |"


def _properties(statements: list[Triple]) -> Iterator[str]:
    for term in _own(statements, "owl:ObjectProperty", "owl:DatatypeProperty"):
        of = _code(_objects(statements, term, "rdfs:domain"))
        value = _code(_objects(statements, term, "rdfs:range"))
        yield f"| `{shorten(term)}` | {of} | {value} | {_objects(statements, term, 'skos:definition')[0]} |"


def _schemes() -> Iterator[str]:
    for scheme in sorted(schemes(), key=lambda one: one.name):
        yield f"| `{scheme.name}` | {len(scheme.concepts)} | {scheme.about} |"


if __name__ == "__main__":
    rebuild()
