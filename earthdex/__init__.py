"""earthdex: ask a catalogue of Earth-observation datasets, models and scenes in plain English.

    >>> import earthdex
    >>> answer = earthdex.ask("crop type datasets with Sentinel-2 time series in Austria")
    >>> print(answer.understood)

Every name is imported on first use, so that `import earthdex` stays fast and needs neither spaCy nor torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earthdex.face import (
        add,
        ask,
        check,
        fetch,
        leakage,
        open_bytes,
        open_graph,
        series_lock,
        show,
        sparql,
        status,
        stream,
    )
    from earthdex.locks import lock, open_lock, plan, preview
    from ontology.errors import EarthdexError

__version__ = "0.1.0"
__all__ = [
    "EarthdexError",
    "__version__",
    "add",
    "ask",
    "check",
    "fetch",
    "leakage",
    "lock",
    "open_bytes",
    "open_graph",
    "open_lock",
    "plan",
    "preview",
    "series_lock",
    "show",
    "sparql",
    "status",
    "stream",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name == "EarthdexError":
        from ontology.errors import EarthdexError

        return EarthdexError
    if name in ("lock", "open_lock", "plan", "preview"):
        from earthdex import locks

        return getattr(locks, name)
    if name in __all__:
        from earthdex import face

        return getattr(face, name)
    raise AttributeError(f"module 'earthdex' has no attribute {name!r}; public names: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
