"""Which parts of an Item are given: the extension `fields`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ontology.errors import QueryError

_ALWAYS = ("type", "stac_version", "id", "geometry", "bbox", "links", "assets", "properties.datetime", "collection")
_LEAST = frozenset(("type", "stac_version", "id", "collection"))
_MOST = 100
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """Parts that are given, and parts that are not, as paths (`properties.eo:cloud_cover`).

    Attributes:
        include: empty: everything.
        exclude: what is left out of that.
    """

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether whole Items are given."""
        return not self.include and not self.exclude

    def needs(self, part: str) -> bool:
        """Whether anything of a part at the top, such as `assets`, is given."""
        if part in self.exclude:
            return False
        return not self.include or any(one == part or one.startswith(part + ".") for one in self.include)

    def of(self, item: dict[str, Any]) -> dict[str, Any]:
        """The given parts of an Item."""
        if self.everything:
            return item
        found = item
        if self.include:
            found = {}
            for path in sorted(self.include):
                _copy(path.split("."), item, found)
        for path in self.exclude:
            _drop(path.split("."), found)
        return found


EVERYTHING = Shown()


def shown_of(value: Any) -> Shown:  # noqa: ANN401
    """The parts that `fields` names; fields of which none is included are those that an Item must have.

    Raises:
        QueryError: it is malformed.
    """
    if value is None:
        return EVERYTHING
    if not isinstance(value, Mapping):
        raise QueryError("`fields` is no object.", 'Write {"include": [...], "exclude": [...]}.')
    include, exclude = (_paths(value.get(name), name) for name in ("include", "exclude"))
    if not include and ("include" in value or not exclude):
        return Shown(frozenset(_ALWAYS) - exclude, exclude)
    # what is included wins over the same, or something around it, being excluded
    exclude = frozenset(one for one in exclude if not any(f"{each}.".startswith(f"{one}.") for each in include))
    return Shown(include | _LEAST, exclude) if include and value.get("exclude") else Shown(include, exclude)


def _paths(value: Any, name: str) -> frozenset[str]:  # noqa: ANN401
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value) or len(value) > _MOST:
        raise QueryError(f"`{name}` of `fields` is no list of texts.", "Give names such as properties.datetime.")
    if any(one.count(".") > _DEPTH for one in value):
        raise QueryError(f"`{name}` of `fields` names a part too deep.", "Give names such as properties.datetime.")
    return frozenset(value)


def _copy(path: list[str], source: Any, target: dict[str, Any]) -> None:  # noqa: ANN401
    name, *rest = path
    if not isinstance(source, dict) or name not in source:
        return
    if not rest:
        held = target.get(name)
        target[name] = source[name] if not isinstance(held, dict) else {**held, **source[name]}
        return
    if isinstance(source[name], dict):
        below = target.setdefault(name, {})
        if below is not source[name] and isinstance(below, dict):
            _copy(rest, source[name], below)


def _drop(path: list[str], target: dict[str, Any]) -> None:
    name, *rest = path
    if name not in target:
        return
    if not rest:
        del target[name]
    elif isinstance(target[name], dict):
        target[name] = dict(target[name])
        _drop(rest, target[name])
