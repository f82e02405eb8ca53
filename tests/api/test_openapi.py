"""`/openapi.json` tells the truth: requests made from it find no difference (schemathesis).

`EARTHDEX_TEST_EXAMPLES` is the number of requests of each kind to each route.
"""

from __future__ import annotations

import os

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig

EXAMPLES = int(os.environ.get("EARTHDEX_TEST_EXAMPLES", "3"))
# a schema cannot tell the grammar of SPARQL, CQL2, dates and tokens: what does not read is 400
_CONFIG = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "3xx", 400, 401, 403, 404, 406, 409, 413, 415, 422, 429]
        }
    }
}
_BODIES = {
    "application/sparql-query": "ASK { ?s ?p ?o }",
    "application/sparql-update": "INSERT DATA { <a:b> <a:c> <a:d> }",
    "text/turtle": "<a:b> <a:c> <a:d> .",
    "application/n-triples": "<a:b> <a:c> <a:d> .\n",
    "application/n-quads": "<a:b> <a:c> <a:d> .\n",
    "application/rdf+xml": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
}
for _media, _text in _BODIES.items():
    schemathesis.openapi.media_type(_media, st.just(_text.encode()))


@pytest.mark.slow
@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_every_route_does_what_it_says(http: httpx.Client, mode: schemathesis.GenerationMode) -> None:
    config = SchemathesisConfig.from_dict(_CONFIG)
    schema = schemathesis.openapi.from_url(f"{str(http.base_url).rstrip('/')}/openapi.json", config=config)
    found: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if mode is schemathesis.GenerationMode.NEGATIVE and not (list(operation.query) or list(operation.body)):
            continue  # any text is a path

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def check(case: schemathesis.Case) -> None:
            reply = case.call_and_validate(timeout=60)
            # 422 is also for what no table can say; a request that the schema allows is never an invalid one
            if mode is schemathesis.GenerationMode.POSITIVE and reply.status_code == 422:
                assert reply.json()["title"] == "NotAnswerable", reply.text

        try:
            check()
        except Unsatisfiable:
            continue  # nothing there to get wrong
        except (Exception, BaseExceptionGroup) as error:
            found.append(f"{operation.label}: {error!s:.600}")
    assert not found, "\n\n".join(found)


def test_the_description_is_complete(http: httpx.Client) -> None:
    described = http.get("/openapi.json").json()
    assert described["components"]["schemas"]["Problem"]
    assert "HTTPValidationError" not in str(described)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("description"), (method, path)
            assert operation["tags"], (method, path)
            assert "default" in operation["responses"], (method, path)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/ask", 405)])
def test_what_there_is_not_is_a_problem_document(http: httpx.Client, method: str, path: str, status: int) -> None:
    reply = http.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"].startswith("application/problem+json")
