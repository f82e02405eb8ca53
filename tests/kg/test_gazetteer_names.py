"""The key of a name: one form for all spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.gazetteer.names import fold, key


@given(st.text(max_size=80))
def test_key_is_idempotent(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.text(max_size=30))
def test_fold_gives_words_only(text: str) -> None:
    assert all(word and not word.isspace() for word in fold(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mt. Etna", "MOUNT ETNA"),
        ("St. Petersburg", "saint petersburg"),
        ("São Paulo", "sao paulo"),
        ("Gdańsk", "GDANSK"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("the Sahel", "Sahel"),
        ("Baden-Württemberg", "Baden Wurttemberg"),
        ("Москва", "МОСКВА"),
        ("Łódź", "lodz"),
        ("Reykjavík", "reykjavik"),
    ],
)
def test_spellings_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_no_key_of_nothing() -> None:
    assert key("") == key(" -–, ") == ""
