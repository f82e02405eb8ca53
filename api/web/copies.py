"""A question as code to copy: Python, command line, curl, SPARQL."""

from __future__ import annotations

import json
import shlex
from typing import Any

from api.web.asked import Asked


def copies_of(answer: dict[str, Any], asked: Asked, base: str) -> list[tuple[str, str]]:
    """(what it is for, text) of each way to ask the same again.

    Args:
        answer: the answer.
        asked: the state of its page.
        base: address of the service.
    """
    arguments = [json.dumps(asked.q, ensure_ascii=False)]
    options = ""
    if asked.after:
        arguments.append(f"context={json.dumps(list(asked.after), ensure_ascii=False)}")
    for name in ("without", "also"):
        values = getattr(asked, name)
        if values:
            arguments.append(f"{name}={json.dumps(list(values), ensure_ascii=False)}")
    for one in asked.after:
        options += f" --after {_quoted(one)}"
    for name in ("without", "also"):
        for one in getattr(asked, name):
            options += f" --{name} {_quoted(one)}"
    call = ", ".join(arguments)
    python = (
        f"import earthdex\n\nanswer = earthdex.ask({call})\nprint(answer.understood)\n"
        'for row in answer.rows:\n    print(row.get("name"), row.get("iri"))\n'
    )
    fields = " \\\n  ".join(
        f"--data-urlencode {shlex.quote(f'{name}={value}')}"
        for name, value in asked.fields()
        if name in ("q", "after", "without", "also")
    )
    found = [
        ("Python", python),
        ("Command line", f"earthdex ask {_quoted(asked.q)}{options}\n"),
        ("curl", f"curl --get {shlex.quote(base + '/ask')} \\\n  {fields}\n"),
    ]
    if answer["sparql"]:
        found.append(("SPARQL", answer["sparql"]))
    return found


def _quoted(text: str) -> str:
    """As an argument that no shell reads as an option."""
    return shlex.quote(text) if not text.startswith("-") else f"-- {shlex.quote(text)}"
