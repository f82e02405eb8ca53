"""What the packaged gazetteer holds: counts, size, outlines, capitals, and where well-known places lie."""

from __future__ import annotations

import pytest
import shapely

from kg.gazetteer import open_gazetteer, packaged_file
from kg.gazetteer.engine import Gazetteer
from kg.gazetteer.place import city_radius_km
from ontology.vocabulary import Vocabulary

# Longitude and latitude from general knowledge; the place must lie within half a degree of them.
KNOWN = """\
London -0.1 51.5|Paris 2.35 48.86|Berlin 13.4 52.5|Madrid -3.7 40.4|Rome 12.5 41.9|Vienna 16.4 48.2|Warsaw 21 52.2
Athens 23.7 38|Lisbon -9.1 38.7|Dublin -6.3 53.3|Oslo 10.75 59.9|Stockholm 18.1 59.3|Helsinki 24.9 60.2
Copenhagen 12.6 55.7|Reykjavik -21.9 64.1|Moscow 37.6 55.75|Kyiv 30.5 50.45|Istanbul 29 41|Cairo 31.2 30
Nairobi 36.8 -1.3|Lagos 3.4 6.5|Johannesburg 28 -26.2|Cape Town 18.4 -33.9|Addis Ababa 38.7 9|Dakar -17.4 14.7
Casablanca -7.6 33.6|Timbuktu -3 16.8|Bamako -8 12.65|Kinshasa 15.3 -4.3|Dar es Salaam 39.3 -6.8|Beirut 35.5 33.9
Jerusalem 35.2 31.8|Baghdad 44.4 33.3|Tehran 51.4 35.7|Dubai 55.3 25.2|Karachi 67 24.9|Mumbai 72.9 19
Delhi 77.2 28.65|Kolkata 88.4 22.6|Dhaka 90.4 23.7|Kathmandu 85.3 27.7|Beijing 116.4 39.9|Shanghai 121.5 31.2
Hong Kong 114.2 22.3|Tokyo 139.7 35.7|Osaka 135.5 34.7|Seoul 127 37.6|Bangkok 100.5 13.75|Hanoi 105.8 21
Manila 121 14.6|Jakarta 106.8 -6.2|Kuala Lumpur 101.7 3.1|Singapore 103.8 1.35|Sydney 151.2 -33.9
Melbourne 145 -37.8|Perth 115.9 -32|Auckland 174.8 -36.9|New York City -74 40.7|Los Angeles -118.2 34
Chicago -87.6 41.9|Houston -95.4 29.8|Miami -80.2 25.8|Seattle -122.3 47.6|Toronto -79.4 43.7|Vancouver -123.1 49.2
Yellowknife -114.4 62.5|Mexico City -99.1 19.4|Havana -82.4 23.1|Bogotá -74.1 4.6|Lima -77 -12
Santiago, Chile -70.65 -33.45|Buenos Aires -58.4 -34.6|São Paulo -46.6 -23.5|Rio de Janeiro -43.2 -22.9
Manaus -60 -3.1|Quito -78.5 -0.2|Caracas -66.9 10.5|La Paz, Bolivia -68.1 -16.5|Etna 15 37.75|Vesuvius 14.4 40.8
Stromboli 15.2 38.8|Kilauea -155.3 19.4|Mount Fuji 138.7 35.4|Mount St. Helens -122.2 46.2|Mount Everest 86.9 28
Mont Blanc 6.9 45.8|Kilimanjaro 37.35 -3.1|Denali -151 63.1|Matterhorn 7.7 46|Aconcagua -70 -32.65
Lake Victoria 33 -1|Lake Geneva 6.5 46.45|Lake Tahoe -120 39.1|Lake Titicaca -69.4 -15.8|Aral Sea 60 45
Dead Sea 35.5 31.5|Suez Canal 32.4 30.5|Strait of Gibraltar -5.6 36|Bosporus 29.1 41.1|Camargue 4.5 43.5
Sicily 14 37.5|Crete 24.9 35.2|Iceland -18.7 65|Galápagos Islands -90.5 -0.5|Falkland Islands -59.5 -51.7
Serengeti 34.7 -2.3|Okavango Delta 22.8 -19.3|Chernobyl 30.2 51.3|Great Barrier Reef 147 -18
Grand Canyon -112.5 36.2"""


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return open_gazetteer()


def _known() -> list[tuple[str, float, float]]:
    rows = [one.rsplit(" ", 2) for line in KNOWN.splitlines() for one in line.split("|")]
    return [(name, float(lon), float(lat)) for name, lon, lat in rows]


def test_a_hundred_places_are_listed() -> None:
    assert len(_known()) >= 100


@pytest.mark.parametrize(("name", "lon", "lat"), _known())
def test_well_known_places_lie_where_they_are(gazetteer: Gazetteer, name: str, lon: float, lat: float) -> None:
    found = gazetteer.lookup(name)
    assert found
    shape = gazetteer.geometry(found[0].place.iri)
    assert shape is not None
    assert shape.distance(shapely.Point(lon, lat)) < 0.5


def test_the_file_is_small() -> None:
    assert packaged_file().stat().st_size <= 12_000_000


