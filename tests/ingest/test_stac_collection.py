"""STAC collections as imagery datasets, and model records as models, in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely

from ingest.known import KnownNames
from ingest.names import RecordIndex
from ingest.stac_collection import Imported, collection_iri, import_collection
from ingest.stac_facts import plain, web
from ingest.stac_model import import_model
from ontology.errors import RecordError
from ontology.namespaces import expand
from ontology.terms import IRI, Literal
from tests.corpora import corpus
from tests.ingest.stac import collection, item

NAMES = KnownNames(RecordIndex())


def read(**fields: Any) -> Imported:
    return import_collection(collection(**fields), "here.json", NAMES)


def values(found: Imported, name: str, subject: IRI | None = None) -> list[str]:
    wanted = expand(name)
    return [str(o) for s, p, o, g in found.quads if p == wanted and s == (subject or found.iri) and g is None]


def test_a_collection_is_a_dataset_of_imagery_under_an_iri_of_its_own() -> None:
    found = read(**{"id": "COPERNICUS/S2_SR", "title": "Sentinel-2 surface reflectance"})
    assert found.iri == collection_iri("COPERNICUS/S2_SR")
    assert set(values(found, "rdf:type")) == {expand("dcat:Dataset"), expand("ed:ImageryCollection")}
    assert values(found, "dct:identifier") == ["COPERNICUS/S2_SR"]
    assert values(found, "dct:title") == ["Sentinel-2 surface reflectance"]
    assert values(found, "dct:license") == ["http://spdx.org/licenses/CC-BY-4.0"]
    assert values(found, "ed:sensor") == ["https://w3id.org/earthdex/sensor/sentinel-2"]
    assert "https://w3id.org/earthdex/band/sentinel-2/b08" in values(found, "ed:band")


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"license": "proprietary"}, []),
        ({"license": "various"}, []),
        ({"license": "https://creativecommons.org/licenses/by-sa/4.0/"}, ["CC-BY-SA-4.0"]),
        ({"license": "other", "links": [{"rel": "license", "href": "https://spdx.org/licenses/ODbL-1.0.html"}]},
         ["ODbL-1.0"]),
        ({"license": "other", "gee:terms_of_use": "[CC-BY-NC-4.0](https://spdx.org/licenses/CC-BY-NC-4.0.html)"},
         ["CC-BY-NC-4.0"]),
        ({"license": "other", "gee:terms_of_use": "Data are free for non-commercial and commercial use."}, []),
        ({"license": "You may look but not touch."}, []),
        ({"license": None}, []),
    ],
)  # fmt: skip
def test_vague_licences_stay_unknown_and_their_words_are_kept(fields: dict[str, Any], licence: list[str]) -> None:
    found = read(**fields)
    assert [one.rsplit("/", 1)[1] for one in values(found, "dct:license")] == licence
    if fields["license"]:
        assert fields["license"] in values(found, "ed:licenceText")


@pytest.mark.parametrize(
    ("interval", "start", "end"),
    [
        ([["2018-01-01T00:00:00Z", None]], "2018-01-01", None),
        ([[None, "2019-12-31"]], None, "2019-12-31"),
        ([["2020-01-01T00:00:00Z", "2018-01-01T00:00:00Z"]], "2018-01-01", "2020-01-01"),
        ([["1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]], None, None),
        ([["2018-01-01", "2018-12-31"], ["2020-01-01", "2020-12-31"]], "2018-01-01", "2020-12-31"),
        ("2018", None, None),
    ],
)
def test_intervals(interval: Any, start: str | None, end: str | None) -> None:
    found = read(extent={"spatial": {"bbox": [[1, 2, 3, 4]]}, "temporal": {"interval": interval}})
    period = IRI(f"{found.iri}/period")
    assert values(found, "dcat:startDate", period) == ([start] if start else [])
    assert values(found, "dcat:endDate", period) == ([end] if end else [])


def extent(found: Imported) -> Any:
    texts = values(found, "geo:asWKT", IRI(f"{found.iri}/extent/geometry"))
    return shapely.from_wkt(texts[0]) if texts else None


def test_the_whole_world_is_flagged_and_other_extents_have_a_geometry() -> None:
    world = read(extent={"spatial": {"bbox": [[-180, -90, 180, 90]]}})
    assert values(world, "ed:globalExtent") == ["true"]
    assert extent(world) is None
    assert extent(read()).bounds == (9.5, 46.4, 17.2, 49.0)
    across = extent(read(extent={"spatial": {"bbox": [[170, -20, -170, -10]]}}))
    assert across.geom_type == "MultiPolygon"
    swapped = read(extent={"spatial": {"bbox": [[0, 10, 5, -10]]}})
    assert "extent: swapped south and north of the bbox" in swapped.repairs
    assert extent(swapped).bounds == (0, -10, 5, 10)
    old = read(extent={"spatial": [1, 2, 3, 4], "temporal": ["2018-01-01", None]})
    assert extent(old).bounds == (1, 2, 3, 4)
    finer = read(extent={"spatial": {"bbox": [[0, 0, 50, 50], [0, 0, 1, 1], [40, 40, 41, 41]]}})
    assert extent(finer).area == pytest.approx(2.0)


def test_html_markdown_and_placeholders_leave_plain_text() -> None:
    repairs: list[str] = []
    text = "<p>See [the <b>guide</b>](https://x.org)</p>\n# Head\n{{ collection.title }} &amp; more ![i](a.png)"
    assert plain(text, repairs) == "See the guide Head & more i"
    assert set(repairs) == {"text: removed HTML", "text: removed placeholders of a template"}
    assert plain("a < b and c > d", []) == "a < b and c > d"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.com/a b[1]?q=ä#x y", "https://example.com/a%20b%5B1%5D?q=ä#x%20y"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://exa mple.com", None),
        ("example.com", None),
        (5, None),
    ],
)
def test_addresses_are_valid_iris_or_nothing(text: Any, address: str | None) -> None:
    assert web(text) == address


def test_titles_in_several_languages() -> None:
    found = read(title={"de": "Wolken", "en": "Clouds"})
    assert values(found, "dct:title") == ["Clouds"]
    assert "Wolken" in values(found, "skos:altLabel")


def test_a_collection_without_identifier_is_refused() -> None:
    with pytest.raises(RecordError):
        read(id="")


def test_every_fact_has_its_source() -> None:
    found = read()
    graphs = {g for _, _, _, g in found.quads}
    assert len(graphs) == 2
    sources = {str(o) for _, p, o, _ in found.quads if p == expand("dct:source")}
    assert sources == {"here.json"}


def model(**properties: Any) -> Imported:
    return import_model(item("net-1", **properties), "here.json", "", NAMES)


def test_a_model_with_bands_sensor_tasks_framework_and_licence() -> None:
    found = model(
        **{
            "mlm:name": "U-Net for Sentinel-2",
            "mlm:architecture": "segmentation_models_pytorch.decoders.unet.model.Unet",
            "mlm:framework": "pytorch",
            "mlm:tasks": ["semantic-segmentation"],
            "mlm:total_parameters": 13_160_978,
            "mlm:accelerator": "cuda",
            "license": "Apache-2.0",
            "mlm:input": [{"bands": ["B4", {"name": "B03"}, {"name": "NDVI", "expression": "x"}],
                           "input": {"shape": [-1, 3, 64, 64], "dim_order": ["batch", "bands", "height", "width"]}}],
            "mlm:output": [{"classification:classes": [{"value": 0, "name": "no"}, {"value": 1, "name": "yes"}]}],
        }
    )  # fmt: skip
    assert found.iri == "https://w3id.org/earthdex/model/stac/things/net-1"
    assert values(found, "dct:identifier") == ["net-1"]
    assert values(found, "ed:architecture") == ["https://w3id.org/earthdex/architecture/u-net"]
    assert values(found, "ed:framework") == ["https://w3id.org/earthdex/framework/pytorch"]
    assert values(found, "ed:task") == ["https://w3id.org/earthdex/task/semantic-segmentation"]
    assert values(found, "ed:sensor") == ["https://w3id.org/earthdex/sensor/sentinel-2"]
    assert [one.rsplit("/", 1)[1] for one in values(found, "ed:band")] == ["b04", "b03"]
    assert values(found, "ed:parameterCount") == ["13160978"]
    assert values(found, "ed:bandCount") == ["3"]
    assert values(found, "ed:imageSize") == ["64"]
    assert values(found, "ed:classCount") == ["2"]
    assert values(found, "dct:license") == ["http://spdx.org/licenses/Apache-2.0"]


def test_a_band_code_without_a_sensor_means_nothing() -> None:
    assert values(model(**{"mlm:name": "Net", "mlm:input": [{"bands": ["B4"]}]}), "ed:band") == []


def test_all_quads_of_real_collections_are_well_formed() -> None:
    import json

    for number, path in enumerate(sorted(Path(corpus("gee-stac", "datasets")).glob("*.json"))):
        if number % 25:
            continue
        found = import_collection(json.loads(path.read_text(encoding="utf-8")), str(path), NAMES)
        assert values(found, "dct:title")
        for _, _, value, _ in found.quads:
            if not isinstance(value, (IRI, Literal)):
                raise TypeError(value)
