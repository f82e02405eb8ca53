"""The server of the Model Context Protocol, with the official SDK: tools, resources and prompts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from api.mcp import recipe, tools
from api.mcp.source import Source
from kg.describe import describe
from ontology.errors import EarthdexError, NotFound
from ontology.namespaces import BASE
from ontology.taxonomy import ontology_files

_INSTRUCTIONS = """A catalogue of Earth-observation training datasets, machine-learning models and satellite scenes.
Ask in plain English with `ask`: every answer carries IRIs, the query that found it, what was assumed and which words
played no part. Read `unused` and `assumptions` before you trust an answer, and follow `suggestions` where it is empty.
`show` gives all facts of one record with their sources, `compare` sets records side by side, `sparql` runs GeoSPARQL,
`stream_recipe` writes the commands and the Python that train with what was found. Cite records by their IRI."""
_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

SourceOf = Callable[[Any], Source]
"""The HTTP request that is served, or None -> where its tools read from."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="allow")


class AnswerData(_Told):
    """An answer."""

    question: str
    kind: str = Field(description="list, value, count, yesno, groups, refusal or clarify")
    understood: str
    found: int = Field(description="How many were found in all.")
    value: Any = Field(description="The figure, value or true/false/null of counts, lookups and yes-no questions.")
    columns: list[str]
    rows: list[dict[str, Any]] = Field(description="What was found; `iri` names each thing.")
    more: int = Field(description="Found, but not among the rows.")
    sparql: str = Field(description="The query that was run.")
    assumptions: list[str]
    unused: list[str] = Field(description="Words of the question that played no part.")
    suggestions: list[str]
    reason: str
    version: str


class QueryData(_Told):
    """The result of a query."""

    sparql: str
    columns: list[str]
    rows: list[dict[str, Any]]
    found: int
    more: int
    boolean: bool | None
    turtle: str | None
    notes: list[str]


class RecordData(_Told):
    """A dataset or model."""

    iri: str
    kind: str
    name: str
    description: str
    facts: dict[str, Any] = Field(description="property -> unit, disputed, more, values (value, iri, sources)")


class ComparisonData(_Told):
    """Records side by side."""

    records: list[dict[str, Any]]
    facts: dict[str, list[list[str] | None]] = Field(description="property -> values of each record; null: unknown")
    differing: list[str]
    equal: list[str]


class RecipeData(_Told):
    """How to train with what was found."""

    sources: list[dict[str, Any]]
    licences: dict[str, Any]
    commands: list[str]
    python: str
    problems: list[str]


