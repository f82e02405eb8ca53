"""The reader of questions: English -> `Question`, the same for the same graph, without any model or network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from nlq.lexis.lexicon import Lexicon
from nlq.lexis.remembered import file_of, recall, remember
from nlq.lexis.sources import SensorFact, Sources, read_sources
from nlq.lexis.vocabulary import concept_entries, record_entries
from nlq.lexis.words import listed
from nlq.question import Question
from nlq.sheet.patterns import keep_patterns, recall_patterns
from nlq.sheet.pipeline import Pipeline, as_spacy
from nlq.sheet.reading import Draft, Reading
from nlq.sheet.tokens import MAX_CHARACTERS, MAX_WORDS, clean, key, tokenize
from nlq.stages import link
from nlq.stages.alternatives import read_alternatives
from nlq.stages.asked_of import asks_of_list, read_choice
from nlq.stages.best_of_each import read_best_of_each
from nlq.stages.calendar_forms import read_calendar_forms
from nlq.stages.clauses import read_clauses
from nlq.stages.codes import read_codes
from nlq.stages.collection_ids import read_collection_ids
from nlq.stages.comparing import read_comparisons
from nlq.stages.conditions import add_conditions
from nlq.stages.coordinates import read_coordinates
from nlq.stages.corrections import correct_marks, correct_words
from nlq.stages.dates import read_dates
from nlq.stages.details import read_details
from nlq.stages.editions import read_editions
from nlq.stages.false_friends import drop_false_friends
from nlq.stages.follow import merge
from nlq.stages.foreign_kinds import read_foreign_kinds
from nlq.stages.forms import read_forms, settle_forms
from nlq.stages.languages import read_language
from nlq.stages.latitudes import read_latitudes
from nlq.stages.leftovers import settle_implied, unused_words, used_spans
from nlq.stages.licence_words import read_licence_words
from nlq.stages.lookups import read_lookups
from nlq.stages.more_of import read_more_of
from nlq.stages.names import loosen_names, settle_names
from nlq.stages.numbers import read_bounds, read_numbers
from nlq.stages.of_the_first import read_of_the_first
from nlq.stages.outside import check_outside
from nlq.stages.periods import read_periods
from nlq.stages.permission import read_permission
from nlq.stages.place_mending import mend_places
from nlq.stages.place_names import read_place_names
from nlq.stages.place_questions import read_place_questions
from nlq.stages.places import Places
from nlq.stages.premises import check_premises
from nlq.stages.pronouns import resolve_pronouns
from nlq.stages.quantities import read_quantities, settle_quantities
from nlq.stages.ranking import read_ranking, settle_metric_words
from nlq.stages.refusals import check_asked, check_sense
from nlq.stages.relations import read_relations
from nlq.stages.scene_words import read_scene_words
from nlq.stages.second_meanings import read_second_meanings
from nlq.stages.sensor_lists import read_sensor_lists
from nlq.stages.sentences import drop_chatter
from nlq.stages.shares import read_bare_shares
from nlq.stages.side_by_side import read_side_by_side
from nlq.stages.spelling import Speller
from nlq.stages.targets import decide_target
from nlq.stages.themes import read_phrases, read_themes
from nlq.stages.titles import read_titles, settle_titles
from nlq.stages.when import settle_times
from nlq.stages.where import settle_places
from nlq.stages.wishes import check_wishes

_MAX_CONTEXT = 12
_PATTERNS = "patterns.bin"
# methods whose names stand for more than the models that are called after them
_METHODS = frozenset(
    listed(
        "supervised moco simclr seco dino dinov2 dinov3 maskedautoencoder clip contrastive distillation "
        "none byol jepa mae ibot selfsupervised multitask"
    )
)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the stages know."""

    lexicon: Lexicon
    sensors: dict[str, SensorFact]
    places: Places
    speller: Speller


def build_lexicon(sources: Sources) -> Lexicon:
    """The lexicon of a graph's vocabularies, records and agents, and of the grammar's own words."""
    lexicon = Lexicon.of(concept_entries(sources.terms))
    taken = {key(entry.phrase or entry.value) for entry in concept_entries(sources.terms)}
    taken -= {key(one.label) for one in sources.terms if one.scheme == "pretraining" and key(one.label) not in _METHODS}
    taken |= {key(one.phrase) for one in sources.entries if one.kind == "agent" and one.phrase.isupper()}
    for entry in record_entries(sources.names, tuple(taken)):
        lexicon.add(entry)
    for entry in sources.entries:
        lexicon.add(entry)
    for entry in link.grammar_entries():
        lexicon.add(entry)
    return lexicon


