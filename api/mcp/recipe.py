"""How to train with what was found: commands, Python, and what the catalogue knows of it beforehand.

Nothing is downloaded and no file is read: the code runs where the assistant's user wants the data to lie.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any

from api.mcp.source import Source
from kg.describe import find
from kg.home import Home
from ontology.errors import NotFound, QueryError

MOST_SOURCES = 20
# library -> (adapter, extras to install, a line that uses what it gives)
LIBRARIES = {
    "torch": ("torch_loader", "train", 'for batch in data:\n    print(batch["image"].shape)'),
    "lightning": ("LockModule", "train,lightning", "# Trainer(...).fit(model, datamodule=data)"),
    "tensorflow": ("tf_dataset", "train,tensorflow", "# model.fit(data)"),
    "sklearn": ("sklearn_batches", "train,sklearn", "# model.partial_fit for each batch of data"),
    "huggingface": ("huggingface_dataset", "train,huggingface", "print(data)"),
    "xarray": ("xarray_chips", "train,xarray", "for chip in data:\n    print(chip)"),
}


async def stream_recipe(
    source: Source, question: str, names: Sequence[str], *, library: str, size: int, area: str, batch_size: int
) -> tuple[str, dict[str, Any]]:
    """The recipe for an answer or for named datasets; see the tool's description."""
    if bool(question) == bool(names):
        raise QueryError("Say what to train with: a question, or names.", "Give one of `question` and `names`.")
    if library not in LIBRARIES:
        raise QueryError(f"There is no adapter for {library[:40]!r}.", f"Use one of {', '.join(LIBRARIES)}.")
    sparql, iris = "", [str(one) for one in names]
    if question:
        answer = await source.ask(question, limit=MOST_SOURCES, after=(), reference_date=None)
        rows = [row for row in answer["rows"] if row.get("kind") in ("dataset", "model") and row.get("iri")]
        if not rows:
            reason = answer["reason"] or "The answer lists no datasets."
            raise NotFound(str(reason), "Ask for datasets, such as `flood datasets with Sentinel-1`.")
        sparql, iris = answer["sparql"], [str(row["iri"]) for row in rows]
    facts = await source.read(lambda home: _facts(home, iris))
    if not facts["sources"]:
        raise NotFound("None of these is a dataset.", "Name at least one dataset; models only add their licence.")
    data = {
        "question": question or None,
        "sparql": sparql or None,
        "library": library,
        **facts,
        "commands": _commands(facts["sources"], size, area, batch_size, library),
        "python": _python(facts["sources"], library, size, area, batch_size),
        "licence_note": "No legal advice.",
    }
    return _text(data), data


def _facts(home: Home, names: Sequence[str]) -> dict[str, Any]:
    from training.care.licences import combine_licences
    from training.care.records import licensed
    from training.select.facts import facts_of

    sources, problems, iris = [], [], []
    for name in names[:MOST_SOURCES]:
        iri, kind = find(home, name)
        iris.append(iri)
        if kind != "dataset":
            continue
        known = facts_of(home, iri)
        files = [{"url": one.url, "bytes": one.size_bytes, "title": one.title} for one in known.files]
        if not files:
            problems.append(f"{known.name}: no download is known; get it from its publisher.")
        sources.append(
            {
                "iri": iri,
                "id": known.id,
                "name": known.name,
                "licences": [one.rsplit("/", 1)[-1] for one in known.licences],
                "bands": list(known.bands),
                "classes": [{"name": one.name, "value": one.value} for one in known.classes[:100]],
                "samples": known.samples,
                "files": files[:20],
                "more_files": max(0, len(files) - 20),
            }
        )
    verdict = combine_licences(licensed(home, list(dict.fromkeys(iris)))).to_dict()
    told = {key: verdict[key] for key in ("uses", "duties", "conflicts", "unknowns")}
    return {"sources": sources, "problems": problems, "licences": told, "version": home.version}


def _commands(sources: Sequence[dict[str, Any]], size: int, area: str, batch: int, library: str) -> list[str]:
    names = " ".join(shlex.quote(one["id"]) for one in sources)
    roots = "".join(f" --root {shlex.quote(one['id'] + '=' + one['id'])}" for one in sources)
    roots = f" --root {shlex.quote(sources[0]['id'])}" if len(sources) == 1 else roots
    options = (f" --size {size}" if size else "") + (f" --area {shlex.quote(area)}" if area else "")
    return [
        f"pip install 'earthdex[{LIBRARIES[library][1]}]'",
        *(f"earthdex fetch {shlex.quote(one['id'])}" for one in sources if one["files"]),
        f"earthdex plan {names}{roots}{options}",
        f"earthdex lock {names}{roots}{options} --batch-size {batch} -o earthdex.lock",
    ]


def _python(sources: Sequence[dict[str, Any]], library: str, size: int, area: str, batch: int) -> str:
    adapter, _, use = LIBRARIES[library]
    names = [one["id"] for one in sources]
    what = json.dumps(names[0] if len(names) == 1 else names, ensure_ascii=False)
    root = json.dumps(names[0] if len(names) == 1 else {one: one for one in names}, ensure_ascii=False)
    options = (f", size={size}" if size else "") + (f", area={json.dumps(area, ensure_ascii=False)}" if area else "")
    split = "" if library == "lightning" else ', split="train"'
    return "\n".join(
        [
            "import earthdex",
            f"from earthdex.adapters import {adapter}",
            "",
            f"lock = earthdex.lock({what}, root={root}{options}, batch_size={batch})",
            'lock.write("earthdex.lock")  # the same lock gives the same batches anywhere',
            f"data = {adapter}(lock{split})",
            use,
        ]
    )


def _text(data: dict[str, Any]) -> str:
    lines = [
        f"{one['name']} {one['iri']} ({', '.join(one['licences']) or 'licence not known'})" for one in data["sources"]
    ]
    uses = data["licences"]["uses"]
    lines.append("Together: " + ", ".join(f"{use} {answer}" for use, answer in uses.items()) + ". No legal advice.")
    lines += data["licences"]["conflicts"]
    lines += data["problems"]
    return "\n".join([*lines, "", "```sh", *data["commands"], "```", "", "```python", data["python"], "```"])
