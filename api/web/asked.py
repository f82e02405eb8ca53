"""The state of a question's page: all of it stands in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

MOST_TALK = 12
MOST_DOWNLOAD = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with everything that changes how its answer is shown.

    Attributes:
        q: the question.
        after: earlier questions of the same talk, oldest first.
        without: keys of conditions that are left out.
        also: conditions that are added.
        sort: property that rows are sorted by, with `-` before it from the highest on; "" as they come.
        page: from 1 on.
        view: list or table.
    """

    q: str
    after: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    sort: str = ""
    page: int = 1
    view: str = "list"

    def fields(self) -> list[tuple[str, str]]:
        """Names and values of the address, the shortest that mean the same."""
        found = [("after", one) for one in self.after] + [("q", self.q)]
        found += [("without", one) for one in self.without] + [("also", one) for one in self.also]
        if self.sort:
            found.append(("sort", self.sort))
        if self.view != "list":
            found.append(("view", self.view))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def address(self, path: str = "/") -> str:
        """The address of this page, or of another one about the same question."""
        return f"{path}?{urlencode(self.fields())}"

    def download(self, path: str, form: str) -> str:
        """The address of the rows in a format."""
        kept = [(name, value) for name, value in self.fields() if name in ("q", "after", "without", "also")]
        return f"{path}?{urlencode([*kept, ('format', form), ('limit', str(MOST_DOWNLOAD))])}"

    def but(self, **changes: Any) -> Asked:  # noqa: ANN401
        """The same with changes; back on the first page."""
        return replace(self, **({"page": 1} | changes))

    def leave_out(self, key: str) -> Asked:
        """Without the condition of that key."""
        if key in self.also:
            return self.but(also=tuple(one for one in self.also if one != key))
        return self.but(without=(*(one for one in self.without if one != key), key))

    def bring_back(self, key: str) -> Asked:
        """With the condition of that key again."""
        return self.but(without=tuple(one for one in self.without if one != key))

    def add(self, text: str) -> Asked:
        """With one condition more."""
        return self.but(also=(*(one for one in self.also if one != text), text))

    def instead(self, key: str, text: str) -> Asked:
        """With another condition in place of the one of that key."""
        return self.leave_out(key).add(text)

    def next_fields(self, understood: str) -> list[tuple[str, str]]:
        """Hidden fields of the form that asks on: the talk so far.

        Where conditions were changed by hand, what was understood stands for the question's own words.
        """
        last = understood if (self.without or self.also) and understood else self.q
        return [("after", one) for one in (*self.after, last)[-MOST_TALK:]]

    @classmethod
    def of(
        cls, q: str, after: Sequence[str] | None, without: Sequence[str] | None, also: Sequence[str] | None,
        sort: str = "", page: int = 1, view: str = "list",
    ) -> Asked:  # fmt: skip
        """The state that an address holds."""
        kind = view if view in ("list", "table") else "list"
        return cls(q.strip(), tuple(after or ()), tuple(without or ()), tuple(also or ()), sort, max(1, page), kind)
