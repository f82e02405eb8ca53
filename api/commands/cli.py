"""The `earthdex` command. Answers go to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.assistants import mcp
from api.commands.backups import backup, restore
from api.commands.care import bands, classes, leakage, licences
from api.commands.evaluating import evaluate
from api.commands.guard import calendar_day, checked_sources, plain_text, run_guarded
from api.commands.keys import app as keys_app
from api.commands.packing import pack, series
from api.commands.progress import progress_bars
from api.commands.serving import serve
from api.commands.sources import app as sources_app
from api.commands.store import app as store_app
from api.commands.training import lock_app, plan, preview
from api.exits import ANSWERED, FAILED, NOTHING_FOUND, answer_exit
from ingest.live.attach import with_live
from kg.home import Home, open_home
from ontology.errors import NotFound

app = typer.Typer(
    name="earthdex",
    help="Ask a catalogue of Earth-observation datasets, models and satellite scenes in plain English.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(keys_app, name="keys")
app.add_typer(sources_app, name="sources")
app.add_typer(store_app, name="store")
app.add_typer(lock_app, name="lock")

JsonFlag = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]


def _open() -> Home:
    """The catalogue, built with progress bars on first use."""
    from ingest.builtin import ensure_built

    with progress_bars() as report:
        ensure_built(progress=report)
    return with_live(open_home())


def _print_json(value: Any) -> None:  # noqa: ANN401
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@app.command()
def ask(
    question: Annotated[list[str] | None, typer.Argument(help="The question; quotes are optional.")] = None,
    json_: JsonFlag = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Show at most this many rows.")] = 20,
    reference_date: Annotated[
        str | None,
        typer.Option(callback=calendar_day, help="The day that `yesterday` counts from, YYYY-MM-DD; today by default."),
    ] = None,
    context: Annotated[
        list[str] | None, typer.Option("--after", help="An earlier question that this one follows up; repeatable.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Key of a condition to leave out (`conditions` of --json); repeatable.")
    ] = None,
    also: Annotated[
        list[str] | None, typer.Option(help="A condition to add: sensor=Sentinel-2, resolution_m<=10; repeatable.")
    ] = None,
    show_sparql: Annotated[bool, typer.Option("--sparql", help="Print the GeoSPARQL as well.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each word became, the query with the words, and the plan.")
    ] = False,
    batch: Annotated[
        Path | None, typer.Option(help="Answer a file of JSON lines (id, question, context, ref_date), one line each.")
    ] = None,
) -> None:
    """Answer a question in plain English."""
    home = _open()
    if batch is not None:
        from api.commands.batch import run_batch

        with progress_bars() as report:
            run_batch(home, batch, sys.stdout, limit=limit, progress=report)
        return
    from nlq.ask import ask as run

    text = plain_text(" ".join(question or []))
    before = tuple(plain_text(one) for one in context or ())
    more = tuple(plain_text(one) for one in also or ())
    answer = run(
        home, text, context=before, reference_date=reference_date, limit=limit, without=tuple(without or ()), also=more
    )
    data = answer.to_dict()
    if explain:
        data["plan"] = home.explain(answer.sparql).to_dict() if answer.sparql else None
    if json_:
        data["rows"] = data["rows"][:limit]
        _print_json(data)
    elif explain:
        from api.commands.explain import render_explained

        render_explained(data, limit=limit)
    else:
        from api.commands.render import render_answer

        render_answer(data, limit=limit, show_sparql=show_sparql)
    raise typer.Exit(answer_exit(data["kind"], data["found"]))


@app.command()
def sparql(
    query: Annotated[str, typer.Argument(help="A query, a file that holds one, or - for standard input.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="table, json, csv, tsv, xml, geojson, turtle, ntriples, nquads, jsonld or rdfxml."
        ),
    ] = "table",
    timeout: Annotated[float, typer.Option(min=0.1, max=86_400, help="Stop the query after this many seconds.")] = 60.0,
    no_rewrite: Annotated[
        bool, typer.Option("--no-rewrite", help="Statements only: no spatial relations from geometries, no entailment.")
    ] = False,
    data: Annotated[
        list[Path] | None, typer.Option(help="Query this RDF file alone, without the catalogue; repeatable.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell what went where, rows and milliseconds, instead of the result.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="With --explain: as JSON; else the same as -f json.")] = False,
) -> None:
    """Run a GeoSPARQL query over the whole catalogue."""
    from kg.results import render

    text = plain_text(_query_text(query))
    if explain:
        if data:
            raise typer.BadParameter("--explain is about the catalogue, not about --data.")
        told = _open().explain(text, timeout, rules=not no_rewrite).to_dict()
        if json_:
            _print_json(told)
        else:
            from api.commands.explain import render_explanation

            render_explanation(told)
        return
    format_ = "json" if json_ else format_
    if data:
        from kg.rules.memory import Files

        result = Files(data).query(text, timeout, not no_rewrite)
    else:
        result = _open().query(text, timeout=timeout, rules=False if no_rewrite else None)
    sys.stdout.write(render(result, format_).rstrip("\n") + "\n")
    if format_ != "table":  # a table says them below its rows
        for note in getattr(result, "notes", ()):
            typer.echo(f"Note: {note}", err=True)
    rows = getattr(result, "rows", None)
    if rows is not None and not rows:
        raise typer.Exit(NOTHING_FOUND)


def _query_text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    # a query is never a file name: braces and line breaks settle it before the file system is asked
    if "{" not in query and "\n" not in query and len(query) < 1024:
        path = Path(query)
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
        if path.suffix in (".rq", ".sparql"):
            raise NotFound(f"There is no file {query}.", "Give the query itself, a file or - for standard input.")
    return query


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name, alias, identifier or IRI of a dataset or model.")],
    json_: JsonFlag = False,
) -> None:
    """Show all facts about a dataset or model, with their sources."""
    from kg.describe import describe

    described = describe(_open(), name).to_dict()
    if json_:
        _print_json(described)
    else:
        from api.commands.render import render_record

        render_record(described)


@app.command()
def add(
    sources: Annotated[list[str], typer.Argument(help="STAC files, folders, NDJSON, GeoParquet, YAML, RDF or URLs.")],
    json_: JsonFlag = False,
    graph: Annotated[bool, typer.Option("--graph", help="Keep the files as RDF, whatever they hold.")] = False,
) -> None:
    """Add scenes, datasets, models and RDF from outside; bad records are skipped and reported."""
    from ingest.add import add_sources

    checked_sources(sources)
    _open().close()
    with progress_bars() as report:
        added = add_sources(list(sources), None, progress=report, as_graph=graph)
    if json_:
        _print_json(added.to_dict())
    else:
        from api.commands.render import render_added

        render_added(added.to_dict())
    if added.skipped and not (added.changed or added.unchanged or added.duplicates):
        raise typer.Exit(FAILED)


@app.command()
def check(
    path: Annotated[str, typer.Argument(help="A record or a folder of records.")],
    json_: JsonFlag = False,
) -> None:
    """Tell what is wrong with a record: line, problem, remedy."""
    from ingest.check import check_path

    checked_sources([path])
    problems = [one.to_dict() for one in check_path(Path(path))]
    if json_:
        _print_json(problems)
    else:
        from api.commands.render import render_problems

        render_problems(problems)
    raise typer.Exit(FAILED if problems else ANSWERED)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="The dataset to download.")],
    target: Annotated[Path | None, typer.Option(help="Folder to write to; ./<dataset id> by default.")] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also download from private addresses, such as a server of yours.")
    ] = False,
) -> None:
    """Download a dataset's files, check their checksums and unpack them."""
    from training.fetch import fetch as run

    home = _open()
    with progress_bars() as report:
        paths = run(home, name, target, progress=report, allow_private=allow_private)
    for path in paths:
        sys.stdout.write(f"{path}\n")


