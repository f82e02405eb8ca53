"""`/openapi.json`: what every route takes and gives, problem documents among it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.serve.problems import MEDIA

_ABOUT = """A catalogue of Earth-observation training datasets, machine-learning models and satellite scenes: questions
in plain English, SPARQL, STAC, OGC API - Records, DCAT, Croissant, and a server for assistants. Errors are problem
documents (RFC 9457) with a `remedy`. Requests are bounded in size and time; whoever asks too much at once is told to
wait (429, 503) by `Retry-After`."""
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong and what to do about it (RFC 9457).",
    "required": ["title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "description": "Kind of the problem."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What is wrong."},
        "remedy": {"type": "string", "description": "What to do about it; empty where nothing can be done."},
        "line": {"type": "integer", "minimum": 1, "description": "Where a query does not parse."},
        "column": {"type": "integer", "minimum": 1},
    },
}
_TAGS = {
    "questions": "Questions in plain English.",
    "sparql": "SPARQL 1.1 Protocol, Update and Graph Store.",
    "stac": "STAC API.",
    "records": "OGC API - Records, DCAT, Croissant, citations.",
    "service": "How the service does.",
}
_PLACES = (
    (("/sparql", "/update", "/store"), "sparql"),
    (("/stac",), "stac"),
    (("/health", "/ready", "/metrics"), "service"),
)
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})


def describe(app: FastAPI) -> None:
    """Gives an application a complete description of its interface; made on first use."""
    made: list[dict[str, Any]] = []

    def openapi() -> dict[str, Any]:
        if not made:
            made.append(_described(app))
        return made[0]

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    found["tags"] = [{"name": name, "description": about} for name, about in _TAGS.items()]
    found["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    for path, operation in _operations(found):
        answers = operation["responses"]
        for status in [one for one in answers if one >= "400" or one == "default"]:
            answers[status] = _problem(answers[status].get("description", "") if status != "422" else "")
        answers.setdefault("default", _problem(""))
        if not operation.get("tags"):
            operation["tags"] = [tag for stems, tag in _PLACES if path.startswith(stems)]
    return found


def _problem(told: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": told or "A problem document.", "content": {MEDIA: {"schema": schema}}}


def _operations(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                yield path, operation