def make_server(source_of: SourceOf, version: str) -> MCPServer[Any]:
    """The server.

    Args:
        source_of: gives what the tools read from, for the HTTP request that is served (None: standard input).
        version: of earthdex.
    """
    server: MCPServer[Any] = MCPServer(
        "earthdex",
        title="earthdex",
        instructions=_INSTRUCTIONS,
        website_url=BASE,
        version=version,
        log_level="WARNING",
        subscriptions=False,
    )

    def source(context: Context[Any, Any]) -> Source:
        return source_of(context.request_context.request)

    @server.tool(title="Ask in plain English", annotations=_READ_ONLY)
    async def ask(
        context: Context[Any, Any],
        question: Annotated[str, Field(min_length=1, max_length=4_000, description="The question, in English.")],
        limit: Annotated[int, Field(ge=1, le=tools.MOST_ROWS, description="Rows to give.")] = 10,
        after: Annotated[
            list[str] | None, Field(max_length=10, description="Earlier questions that this one follows, oldest first.")
        ] = None,
        reference_date: Annotated[
            date | None, Field(description="The day that `yesterday` counts from; today by default.")
        ] = None,
    ) -> Annotated[CallToolResult, AnswerData]:
        """Answers a question about Earth-observation datasets, models, satellite scenes and places.

        Such as "flood datasets with Sentinel-1 that I may use commercially" or "How many classes does EuroSAT have?".
        """
        day = reference_date.isoformat() if reference_date else None
        return await _told(tools.ask(source(context), question, limit, after or [], day))

    @server.tool(title="Run GeoSPARQL", annotations=_READ_ONLY)
    async def sparql(
        context: Context[Any, Any],
        query: Annotated[
            str, Field(min_length=1, max_length=50_000, description="SELECT, ASK, CONSTRUCT or DESCRIBE.")
        ],
        limit: Annotated[int, Field(ge=1, le=1_000, description="Rows to give.")] = tools.MOST_ROWS,
    ) -> Annotated[CallToolResult, QueryData]:
        """Runs a GeoSPARQL query over datasets, models, places and scenes as one graph.

        Usual prefixes (ed, dcat, dct, skos, geo, geof, it6 ...) need not be declared. The resource
        `earthdex://ontology` holds the vocabulary. `ask` shows the query behind each answer.
        """
        return await _told(tools.sparql(source(context), query, limit))

    @server.tool(title="Show a record", annotations=_READ_ONLY)
    async def show(
        context: Context[Any, Any],
        name: Annotated[str, Field(min_length=1, max_length=400, description="Name, alias, identifier or IRI.")],
    ) -> Annotated[CallToolResult, RecordData]:
        """Gives all facts about one dataset or model, who says each of them, and where sources disagree."""
        return await _told(tools.show(source(context), name))

    @server.tool(title="Compare records", annotations=_READ_ONLY)
    async def compare(
        context: Context[Any, Any],
        names: Annotated[
            list[Annotated[str, Field(min_length=1, max_length=400)]],
            Field(min_length=2, max_length=4, description="Names or IRIs of datasets or models."),
        ],
    ) -> Annotated[CallToolResult, ComparisonData]:
        """Sets two to four datasets or models side by side and tells in what they differ."""
        return await _told(tools.compare(source(context), names))

    @server.tool(title="How to train with it", annotations=_READ_ONLY)
    async def stream_recipe(
        context: Context[Any, Any],
        question: Annotated[str, Field(max_length=4_000, description="A question that finds datasets.")] = "",
        names: Annotated[
            list[Annotated[str, Field(min_length=1, max_length=400)]] | None,
            Field(max_length=recipe.MOST_SOURCES, description="Names or IRIs, in place of a question."),
        ] = None,
        library: Annotated[str, Field(description=f"One of {', '.join(recipe.LIBRARIES)}.")] = "torch",
        size: Annotated[int, Field(ge=0, le=8_192, description="Pixels of a chip's side; 0: whole images.")] = 0,
        area: Annotated[
            str, Field(max_length=200, description="A place or west,south,east,north; others are left out.")
        ] = "",
        batch_size: Annotated[int, Field(ge=1, le=65_536)] = 32,
    ) -> Annotated[CallToolResult, RecipeData]:
        """Writes the commands and the Python code that download, plan, lock and stream training batches.

        Also tells what the licences allow together, the classes, bands and files. Downloads nothing.
        """
        made = recipe.stream_recipe(
            source(context), question, names or [], library=library, size=size, area=area, batch_size=batch_size
        )
        return await _told(made)

    _add_resources(server, source)
    _add_prompts(server)
    return server


async def _told(work: Awaitable[tools.Told]) -> CallToolResult:
    """What a tool tells; errors of ours with their remedy, for the assistant to act on."""
    try:
        text, data = await work
    except EarthdexError as error:
        raise ToolError(str(error)) from None
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data)


def _add_resources(server: MCPServer[Any], source: Callable[[Context[Any, Any]], Source]) -> None:
    @server.resource("earthdex://ontology", mime_type="text/turtle", title="The ontology")
    def ontology() -> str:
        """Classes and properties of the graph, in Turtle."""
        return next(path for path in ontology_files() if path.name == "earthdex.ttl").read_text(encoding="utf-8")

    async def record(context: Context[Any, Any], kind: str, slug: str) -> str:
        try:
            found = await source(context).read(lambda home: describe(home, f"{BASE}{kind}/{slug}"))
        except NotFound as error:
            raise ResourceNotFoundError(str(error)) from None
        except EarthdexError as error:
            raise ResourceError(str(error)) from None
        return json.dumps(tools.shortened(found), ensure_ascii=False, indent=1)

    @server.resource(BASE + "dataset/{slug}", mime_type="application/json", title="A dataset")
    async def dataset(slug: str, context: Context[Any, Any]) -> str:
        """All facts of a dataset, by its IRI."""
        return await record(context, "dataset", slug)

    @server.resource(BASE + "model/{slug}", mime_type="application/json", title="A model")
    async def model(slug: str, context: Context[Any, Any]) -> str:
        """All facts of a model, by its IRI."""
        return await record(context, "model", slug)


def _add_prompts(server: MCPServer[Any]) -> None:
    @server.prompt(title="Find training data")
    def find_training_data(
        task: Annotated[str, Field(description="What the model shall do, such as `flood mapping`.")],
        place: Annotated[str, Field(description="Where, or nothing.")] = "",
    ) -> str:
        """Finds, checks and compares datasets for a task, then writes the training code."""
        where = f" in {place}" if place else ""
        return (
            f"Find Earth-observation training datasets for {task}{where} with `ask`. Tell which words were not used "
            "and what was assumed. Compare the best with `compare`, check what their licences allow, say where sources "
            "disagree, and write the code with `stream_recipe`. Cite each dataset by its IRI."
        )
