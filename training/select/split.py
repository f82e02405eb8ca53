"""Which chips belong to which fold, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ontology.errors import RecordError
from training.select.values import text_problem

_NONE = "."
_CODES = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Folds of items or chips.

    Attributes:
        method: how they were told apart: `publisher`, `spatial`, `time` ...
        options: of the method, as plain JSON.
        of: whether `codes` are of items or of chips.
        folds: names of the folds.
        codes: (items or chips,) number of the fold, -1 for none.
    """

    method: str
    of: Literal["items", "chips"]
    folds: tuple[str, ...]
    codes: npt.NDArray[np.int8]
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_numbers(
        cls,
        numbers: Mapping[str, npt.ArrayLike],
        count: int,
        *,
        of: Literal["items", "chips"] = "items",
        method: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> Split:
        """A split from the numbers of the items or chips in each fold, `count` of them in all.

        Raises:
            RecordError: one of them is in two folds, or is not there; too many folds.
        """
        if len(numbers) > len(_CODES):
            raise RecordError(f"{len(numbers)} folds are too many.", f"At most {len(_CODES)} can be told apart.")
        codes = np.full(count, -1, np.int8)
        for place, (name, members) in enumerate(numbers.items()):
            held = np.asarray(members, np.int64)
            if held.size and (held.min() < 0 or held.max() >= count):
                raise RecordError(f"The fold {name} holds {of} that are not there.", "Split the same selection.")
            if (codes[held] >= 0).any() or np.unique(held).size < held.size:
                raise RecordError(f"The fold {name} holds {of} twice or those of another.", "Folds must not overlap.")
            codes[held] = place
        return cls(method, of, tuple(numbers), codes, dict(options or {}))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON: one character an item or chip."""
        letters = np.frombuffer((_CODES + _NONE).encode(), np.uint8)
        return {
            "method": self.method,
            "options": dict(self.options),
            "of": self.of,
            "folds": list(self.folds),
            "membership": letters[self.codes].tobytes().decode(),
        }

    @classmethod
    def from_dict(cls, stored: Any, items: int, chips: int) -> Split | None:  # noqa: ANN401
        """What `to_dict` wrote; None stays None.

        Raises:
            RecordError: it is something else, or does not fit the numbers of items and chips.
        """
        if stored is None:
            return None
        good = (
            isinstance(stored, dict)
            and stored.get("of") in ("items", "chips")
            and isinstance(stored.get("method"), str)
            and isinstance(stored.get("options"), dict)
            and isinstance(stored.get("membership"), str)
            and isinstance(stored.get("folds"), list)
            and len(stored["folds"]) <= len(_CODES)
            and all(isinstance(one, str) and one and not text_problem(one, 80) for one in stored["folds"])
            and len(set(stored["folds"])) == len(stored["folds"])
        )
        if not good:
            raise RecordError("The lock's `split` is none.", "Make the lock anew.")
        wanted = items if stored["of"] == "items" else chips
        text = stored["membership"]
        table = np.full(256, -2, np.int8)
        for place, letter in enumerate(_CODES[: len(stored["folds"])]):
            table[ord(letter)] = place
        table[ord(_NONE)] = -1
        codes = table[np.frombuffer(text.encode("ascii", "replace"), np.uint8)]
        if len(text) != wanted or (codes == -2).any():
            raise RecordError(
                f"The lock's `split` does not tell the fold of {wanted:,} {stored['of']}.", "Make it anew."
            )
        return cls(stored["method"], stored["of"], tuple(stored["folds"]), codes, stored["options"])
