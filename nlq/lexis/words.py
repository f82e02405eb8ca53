"""Lists of words written as one text."""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """The words of a text, or its phrases where they are separated by `|`."""
    return tuple(text.split("|") if "|" in text else text.split())
