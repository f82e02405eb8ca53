"""What follows from an update, brought up to date without deriving all of it anew where that can be avoided.

Each rule of `kg.rules.entailment` has one statement and the schema as its premises: what follows from a new statement
is found from it alone. A statement that goes, or one about classes and properties, has everything derived again.
"""

from __future__ import annotations

from kg.oxigraph import OxigraphStore, parse_triples
from kg.rules.derivable import is_schema, of
from kg.rules.entailment import ENTAILED, Schema, entail, schema_statements
from kg.updates.work import Made
from ontology.terms import Triple


def follow(store: OxigraphStore, made: list[Made]) -> bool:
    """Brings the graph of what follows up to date, where the store has one.

    Args:
        store: the store, changed already.
        made: what was changed in it.

    Returns:
        Whether all of it was derived again.
    """
    if not store.has_graph(ENTAILED):
        return False
    if any(one.plain_removed for one in made):
        entail(store)
        return True
    lines = b"".join(line for one in made for line in one.plain_added)
    if not lines:
        return False
    new = parse_triples(lines, "application/n-triples")
    schema = Schema.of(schema_statements(store))
    if any(is_schema(one, schema) for one in new):
        entail(store)
        return True
    # what was stated now is no longer said to follow
    end = f"<{ENTAILED}> .\n".encode()
    stated = b"".join(line[:-2] + end for line in lines.splitlines(keepends=True))
    found: dict[Triple, None] = {}
    for one in new:
        found |= dict.fromkeys(of(one, schema))
    store.change_lines(b"", b"".join(store.effective(b"", stated)[1]))
    store.extend((one for one in found if not any(True for _ in store.matching(*one))), ENTAILED)
    return False