def test_counts(gazetteer: Gazetteer) -> None:
    features = [iri for iri in gazetteer.iris() if "/place/feature/" in iri]
    assert len(gazetteer.of_kind("country")) == 250
    assert len(gazetteer.of_kind("continent")) == 7
    assert len(gazetteer.of_kind("city")) >= 30_000
    assert len(gazetteer.of_kind("state")) >= 3_000
    assert len([iri for iri in gazetteer.iris() if "/place/region/" in iri]) >= 100
    assert len(features) >= 1_200
    for kind, least in [
        ("volcano", 300), ("mountain", 250), ("lake", 250), ("sea", 70), ("river", 200), ("island", 200),
        ("desert", 50), ("basin", 50), ("strait", 40), ("gulf", 40), ("national park", 100),
    ]:  # fmt: skip
        assert len(gazetteer.of_kind(kind)) >= least, kind


def test_kinds_are_concepts(gazetteer: Gazetteer) -> None:
    labels = set(Vocabulary.load().labels("place-kind"))
    places = [place for iri in gazetteer.iris() if (place := gazetteer.get(iri)) is not None]
    assert {one.kind for one in places} <= labels


def test_countries_have_outlines_and_names_in_several_languages(gazetteer: Gazetteer) -> None:
    for country in gazetteer.of_kind("country"):
        shape = gazetteer.geometry(country.iri)
        assert shape is not None and shape.area > 0, country.name
        assert len(gazetteer.alternates(country.iri)) >= 6, country.name
        assert gazetteer.parents(country.iri), country.name


def test_countries_contain_their_capitals(gazetteer: Gazetteer) -> None:
    capitals = gazetteer.of_kind("capital")
    assert len(capitals) >= 200
    away = []
    for city in capitals:
        shape = gazetteer.geometry(f"country/{city.country}")
        assert shape is not None
        # a coast in a few points may leave a harbour town some kilometres out at sea
        if shape.distance(shapely.Point(city.lon, city.lat)) > 0.03:
            away.append(city.name)
    assert not away


def test_outlines_are_valid_and_in_the_world(gazetteer: Gazetteer) -> None:
    for iri in gazetteer.iris():
        shape = gazetteer.geometry(iri)
        assert shape is not None and shape.is_valid and not shape.is_empty, iri
        west, south, east, north = shape.bounds
        assert west >= -180 and south >= -90 and east <= 180 and north <= 90, iri


def test_admin1_areas_share_out_their_country(gazetteer: Gazetteer) -> None:
    for code in ("AT", "US", "BR", "IT", "IN"):
        whole = gazetteer.geometry(f"country/{code}")
        areas = [gazetteer.geometry(one.iri) for one in gazetteer.of_kind("state", within=f"country/{code}")]
        joined = shapely.union_all([one for one in areas if one is not None])
        assert whole is not None
        assert joined.intersection(whole).area > 0.95 * whole.area


def test_of_kind_within(gazetteer: Gazetteer) -> None:
    austria = {one.name for one in gazetteer.of_kind("state", within="Austria")}
    assert {"Vienna", "Tyrol", "Styria", "Salzburg"} <= austria and len(austria) == 9
    assert "Etna" in {one.name for one in gazetteer.of_kind("volcano", within="Italy")}
    assert {one.country for one in gazetteer.of_kind("city", within="Poland", limit=30)} == {"PL"}
    assert [one.name for one in gazetteer.of_kind("capital", within="Europe", limit=3)]
    assert gazetteer.of_kind("volcano", within="Luxembourg") == []
    assert gazetteer.of_kind("voivodeship") and gazetteer.of_kind("no such kind") == []


def test_neighbours(gazetteer: Gazetteer) -> None:
    assert {one.country for one in gazetteer.neighbours("country/AT")} >= {"DE", "CH", "IT", "SI", "HU", "SK", "CZ"}
    assert "Acre" in {one.name for one in gazetteer.neighbours("country/BO")}


def test_triples_tell_the_place(gazetteer: Gazetteer) -> None:
    iri = gazetteer.lookup("Etna")[0].place.iri
    told = {(str(p).rsplit("#", 1)[-1].rsplit("/", 1)[-1], str(o)) for _, p, o in gazetteer.triples(iri)}
    assert ("label", "Etna") in told
    assert ("placeKind", "https://w3id.org/earthdex/place-kind/volcano") in told
    assert ("sfWithin", "https://w3id.org/earthdex/place/country/IT") in told
    assert any(predicate == "asWKT" and text.startswith("POLYGON") for predicate, text in told)
    assert gazetteer.triples("https://w3id.org/earthdex/place/feature/no-such-place") == []
    assert gazetteer.triples(gazetteer.lookup("northern Austria")[0].place.iri)


def test_city_circles_follow_the_population(gazetteer: Gazetteer) -> None:
    assert city_radius_km(None) == 1.5
    assert 15 < city_radius_km(2_000_000) < 20
    assert city_radius_km(10**9) == 40
    shape = gazetteer.geometry("city/2761369")
    assert shape is not None and 20 < len(shape.exterior.coords) < 50


def test_attribution(gazetteer: Gazetteer) -> None:
    assert "GeoNames (CC-BY 4.0)" in gazetteer.attribution and "Natural Earth" in gazetteer.attribution
