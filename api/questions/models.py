"""What `/ask` and `/sessions` take and give, for checking requests and for `/openapi.json`."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_ROWS = 1_000
LONGEST = 20_000
LONGEST_LINK = 4_000  # characters in an address: each may take twelve bytes there
SESSION = r"^[A-Za-z0-9_-]*$"


class Asked(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(max_length=LONGEST, description="The question in plain English.")
    limit: int = Field(20, ge=1, le=MOST_ROWS, description="Rows to give.")
    reference_date: date | None = Field(None, description="The day that `yesterday` counts from; today by default.")
    after: list[str] = Field([], max_length=50, description="Earlier questions, oldest first.")
    without: list[str] = Field([], max_length=50, description="Keys of conditions to leave out.")
    also: list[str] = Field([], max_length=50, description="Conditions to add, such as sensor=Sentinel-2.")
    session: str | None = Field(
        None, max_length=20_000, pattern=SESSION, description="Of the answer that this follows."
    )


class AnswerModel(BaseModel):
    """An answer; see the reference of the answer JSON."""

    model_config = ConfigDict(extra="allow")

    question: str
    kind: Literal["list", "value", "count", "groups", "yesno", "refusal", "clarify"]
    target: str | None
    understood: str
    interpretation: dict[str, Any]
    value: Any
    unit: str | None
    found: int = Field(ge=0)
    columns: list[str]
    rows: list[dict[str, Any]]
    sparql: str
    assumptions: list[str]
    sources: list[str]
    unused: list[str]
    parts: list[dict[str, Any]]
    conditions: list[dict[str, Any]]
    suggestions: list[str]
    relaxed: list[dict[str, Any]]
    reason: str
    version: str
    ms: float
    session: str | None = Field(None, description="What the next question of this talk sends as `session`.")


class Session(BaseModel):
    """The beginning of a talk."""

    session: str
    seconds: int = Field(description="How long it holds after its last question.")