class Engine:
    """Reads questions over one version of a graph."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Join the stages; `Engine.open` is the usual way.

        Args:
            knowledge: lexicon, sensors, gazetteer and spelling.
        """
        self._known = knowledge
        self._prepare: Callable[[Reading], None] = lambda reading: None
        self._pipeline: Pipeline | None = None
        self._patterns: Path | None = None  # where compiled patterns are kept

    @classmethod
    def open(cls, home: Any) -> Engine:  # noqa: ANN401 - kg.home.Home, or anything that answers queries
        """The reader for a home.

        Args:
            home: an open `kg.home.Home`.
        """
        from kg.gazetteer import open_gazetteer

        file = file_of(home)
        if file is not None:
            recall_patterns(file.with_name(_PATTERNS))
        kept = recall(file) if file is not None else None
        if kept is None:
            sources = read_sources(getattr(home, "graph", home))
            kept = build_lexicon(sources), _sensors(sources)
            if file is not None:
                remember(file, *kept)
        lexicon, sensors = kept
        gazetteer = open_gazetteer(getattr(home, "path", None))
        engine = cls(Knowledge(lexicon, sensors, Places(gazetteer), Speller(lexicon, gazetteer)))
        engine._patterns = file.with_name(_PATTERNS) if file is not None else None
        return engine

    @classmethod
    def of(cls, sources: Sources, gazetteer: Any) -> Engine:  # noqa: ANN401 - GazetteerLike
        """The reader for these sources and this gazetteer."""
        lexicon = build_lexicon(sources)
        return cls(Knowledge(lexicon, _sensors(sources), Places(gazetteer), Speller(lexicon, gazetteer)))

    def read(self, text: str, context: Sequence[str] = (), reference_date: date | str | None = None) -> Question:
        """The interpretation of a question.

        Args:
            text: the question in English.
            context: earlier questions of the same talk, oldest first.
            reference_date: the day that `yesterday` and `last month` count from; today by default.
        """
        today = _day(reference_date)
        earlier: Draft | None = None
        for one in list(context)[-_MAX_CONTEXT:]:
            earlier = self._draft(str(one), today, earlier).draft
        reading = self._draft(str(text), today, earlier)
        if self._patterns is not None:
            keep_patterns(self._patterns)
        return _finish(reading)

    def as_spacy(self, reference_date: date | str | None = None) -> Any:  # noqa: ANN401 - a spaCy Language
        """The stages as a spaCy pipeline: `question_of(nlp(text))` is what `read(text)` says.

        Args:
            reference_date: the day that relative dates count from; today by default.

        Raises:
            ImportError: spaCy is not installed.
        """
        return as_spacy(self._stages(), _day(reference_date))

    def _draft(self, text: str, today: date, earlier: Draft | None) -> Reading:
        if len(text) > MAX_CHARACTERS or len(text.split()) > MAX_WORDS:
            reading = Reading(text[:200], tokenize(clean(text[:200])), today)
            reading.draft.refuse(
                f"The question is too long: at most {MAX_CHARACTERS} characters and {MAX_WORDS} words."
            )
            return reading
        if self._pipeline is None:
            self._pipeline = Pipeline(self._stages())

        def prepare(reading: Reading) -> None:
            reading.has_context = earlier is not None
            reading.earlier = earlier

        reading = self._pipeline.run(text, today, prepare)
        self._known.places.forget()
        return reading

    def _stages(self) -> tuple[tuple[str, Callable[[Reading], None]], ...]:
        known = self._known
        return (
            ("sense", check_sense),
            ("spelling", known.speller.correct),
            ("sense again", _sense_again),
            ("corrections", correct_words),
            ("codes", read_codes),
            ("titles", read_titles),
            ("collections", lambda reading: read_collection_ids(reading, known.lexicon)),
            ("names", lambda reading: link.link_early(reading, known.lexicon, known.places)),
            ("editions", lambda reading: read_editions(reading, known.lexicon)),
            ("crafts", lambda reading: read_sensor_lists(reading, known.lexicon)),
            ("coordinates", read_coordinates),
            ("latitudes", read_latitudes),
            ("calendar", read_calendar_forms),
            ("dates", read_dates),
            ("numbers", read_numbers),
            ("phrases", lambda reading: link.link_late(reading, known.lexicon, known.places)),
            ("unknown", lambda reading: link.link_unknown(reading, known.lexicon)),
            ("unlike", link.link_unlike),
            ("friends", drop_false_friends),
            ("placenames", lambda reading: read_place_names(reading, known.places, known.speller)),
            ("foreign", lambda reading: read_foreign_kinds(reading, known.places)),
            ("mended", lambda reading: mend_places(reading, known.places)),
            ("corrected", correct_marks),
            ("bounds", read_bounds),
            ("quantities", read_quantities),
            ("periods", read_periods),
            ("placequestions", lambda reading: read_place_questions(reading, known.places)),
            ("asked", check_asked),
            ("wishes", check_wishes),
            ("outside", check_outside),
            ("chatter", drop_chatter),
            ("metrics", settle_metric_words),
            ("pronouns", resolve_pronouns),
            ("permission", read_permission),
            ("second", read_second_meanings),
            ("relations", read_relations),
            ("forms", read_forms),
            ("together", read_side_by_side),
            ("comparing", read_comparisons),
            ("lookups", _lookups),
            ("parts", lambda reading: loosen_names(reading, known.lexicon)),
            ("target", _target),
            ("themes", read_themes),
            ("access", read_phrases),
            ("licences", read_licence_words),
            ("clauses", read_clauses),
            ("details", read_details),
            ("clouds", read_scene_words),
            ("places", lambda reading: settle_places(reading, known.places)),
            ("times", settle_times),
            ("totals", settle_forms),
            ("ranking", read_ranking),
            ("of the first", read_of_the_first),
            ("best of each", read_best_of_each),
            ("record", settle_names),
            ("named", settle_titles),
            ("values", settle_quantities),
            ("shares", read_bare_shares),
            ("conditions", add_conditions),
            ("choice", read_choice),
            ("more", read_more_of),
            ("alternatives", read_alternatives),
            ("talk", merge),
            ("premises", lambda reading: check_premises(reading, known.sensors)),
            ("implied", lambda reading: settle_implied(reading, known.sensors)),
            ("language", read_language),
        )