app.command()(pack)
app.command()(series)


@app.command()
def remove(
    name: Annotated[list[str] | None, typer.Argument(help="IRIs of scenes, and sources that you added.")] = None,
    collection: Annotated[
        list[str] | None, typer.Option("--collection", help="Remove all scenes of a collection; repeatable.")
    ] = None,
    json_: JsonFlag = False,
) -> None:
    """Remove scenes, whole collections of them, and sources that you added."""
    from ingest.remove import remove as run

    with progress_bars() as report:
        removed = run(name or (), collection or (), progress=report)
    if json_:
        _print_json(removed.to_dict())
    else:
        sources = "".join(f", source {one}" for one in removed.sources)
        sys.stdout.write(f"removed {removed.scenes:,} scenes{sources}; version {removed.version}\n")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    json_: JsonFlag = False,
) -> None:
    """Write all scenes as GeoParquet, partitioned by year and space cell, for a cluster."""
    from kg.scenes.partitions import export as run

    with _open() as home, progress_bars() as report:
        if not home.scenes.parts:
            raise NotFound("The catalogue holds no scenes.", "Add some with `earthdex add`.")
        report("export", 0, 0)
        made = run(home.scenes.parts, home.scenes.count(), folder, home.version)
    if json_:
        _print_json(
            {"folder": str(folder), "scenes": made.scenes, "cell_degrees": made.degrees, "version": made.version}
        )
    else:
        sys.stdout.write(f"{made.scenes:,} scenes in {folder}, by year and cells of {made.degrees:g} degrees\n")


@app.command()
def status(json_: JsonFlag = False) -> None:
    """Tell where the catalogue lies, its version and what it holds."""
    from kg.status import status as run

    state = run(_open())
    if json_:
        _print_json(state)
    else:
        from api.commands.render import render_status

        render_status(state)


app.command()(evaluate)
app.command()(backup)
app.command()(mcp)
app.command()(plan)
app.command()(preview)
for _care in (leakage, licences, bands, classes):
    app.command()(_care)
app.command()(restore)
app.command()(serve)


def main() -> None:
    """Entry point: errors become one clear message and the documented exit code."""
    sys.exit(run_guarded(app))
