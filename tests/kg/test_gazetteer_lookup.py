"""Names -> places: rank, qualifiers, directions, other scripts, misspellings, hostile names."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.gazetteer import open_gazetteer
from kg.gazetteer.engine import Gazetteer
from kg.gazetteer.place import Place


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return open_gazetteer()


def first(gazetteer: Gazetteer, name: str) -> Place:
    found = gazetteer.lookup(name)
    assert found, name
    return found[0].place


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("Georgia", "country/GE"),
        ("Georgia, USA", "admin1/US.GA"),
        ("Tbilisi, Georgia", "city/611717"),
        ("Atlanta, Georgia", "city/4180439"),
        ("Paris", "city/2988507"),
        ("Paris, Texas", "city/4717560"),
        ("Paris (Texas)", "city/4717560"),
        ("Naples", "city/3172394"),
        ("Napoli", "city/3172394"),
        ("Naples, Florida", "city/4165565"),
        ("Toledo, Ohio", "city/5174035"),
        ("Toledo, Spain", "city/2510409"),
        ("Venice", "city/3164603"),
        ("Cork", "city/2965140"),
        ("Congo", "country/CG"),
        ("DRC", "country/CD"),
        ("Mexico", "country/MX"),
        ("Mexico City", "city/3530597"),
        ("New York", "city/5128581"),
        ("New York state", "admin1/US.NY"),
        ("Washington, D.C.", "city/4140963"),
        ("Ireland", "country/IE"),
        ("UK", "country/GB"),
        ("USA", "country/US"),
        ("Holland", "country/NL"),
        ("Deutschland", "country/DE"),
        ("Österreich", "country/AT"),
        ("Österrike", "country/AT"),
        ("日本", "country/JP"),
        ("Москва", "city/524901"),
        ("القاهرة", "city/360630"),
        ("東京", "city/1850147"),
        ("Wien", "city/2761369"),
        ("Köln", "city/2886242"),
        ("Koeln", "city/2886242"),
        ("Bayern", "admin1/DE.02"),
        ("Etna", "feature/etna"),
        ("Mount Etna", "feature/etna"),
        ("Monte Etna", "feature/etna"),
        ("Lake Victoria", "feature/lake-victoria"),
        ("North Korea", "country/KP"),
        ("South Sudan", "country/SS"),
        ("West Bengal", "admin1/IN.28"),
        ("world", "earth"),
        ("Europe", "continent/EU"),
        ("EU", "region/european-union"),
        ("the Alps", "feature/alps"),
        ("Scandinavia", "region/scandinavia"),
        ("the Sahel", "region/sahel"),
        ("Benelux", "region/benelux"),
        ("Kosovo", "country/XK"),
    ],
)
def test_the_likeliest_place_comes_first(gazetteer: Gazetteer, name: str, ref: str) -> None:
    assert first(gazetteer, name).ref == ref


def test_namesakes_are_kept_as_candidates(gazetteer: Gazetteer) -> None:
    found = gazetteer.lookup("Springfield", limit=10)
    assert len({one.place.admin1 for one in found}) >= 5
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0 <= one.score <= 1 for one in found)


def test_kinds_and_context_choose(gazetteer: Gazetteer) -> None:
    assert gazetteer.lookup("Georgia", kinds={"state"})[0].place.ref == "admin1/US.GA"
    assert gazetteer.lookup("Victoria", kinds=["lake"])[0].place.ref == "feature/lake-victoria"
    assert gazetteer.lookup("Springfield", within="Ohio")[0].place.admin1 == "US.OH"
    assert gazetteer.lookup("Cordoba", within="country/ES")[0].place.country == "ES"
    assert gazetteer.lookup("Cordoba", within="ES")[0].place.country == "ES"
    assert gazetteer.lookup("Paris", within="Japan") == []
    assert gazetteer.lookup("Paris", within="Nowhere at all") == []


@pytest.mark.parametrize(
    ("name", "side", "whole"),
    [
        ("northern Austria", "north", "country/AT"),
        ("the north of Poland", "north", "country/PL"),
        ("south-west Ukraine", "southwest", "country/UA"),
        ("south western Ukraine", "southwest", "country/UA"),
        ("central Mongolia", "central", "country/MN"),
        ("eastern part of Bolivia", "east", "country/BO"),
    ],
)
def test_directions_make_parts(gazetteer: Gazetteer, name: str, side: str, whole: str) -> None:
    place = first(gazetteer, name)
    assert place.ref == f"part/{side}/{whole}"
    part, area = gazetteer.geometry(place.iri), gazetteer.geometry(whole)
    assert part is not None and area is not None
    assert 0.05 < part.area / area.area < 0.95 and part.is_valid
    assert gazetteer.get(place.iri) == place
    assert gazetteer.parents(place.iri) == [place.iri.replace(place.ref, whole)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Copenhagn", "Copenhagen"),
        ("Kathmundu", "Kathmandu"),
        ("Ljublana", "Ljubljana"),
        ("Reykjavick", "Reykjavík"),
        ("Ausria", "Austria"),
        ("Switzerlnad", "Switzerland"),
        ("Kilimanjaor", "Kilimanjaro"),
        ("Bruxxelles", "Brussels"),
    ],
)
def test_misspelt_names_are_mended(gazetteer: Gazetteer, written: str, meant: str) -> None:
    found = gazetteer.fuzzy(written)
    assert found[0].place.name.casefold().endswith(meant.casefold()) and found[0].distance > 0


def test_fuzzy_does_not_guess_short_or_strange_words(gazetteer: Gazetteer) -> None:
    assert gazetteer.fuzzy("abc") == gazetteer.fuzzy("") == gazetteer.fuzzy("x" * 500) == []
    assert gazetteer.fuzzy("qwxzjkvbqwxz") == []


@pytest.mark.parametrize(
    ("text", "start", "end", "ref"),
    [
        ("scenes of New York City today", 2, 5, "city/5128581"),
        ("over the Black Sea in May", 1, 4, "feature/black-sea"),
        ("in Baden - Württemberg now", 1, 4, "admin1/DE.01"),
        ("near Mt . Etna", 1, 4, "feature/etna"),
        ("for the south of France only", 1, 5, "region/southern-france"),
        ("in eastern Bolivia", 1, 3, "part/east/country/BO"),
        ("Lake Victoria", 0, 2, "feature/lake-victoria"),
    ],
)
def test_longest_match(gazetteer: Gazetteer, text: str, start: int, end: int, ref: str) -> None:
    found = gazetteer.longest_match(text.split(), start)
    assert found is not None
    assert found[0] == end
    assert found[1][0].place.ref == ref or ref.startswith("region/")


def test_no_match_where_no_name_begins(gazetteer: Gazetteer) -> None:
    assert gazetteer.longest_match(["zzyzxq", "scenes"], 0) is None
    assert gazetteer.longest_match(["?", "Paris"], 0) is None
    assert gazetteer.longest_match([], 0) is None
    assert gazetteer.longest_match(["Paris"], 5) is None
    assert gazetteer.longest_match(["Paris"], -1) is None


@pytest.mark.parametrize(
    "name",
    ["", " ", "'", '"; DROP TABLE place; --', "Robert'); DROP TABLE x;--", "%", "_", "a" * 10_000, "\x00",
     "\ud800",
     "🛰️", "\u202eأبجد", "(((", "Paris,", ",,,,", "of of of", "northern", "north of", "in", "?" * 300, "x, y, z, w"],
)  # fmt: skip
def test_hostile_names_do_no_harm(gazetteer: Gazetteer, name: str) -> None:
    assert len(gazetteer.lookup(name)) <= 5
    assert len(gazetteer.fuzzy(name)) <= 5
    gazetteer.longest_match(name.split() or [name], 0)
    assert gazetteer.get(name) is None or name.strip()
    assert gazetteer.lookup("Paris", within=name) is not None


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_looked_up(text: str) -> None:
    gazetteer = open_gazetteer()
    for match in gazetteer.lookup(text):
        assert gazetteer.get(match.place.iri) == match.place
    gazetteer.longest_match(text.split(" "), 0)
    gazetteer.fuzzy(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=30), st.integers(-3, 35))
def test_any_tokens_are_scanned(tokens: list[str], start: int) -> None:
    found = open_gazetteer().longest_match(tokens, start)
    assert found is None or start < found[0] <= len(tokens)


def test_threads_share_it(gazetteer: Gazetteer) -> None:
    wrong: list[str] = []

    def work() -> None:
        for name, ref in [("Paris", "city/2988507"), ("Vienna", "city/2761369"), ("Etna", "feature/etna")] * 20:
            if gazetteer.lookup(name)[0].place.ref != ref:
                wrong.append(name)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong
