"""Classes of one taxonomy in terms of another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.concepts import CLASS_SCHEMES
from ontology.crosswalk import translate
from ontology.namespaces import BASE
from ontology.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load()
CLASSES = [one for name in CLASS_SCHEMES for one in VOCABULARY.concepts(name)]


@pytest.mark.parametrize(
    ("concept", "scheme", "wanted", "fit"),
    [
        ("hcat/winter wheat", "worldcover", "40", "broad"),
        ("hcat/maize", "worldcover", "40", "broad"),
        ("hcat/rice", "corine", "213", "close"),
        ("hcat/vineyards", "corine", "221", "close"),
        ("hcat/vineyards", "worldcover", "20", "broad"),
        ("hcat/apples", "worldcover", "10", "broad"),
        ("hcat/permanent grassland", "worldcover", "30", "close"),
        ("corine/312", "worldcover", "10", "broad"),
        ("corine/512", "worldcover", "80", "broad"),
        ("corine/411", "worldcover", "90", "close"),
        ("worldcover/70", "corine", "335", "close"),
        ("wmo-sea-ice/open water", "corine", "523", "close"),
        ("corine/211", "corine", "211", "exact"),
    ],
)
def test_classes_are_found_in_other_taxonomies(concept: str, scheme: str, wanted: str, fit: str) -> None:
    name, _, label = concept.partition("/")
    start = VOCABULARY.find(name, label)
    assert start is not None
    found = translate(start, scheme)
    assert found is not None
    assert (found.iri, found.fit) == (f"{BASE}class/{scheme}/{wanted}", fit)
    assert found.path[0] == start
    assert found.path[-1] == found.iri


def test_what_no_taxonomy_holds_has_no_translation() -> None:
    stage = VOCABULARY.find("wmo-sea-ice", "nilas")
    assert stage is not None
    assert translate(stage, "hcat") is None
    assert translate("https://example.org/class", "worldcover") is None


def test_the_label_class_of_a_dataset_goes_by_its_own_matches() -> None:
    mine = f"{BASE}dataset/x/class/corn"
    maize = VOCABULARY.find("hcat", "maize")
    assert maize is not None
    same = translate(mine, "hcat", (("exactMatch", maize),))
    assert same is not None
    assert (same.iri, same.fit) == (maize, "exact")
    for how in ("exactMatch", "closeMatch", "broadMatch"):
        held = translate(mine, "worldcover", ((how, maize),))
        assert held is not None
        assert (held.iri, held.fit) == (f"{BASE}class/worldcover/40", "broad")


def test_close_matches_do_not_drift() -> None:
    """What is close to pasture is not thereby close to all that pasture is close to."""
    pasture = f"{BASE}class/corine/231"
    near = translate("https://example.org/class/lawn", "corine", (("closeMatch", pasture),))
    assert near is not None
    assert near.fit == "close"
    far = translate("https://example.org/class/lawn", "hcat", (("closeMatch", pasture),))
    assert far is None or far.fit == "broad"


@given(st.sampled_from(CLASSES), st.sampled_from(CLASS_SCHEMES))
def test_translations_are_stable_and_end_in_the_scheme(one: object, scheme: str) -> None:
    iri = getattr(one, "iri")  # noqa: B009
    found = translate(iri, scheme)
    assert found == translate(iri, scheme)
    if found is not None:
        assert found.iri in {other.iri for other in VOCABULARY.concepts(scheme)}
        assert len(set(found.path)) == len(found.path)
    if f"/{scheme}/" in iri:
        assert found is not None
        assert found.path == (iri,)


def test_nearly_all_land_cover_translates_to_worldcover() -> None:
    lost = [one.label for one in VOCABULARY.concepts("corine") if translate(one.iri, "worldcover") is None]
    assert len(lost) <= 12, lost
    crops = [one.label for one in VOCABULARY.concepts("hcat") if translate(one.iri, "worldcover") is None]
    assert len(crops) <= 60, crops
