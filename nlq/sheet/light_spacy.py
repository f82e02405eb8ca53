"""SpaCy without what a blank pipeline never uses.

Importing spaCy also imports its command line, and torch or TensorFlow where they are installed: seconds and hundreds
of megabytes for nothing. Both are kept out while it is imported, and are found as ever afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

# what spaCy's neural layers (thinc.compat) would import if it is installed
_NEURAL = ("torch", "tensorflow", "mxnet", "cupy", "h5py")
_TOKENIZER = "earthdex.tokens.v1"


@contextmanager
def _hidden(replaced: dict[str, ModuleType | None]) -> Iterator[None]:
    """Stands other modules in for some, unless the process has imported them; None makes their import fail."""
    absent = [name for name in replaced if name not in sys.modules]
    sys.modules.update({name: replaced[name] for name in absent})  # type: ignore[misc]  # None: Python reference, 5.3.1
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def _command_line() -> dict[str, ModuleType | None]:
    """A stand-in for `spacy.cli`, from which spaCy re-exports `info`; calling it imports the real one."""

    def info(*values: Any, **options: Any) -> Any:  # noqa: ANN401 - spaCy's own function
        from spacy.cli.info import info as real

        return real(*values, **options)

    package, module = ModuleType("spacy.cli"), ModuleType("spacy.cli.info")
    package.__path__ = []
    vars(package)["info"] = module
    vars(module)["info"] = info
    return {"spacy.cli": package, "spacy.cli.info": module}


@lru_cache(maxsize=1)
def import_spacy() -> Any:  # noqa: ANN401 - a module
    """SpaCy, imported on first use."""
    with _hidden({**dict.fromkeys(_NEURAL), **_command_line()}):
        import spacy
        import spacy.tokens
    if "spacy.cli" not in sys.modules:
        vars(spacy).pop("cli", None)
    return spacy


def blank_english(tokenize: Callable[[Any], Callable[[str], Any]]) -> Any:  # noqa: ANN401 - a spaCy Language
    """A blank English pipeline with a tokenizer of our own.

    Args:
        tokenize: makes the tokenizer from the pipeline's `Language`; named in the pipeline's configuration, so that
            spaCy does not first build its own with 1,300 special cases.
    """
    spacy = import_spacy()

    @spacy.registry.tokenizers(_TOKENIZER)  # type: ignore[untyped-decorator]
    def _make() -> Callable[[Any], Callable[[str], Any]]:
        return tokenize

    return spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": _TOKENIZER}}})
