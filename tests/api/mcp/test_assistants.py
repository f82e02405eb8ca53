"""The assistants' server, with the client of the official SDK: over standard input and output, and over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

Work = Callable[[Client], Coroutine[Any, Any, Any]]


def _text(result: CallToolResult) -> str:
    return "".join(getattr(one, "text", "") for one in result.content)


def _data(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, _text(result)
    assert result.structured_content is not None
    return result.structured_content


def _over_http(http: httpx.Client, work: Work) -> Any:
    async def run() -> Any:
        async with Client(str(http.base_url).rstrip("/") + "/mcp") as client:
            return await work(client)

    return anyio.run(run)


def test_tools_resources_and_prompts_are_told(http: httpx.Client) -> None:
    async def work(client: Client) -> None:
        tools = {one.name: one for one in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "sparql", "show", "compare", "stream_recipe"}
        for one in tools.values():
            assert one.description
            assert one.output_schema
            assert one.annotations
            assert one.annotations.read_only_hint
        templates = (await client.list_resource_templates()).resource_templates
        assert {one.uri_template for one in templates} >= {"https://w3id.org/earthdex/dataset/{slug}"}
        assert "owl:" in (await client.read_resource("earthdex://ontology")).contents[0].text  # type: ignore[union-attr]
        record = await client.read_resource("https://w3id.org/earthdex/dataset/eurosat")
        assert '"EuroSAT"' in record.contents[0].text  # type: ignore[union-attr]
        prompt = await client.get_prompt("find_training_data", {"task": "flood mapping", "place": "Pakistan"})
        assert "Pakistan" in prompt.messages[0].content.text  # type: ignore[union-attr]

    _over_http(http, work)


def test_an_answer_carries_iris_query_and_what_was_not_used(http: httpx.Client) -> None:
    async def work(client: Client) -> CallToolResult:
        return await client.call_tool("ask", {"question": "gorgeous crop type datasets in Austria", "limit": 2})

    found = _over_http(http, work)
    data = _data(found)
    assert data["kind"] == "list"
    assert len(data["rows"]) == 2
    assert data["more"] == data["found"] - 2 > 0
    assert all(row["iri"].startswith("https://w3id.org/earthdex/dataset/") for row in data["rows"])
    assert "SELECT" in data["sparql"]
    assert data["unused"] == ["gorgeous"]
    assert data["rows"][0]["iri"] in _text(found)
    assert "gorgeous" in _text(found)


def test_follow_ups_build_on_earlier_questions(http: httpx.Client) -> None:
    async def work(client: Client) -> CallToolResult:
        before = ["crop type datasets in Austria"]
        return await client.call_tool("ask", {"question": "and in France?", "after": before})

    data = _data(_over_http(http, work))
    assert data["interpretation"]["place"] == "France"
    assert any(one["property"] == "topic" for one in data["interpretation"]["filters"])


def test_queries_records_comparisons_and_recipes(http: httpx.Client) -> None:
    async def work(client: Client) -> list[CallToolResult]:
        query = "SELECT ?d WHERE { ?d a ed:TrainingDataset } ORDER BY ?d"
        return [
            await client.call_tool("sparql", {"query": query, "limit": 3}),
            await client.call_tool("sparql", {"query": "ASK { ?d a ed:TrainingDataset }"}),
            await client.call_tool("sparql", {"query": "CONSTRUCT WHERE { ?d ed:bandCount 13 } LIMIT 2"}),
            await client.call_tool("show", {"name": "EuroSAT"}),
            await client.call_tool("compare", {"names": ["EuroSAT", "SEN12MS"]}),
            await client.call_tool("stream_recipe", {"names": ["EuroSAT", "BigEarthNet"], "size": 64}),
        ]

    rows, yes, graph, record, both, recipe = map(_data, _over_http(http, work))
    assert (len(rows["rows"]), rows["more"]) == (3, rows["found"] - 3)
    assert yes["boolean"] is True
    assert "bandCount" in graph["turtle"]
    assert record["facts"]["num_classes"]["values"][0]["sources"]
    assert "num_samples" in both["differing"]
    assert [one["name"] for one in both["records"]] == ["EuroSAT", "SEN12MS"]
    assert recipe["licences"]["uses"]["commercial"] in ("allowed", "forbidden", "unknown")
    assert any(one.startswith("earthdex lock eurosat bigearthnet") for one in recipe["commands"])
    compile(recipe["python"], "recipe", "exec")


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("show", {"name": "EuroSATT"}, "Did you mean EuroSAT"),
        ("sparql", {"query": "SELECT ?x WHERE { ?x"}, ""),
        ("sparql", {"query": "INSERT DATA { <a:b> <a:c> <a:d> }"}, ""),
        ("sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}, ""),
        ("compare", {"names": ["EuroSAT"]}, "names"),
        ("compare", {"names": ["EuroSAT", "eurosat"]}, "same record"),
        ("ask", {"question": "x" * 5_000}, "question"),
        ("stream_recipe", {}, "question"),
        ("stream_recipe", {"names": ["EuroSAT"], "library": "caffe"}, "torch"),
    ],
)
def test_errors_are_the_tools_own_and_say_what_to_do(
    http: httpx.Client, tool: str, arguments: dict[str, Any], told: str
) -> None:
    result = _over_http(http, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    assert told in _text(result)
    assert "Traceback" not in _text(result)


def test_records_that_do_not_exist_are_no_resources(http: httpx.Client) -> None:
    async def work(client: Client) -> None:
        with pytest.raises(MCPError, match="holds no dataset"):
            await client.read_resource("https://w3id.org/earthdex/dataset/nothing-of-it")

    _over_http(http, work)


def test_pages_of_others_may_not_use_it(http: httpx.Client) -> None:
    reply = http.post("/mcp", json={}, headers={"origin": "https://evil.example"})
    assert reply.status_code == 403
    assert http.get("/mcp").status_code == 405


def test_over_standard_input_and_output(builtin_path: Path) -> None:
    start = StdioServerParameters(
        command=sys.executable, args=["-m", "earthdex", "mcp"], env={"EARTHDEX_HOME": str(builtin_path)}
    )

    async def run() -> CallToolResult:
        async with Client(stdio_client(start)) as client:
            return await client.call_tool("ask", {"question": "How many classes does EuroSAT have?"})

    assert _data(anyio.run(run))["value"] == 10
