"""Proof that the profile, and what is said with it, is free of contradiction, and the class closure it implies.

owlready2 runs its bundled reasoner HermiT, which needs Java. That happens when the ontology is changed and in tests:
`closure.ttl` keeps the result, so that nothing needs Java at run time. A reasoner only says that there is a
contradiction; `ontology.contradictions` says which.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ontology.contradictions import find_contradictions
from ontology.errors import EarthdexError, RecordError
from ontology.namespaces import PREFIXES, expand, shorten
from ontology.taxonomy import profile_path
from ontology.terms import IRI, BNode, Literal, Term, Triple

_SUBCLASS = expand("rdfs:subClassOf")
_HEAD = """# Made by `ontology.reasoning.write_closure` from earthdex.ttl: every class and all classes above it.
"""


def read_turtle(paths: Iterable[Path]) -> list[Triple]:
    """The triples of Turtle files.

    Raises:
        RecordError: a file is no Turtle.
    """
    import rdflib

    found: list[Triple] = []
    for path in paths:
        graph = rdflib.Graph()
        try:
            graph.parse(data=path.read_bytes(), format="turtle")
        except Exception as error:  # rdflib raises errors of many kinds for bad syntax
            raise RecordError(f"{path.name} is not Turtle: {error}", "Correct its syntax.") from error
        found += [(_term(s), IRI(str(p)), _term(o)) for s, p, o in graph]  # type: ignore[misc]
    return found


def prove(paths: Sequence[Path] | None = None, triples: Iterable[Triple] = ()) -> tuple[Triple, ...]:
    """Proves that files and triples together are consistent.

    Args:
        paths: Turtle files; None: the profile of the package.
        triples: further statements, such as those of a record.

    Returns:
        The class closure: (class, rdfs:subClassOf, class above it) for all named classes, sorted, without the class
        itself and without owl:Thing.

    Raises:
        EarthdexError: a contradiction, with the things it is about; or Java is missing.
    """
    statements = [*read_turtle([profile_path()] if paths is None else paths), *triples]
    world = _reason(statements)
    if found_by_hand := find_contradictions(statements):  # a text where a thing belongs escapes the reasoner
        raise _contradiction(found_by_hand)
    found: set[Triple] = set()
    for one in world.classes():
        if not one.iri.startswith("http://www.w3.org/2002/07/owl#"):
            for above in one.ancestors():
                iri = getattr(above, "iri", "")
                if above is not one and iri and not iri.startswith("http://www.w3.org/2002/07/owl#"):
                    found.add((IRI(one.iri), _SUBCLASS, IRI(iri)))
    return tuple(sorted(found))


def _reason(statements: Sequence[Triple]) -> Any:  # noqa: ANN401 - owlready2 has no types
    import owlready2

    world = owlready2.World()
    text = "".join(f"{_ntriples(s)} {_ntriples(p)} {_ntriples(o)} .\n" for s, p, o in statements)
    ontology = world.get_ontology("https://w3id.org/earthdex/proof")
    ontology.load(fileobj=io.BytesIO(text.encode()), format="ntriples")
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    except owlready2.OwlReadyInconsistentOntologyError as error:
        raise _contradiction(find_contradictions(statements)) from error
    except FileNotFoundError as error:
        raise EarthdexError("The reasoner needs Java, which is missing.", "Install Java 17 or later.") from error
    except owlready2.base.OwlReadyError as error:
        raise EarthdexError(f"The reasoner failed: {str(error)[:500]}", "Correct the axioms.") from error
    impossible = [one.iri for one in world.inconsistent_classes() if hasattr(one, "iri")]
    impossible = [iri for iri in impossible if not iri.endswith("owl#Nothing")]
    if impossible:
        names = ", ".join(sorted(map(shorten, impossible)))
        raise EarthdexError(f"Nothing can be in the class {names}.", "Remove one of the axioms about it.")
    return world


def _contradiction(found: Sequence[str]) -> EarthdexError:
    text = " ".join(found[:5]) or "The statements contradict one another."
    return EarthdexError(text, "Remove or correct one of the statements.")


def write_closure(path: Path) -> int:
    """Proves the profile and writes its class closure as Turtle; returns the number of statements."""
    closure = prove()
    used = sorted({shorten(iri).partition(":")[0] for triple in closure for iri in triple if isinstance(iri, IRI)})
    lines = [f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in used if name in PREFIXES]
    for name in sorted({str(one) for one, _, _ in closure}):
        above = [shorten(str(o)) for s, _, o in closure if s == name]
        lines.append(f"{shorten(name)} rdfs:subClassOf {' , '.join(above)} .\n")
    path.write_text(_HEAD + "".join(lines), encoding="utf-8")
    return len(closure)


def _term(node: Any) -> Term:  # noqa: ANN401 - rdflib's terms
    import rdflib

    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal.of(str(node), node.language)
        return Literal(str(node), str(node.datatype)) if node.datatype else Literal(str(node))
    return BNode(str(node)) if isinstance(node, rdflib.BNode) else IRI(str(node))


def _ntriples(term: Term) -> str:
    if isinstance(term, Literal):
        text = term.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
        if term.language:
            return f'"{text}"@{term.language}'
        return f'"{text}"^^<{term.datatype}>'
    return f"_:{term}" if isinstance(term, BNode) else f"<{term}>"
