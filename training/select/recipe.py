"""Recipes as plain JSON, and back with every value checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_args

from ontology.errors import RecordError
from training.select.values import number, text_problem
from training.types import Recipe, Sampling

_BOUNDS: dict[str, tuple[float, float]] = {
    "size": (0, 1 << 20),
    "stride": (0, 1 << 20),
    "per_epoch": (0, 1 << 32),
    "resolution": (0, 1e9),
    "ignore": (-(1 << 31), 1 << 31),
    "batch_size": (1, 1 << 20),
    "seed": (0, 1 << 63),
    "window": (1, 1 << 32),
}
RESAMPLINGS = ("nearest", "bilinear", "cubic", "average")
DTYPES = ("", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64")


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain JSON.

    Raises:
        RecordError: a value that makes no sense.
    """
    made = asdict(recipe)
    made["bands"] = list(recipe.bands)
    made["resolution"] = float(recipe.resolution)
    recipe_from_dict(made)
    return made


def recipe_of(options: Mapping[str, Any]) -> Recipe:
    """A recipe from what a user says: where a size but no sampling is said, crops if `per_epoch` is, else a grid.

    Raises:
        RecordError: as `recipe_from_dict`.
    """
    given = dict(options)
    given["bands"] = list(given.get("bands", ()))
    if given.get("size") and "sampling" not in given:
        given["sampling"] = "random" if given.get("per_epoch") else "grid"
    return recipe_from_dict(given)


def recipe_from_dict(stored: Any) -> Recipe:  # noqa: ANN401
    """A recipe from plain JSON; values that are left out are the usual ones.

    Raises:
        RecordError: an unknown name, a wrong type, or a value out of bounds.
    """
    known = {one.name: one for one in fields(Recipe)}
    if not isinstance(stored, dict) or stored.keys() - known.keys():
        strange = sorted(stored.keys() - known.keys())[:3] if isinstance(stored, dict) else str(stored)[:40]
        raise RecordError(f"A recipe does not know {strange}.", f"It knows {', '.join(known)}.")
    plain = Recipe()
    values: dict[str, Any] = {}
    for name, value in stored.items():
        usual = getattr(plain, name)
        if name == "bands":
            good = isinstance(value, list) and len(value) <= 10_000 and all(map(_is_band, value))
            value = tuple(value) if good else value
        elif isinstance(usual, bool):
            good = type(value) is bool
        elif isinstance(usual, str):
            good = isinstance(value, str) and not text_problem(value, 20_000)
        elif isinstance(usual, float):
            good, value = True, number(value, f"recipe.{name}", *_BOUNDS[name])
        else:
            good = type(value) is int
            number(value, f"recipe.{name}", *_BOUNDS[name])
        if not good:
            raise RecordError(f"The recipe's `{name}` is {str(value)[:40]!r}.", f"It is like {usual!r}.")
        values[name] = value
    recipe = Recipe(**values)
    for name, offered in (("sampling", get_args(Sampling)), ("resampling", RESAMPLINGS), ("dtype", DTYPES)):
        if getattr(recipe, name) not in offered:
            shown = ", ".join(one or "nothing" for one in offered)
            raise RecordError(
                f"The recipe's `{name}` is {str(getattr(recipe, name))[:40]!r}.", f"It is one of {shown}."
            )
    if recipe.sampling != "whole" and not recipe.size:
        raise RecordError(f"{recipe.sampling} chips need a size.", "Say how many pixels: --size 256.")
    return recipe


def _is_band(one: Any) -> bool:  # noqa: ANN401
    return (type(one) is int and 1 <= one <= 100_000) or (isinstance(one, str) and not text_problem(one, 80))
