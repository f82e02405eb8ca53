"""The stages of the reader, one after the other over one work sheet, and the same stages as a spaCy pipeline.

Reading a question runs the stages itself: importing spaCy costs more than half a second, a quarter of what a fresh
`earthdex ask` takes, and of spaCy a pipeline with a tokenizer and rules of its own uses nothing but the loop. Whoever
builds with spaCy gets the same stages as components (`as_spacy`), to be named, left out or joined with others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeAlias

from nlq.sheet.reading import Reading
from nlq.sheet.tokens import words_of

Stage: TypeAlias = Callable[[Reading], None]
# what spaCy's neural layers (thinc.compat) would import where it is installed: seconds, for nothing
_NEURAL = ("torch", "tensorflow", "mxnet", "cupy", "h5py")
_TOKENIZER = "earthdex.tokens.v1"
_PREFIX = "earthdex_"


class Pipeline:
    """The stages in order."""

    def __init__(self, stages: tuple[tuple[str, Stage], ...]) -> None:
        """Keep the stages.

        Args:
            stages: name and function of each stage, in order.
        """
        self.stages = stages

    def run(self, text: str, reference_date: date, prepare: Callable[[Reading], None]) -> Reading:
        """Send one text through the stages, until one of them has understood it as a whole.

        Args:
            text: the question as typed.
            reference_date: the day that relative dates count from.
            prepare: tells the sheet of the talk before it.
        """
        reading = Reading(text, words_of(text), reference_date)
        prepare(reading)
        for _, stage in self.stages:
            if reading.settled:
                break
            stage(reading)
        return reading


def _import_spacy() -> Any:  # noqa: ANN401 - a module
    with _without_neural():
        import spacy
        import spacy.tokens
    return spacy


@contextmanager
def _without_neural() -> Iterator[None]:
    """Lets the import of neural libraries fail, unless the process has imported them."""
    absent = [name for name in _NEURAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: Python reference, 5.3.1
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def as_spacy(stages: tuple[tuple[str, Stage], ...], reference_date: date) -> Any:  # noqa: ANN401 - a spaCy Language
    """The stages as components of a blank English spaCy pipeline, with our tokenizer in front.

    Args:
        stages: name and function of each stage; the components are called `earthdex_<name>`.
        reference_date: the day that relative dates count from.

    Returns:
        A `spacy.Language`; a document holds its work sheet in `user_data["reading"]`.

    Raises:
        ImportError: spaCy is not installed (`pip install 'earthdex[spacy]'`).
    """
    spacy = _import_spacy()

    @spacy.registry.tokenizers(_TOKENIZER)  # type: ignore[untyped-decorator]
    def _make() -> Callable[[Any], Callable[[str], Any]]:
        return _tokenizer

    def _tokenizer(nlp: Any) -> Callable[[str], Any]:  # noqa: ANN401 - a spaCy Language
        def document(text: str) -> Any:  # noqa: ANN401 - a spaCy Doc
            tokens = words_of(text)
            words, spaces = [one.text for one in tokens], [one.space for one in tokens]
            doc = spacy.tokens.Doc(nlp.vocab, words=words, spaces=spaces)
            doc.user_data["reading"] = Reading(text, tokens, reference_date)
            doc.user_data["stages"] = dict(stages)
            return doc

        return document

    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": _TOKENIZER}}})
    for name, _ in stages:
        if not nlp.has_factory(_PREFIX + name):
            spacy.Language.component(_PREFIX + name, func=_Component(name))
        nlp.add_pipe(_PREFIX + name)
    return nlp


class _Component:
    """A stage as a spaCy component. SpaCy knows one component of a name: the stages travel with the document."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, doc: Any) -> Any:  # noqa: ANN401 - a spaCy Doc
        if not doc.user_data["reading"].settled:
            doc.user_data["stages"][self._name](doc.user_data["reading"])
        return doc