def _sensors(sources: Sources) -> dict[str, SensorFact]:
    return {key(one.label): one for one in sources.sensors}


def _sense_again(reading: Reading) -> None:
    """What was misspelt may be an order, or no question at all."""
    if any(one.corrected for one in reading.tokens) and not reading.draft.refusals:
        check_sense(reading)


def _lookups(reading: Reading) -> None:
    about = None
    earlier = reading.earlier
    if earlier is not None and (
        any(one.property == "name" and one.op == "=" for one in earlier.filters) or asks_of_list(reading)
    ):
        about = earlier.target
    read_lookups(reading, about=about)


def _target(reading: Reading) -> None:
    earlier = reading.earlier
    if earlier is not None:
        from nlq.stages.follow import keep_target
        from nlq.stages.takeback import take_back

        take_back(reading, earlier)
    decide_target(reading)
    if earlier is not None and earlier.target is not None:
        keep_target(reading, earlier)


def _day(value: date | str | None) -> date:
    if isinstance(value, date):
        return value
    if value and re.fullmatch(r"\d{4}-\d\d-\d\d.*", value):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return date.today()
    return date.today()


def question_of(document: Any) -> Question:  # noqa: ANN401 - a spaCy Doc
    """The interpretation in a document that `Engine.as_spacy` has read."""
    return _finish(document.user_data["reading"])


def _finish(reading: Reading) -> Question:
    draft = reading.draft
    refused = bool(draft.refusals)
    return Question(
        text=reading.text,
        target=draft.target,
        filters=tuple(draft.filters),
        either=tuple(draft.either),
        places=tuple(draft.places),
        place_op=draft.place_op if len(draft.places) > 1 else None,
        relation=(draft.relation or "intersects") if draft.places else None,
        distance_km=draft.distance_km if draft.places and draft.relation == "distance" else None,
        times=tuple(draft.times),
        time_same_as=draft.time_same_as,
        months=tuple(draft.months),
        time_relation=draft.time_relation,
        order=draft.order,
        limit=draft.limit,
        offset=draft.offset,
        aggregate=draft.aggregate,
        group_by=tuple(draft.group_by),
        having=draft.having,
        compare=draft.compare,
        returns=tuple(draft.returns),
        answerable=not refused,
        clarify=bool(draft.clarify),
        reason=" ".join(draft.refusals[:3]) if refused else draft.clarify,
        unused=unused_words(reading),
        assumptions=tuple(draft.assumptions),
        spans=used_spans(reading),
    )
