"""`earthdex evaluate`: scores of the question engine over the frozen catalogue version."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.progress import Report, progress_bars
from api.exits import ANSWERED, FAILED
from ontology.errors import NotFound

if TYPE_CHECKING:
    from nlq.evaluation.lines import Line
    from nlq.evaluation.scoring import Score

_LOT = 25

Names = list[str] | None


def evaluate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Question files (JSON lines); those of the catalogue by default.")
    ] = None,
    classes: Annotated[Names, typer.Option("--class", help="Only questions of this class; repeatable.")] = None,
    styles: Annotated[Names, typer.Option("--style", help="Only questions of this style; repeatable.")] = None,
    phenomena: Annotated[
        Names, typer.Option("--phenomenon", help="Only questions with this phenomenon, or group of them; repeatable.")
    ] = None,
    ids: Annotated[Names, typer.Option("--id", help="Only this question; repeatable.")] = None,
    perturb: Annotated[
        str,
        typer.Option(help="Score changed copies too: typos, case, punctuation, politeness, order, paraphrase; or all."),
    ] = "",
    misses: Annotated[bool, typer.Option("--misses", help="List the wrong ones, with the slots or rows.")] = False,
    answers: Annotated[
        bool, typer.Option("--answers/--no-answers", help="Execute the answers, or only read the questions.")
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes that work side by side.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")] = False,
    home_only: Annotated[
        bool, typer.Option("--home-only", help="Only make the frozen catalogue version, and print its folder.")
    ] = False,
) -> None:
    """Score how well questions are understood and answered, over a frozen version of the catalogue."""
    from api.commands.evaluation import frozen_home
    from nlq.evaluation.lines import chosen, question_files, read_lines
    from nlq.evaluation.perturb import KINDS, perturbed
    from nlq.evaluation.summary import summed

    if home_only:
        with progress_bars() as report:
            sys.stdout.write(f"{frozen_home(progress=report)}\n")
        return
    lines = read_lines(files or question_files())
    lines = chosen(lines, classes=classes or (), styles=styles or (), phenomena=phenomena or (), ids=ids or ())
    if not lines:
        raise NotFound("There is no such question.", "Leave out a condition, or name a file of questions.")
    kinds = list(KINDS) if perturb == "all" else [one.strip() for one in perturb.split(",") if one.strip()]
    copies = perturbed(lines, kinds)
    with progress_bars() as report:
        home = frozen_home(progress=report)
        scores = score_in_parts(home, [*lines, *copies], answers=answers, jobs=jobs, progress=report)
    summary = summed(scores)
    if json_:
        wrong = [one.to_dict() for one in scores if not one.understood or one.answered is False]
        told = summary.to_dict() | {"home": str(home), "misses": wrong}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        from api.commands.scores import render_scores

        render_scores(summary, scores if misses else ())
    raise typer.Exit(FAILED if summary.total.understood == 0 else ANSWERED)


def score_in_parts(
    home: Path, lines: Sequence[Line], *, answers: bool, jobs: int, progress: Report | None = None
) -> list[Score]:
    """Scores of question lines, in their order, by several processes where asked to.

    Args:
        home: folder of the frozen version.
        lines: question lines.
        answers: whether answers are executed.
        jobs: processes.
        progress: called with (stage, done, total).
    """
    if jobs == 1 or len(lines) <= _LOT:
        return _part(home, lines, answers, progress)
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    # a question and its copies share the gold query: the same process keeps its result
    order = sorted(range(len(lines)), key=lambda at: lines[at]["id"])
    lots = [order[first : first + _LOT] for first in range(0, len(order), _LOT)]
    found: dict[int, Score] = {}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_part, home, [lines[at] for at in lot], answers): lot for lot in lots}
        for done in as_completed(waiting):
            found |= zip(waiting[done], done.result(), strict=True)
            if progress is not None:
                progress("Asking", len(found), len(lines))
    return [found[at] for at in range(len(lines))]


_scorers: dict[Path, object] = {}


def _part(home: Path, lines: Sequence[Line], answers: bool, progress: Report | None = None) -> list[Score]:
    """Scores of some lines; the catalogue stays open for the next ones."""
    from nlq.evaluation.scoring import Scorer

    scorer = _scorers.get(home)
    if not isinstance(scorer, Scorer):
        scorer = _scorers[home] = Scorer.open(home)
    found = []
    for line in lines:
        found.append(scorer.score(line, answers=answers))
        if progress is not None:
            progress("Asking", len(found), len(lines))
    return found
