"""Finding concepts and licences by what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.concepts import label_key
from ontology.namespaces import BASE
from ontology.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load()
EVERY = [(name, one) for name in VOCABULARY.schemes() for one in VOCABULARY.concepts(name)]


@pytest.mark.parametrize(
    ("scheme", "text", "iri"),
    [
        ("topic", "floods", "topic/flood"),
        ("topic", "Crop mapping", "topic/crop-type"),
        ("sensor", "sentinel 2a", "sensor/sentinel-2a"),
        ("sensor", "S2", "sensor/sentinel-2"),
        ("sensor", "ETM+", "sensor/etm-plus"),
        ("sensor", "Pleiades", "sensor/pleiades"),
        ("sensor", "ALOS PALSAR", "sensor/alos-palsar"),
        ("sensor", "QuickBird-2", "sensor/quickbird"),
        ("band", "NIR", "band/near-infrared"),
        ("band", "Sentinel-2 B2", "band/sentinel-2/b02"),
        ("band", "Landsat-7 B4", "band/landsat-7/b4"),
        ("band", "B8A", "band/sentinel-2/b8a"),
        ("band", "VV", "band/vv"),
        ("band", "Sentinel-1 VV", "band/sentinel-1/vv"),
        ("hcat", "corn", "class/hcat/x-maize"),
        ("class/hcat", "winter wheat", "class/hcat/3301010101"),
        ("class/hcat", "canola", "class/hcat/3301060400"),
        ("class/corine", "211", "class/corine/211"),
        ("class/worldcover", "trees", "class/worldcover/10"),
        ("class/wmo-sea-ice", "FYI", "class/wmo-sea-ice/86"),
        ("metric", "mean IoU", "metric/miou"),
        ("architecture", "unet", "architecture/u-net"),
    ],
)
def test_people_find_what_they_mean(scheme: str, text: str, iri: str) -> None:
    assert VOCABULARY.find(scheme, text) == BASE + iri


def test_every_label_finds_its_own_concept_and_every_synonym_some_concept() -> None:
    for name, one in EVERY:
        assert VOCABULARY.find(name, one.label) == one.iri, one.label
        for text in one.alt:
            assert VOCABULARY.find(name, text) is not None, text


def test_what_is_not_there_is_not_found() -> None:
    assert VOCABULARY.find("topic", "xyzzy") is None
    assert VOCABULARY.find("topic", "") is None
    assert VOCABULARY.find("no-such-scheme", "flood") is None
    assert VOCABULARY.concepts("no-such-scheme") == ()
    assert VOCABULARY.get(BASE + "topic/xyzzy") is None


def test_advice_names_the_nearest_labels() -> None:
    assert VOCABULARY.suggest("topic", "flod")[0] == "flood"
    assert "Sentinel-2" in VOCABULARY.suggest("sensor", "sentinal-2")
    assert VOCABULARY.suggest("topic", "€€€€") == []


@given(st.sampled_from(EVERY), st.data())
def test_spelling_does_not_matter(entry: tuple[str, object], data: st.DataObject) -> None:
    name, one = entry
    label: str = getattr(one, "label")  # noqa: B009
    sloppy = "".join(
        data.draw(st.sampled_from([letter.upper(), letter.lower()])) if letter.isascii() else letter for letter in label
    )
    sloppy = sloppy.replace(" ", data.draw(st.sampled_from([" ", "-", "  "])))
    assert label_key(sloppy) == label_key(label)
    assert VOCABULARY.find(name, sloppy) == getattr(one, "iri")  # noqa: B009


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    for scheme in ("topic", "sensor", "class/hcat"):
        found = VOCABULARY.find(scheme, text)
        assert found is None or VOCABULARY.get(found) is not None
    VOCABULARY.find_licence(text)
    assert len(VOCABULARY.suggest("topic", text)) <= 3
