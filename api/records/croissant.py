"""A dataset as Croissant 1.1 with the extensions for geospatial data (GeoCroissant 1.0) and responsible AI (RAI 1.0).

Only files with a checksum can be files of Croissant; others are told in words. The classes of the labels are a record
set with their values, which other tools can join with masks. What is unknown is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.records.bands import Wave
from api.records.citation import bibtex, makers, year
from api.records.licences import licence_link
from api.records.schema_org import described, keywords
from kg.record import File, Record

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MOST_FILES = 500
_SUMS = {"md5": 32, "sha256": 64}
CONFORMS = (
    "http://mlcommons.org/croissant/1.1",
    "http://mlcommons.org/croissant/geo/1.0",
    "http://mlcommons.org/croissant/RAI/1.0",
)
# the context that the specification gives, term by term
_TERMS = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileProperty fileObject fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "geocr": "http://mlcommons.org/croissant/geo/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
    **{one: f"cr:{one}" for one in _TERMS.split()},
}
_ENCODINGS = {
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".tgz": "application/gzip",
    ".tar": "application/x-tar",
    ".csv": "text/csv",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".nc": "application/netcdf",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".pkl": "application/octet-stream",
}


def croissant(record: Record, outline: BaseGeometry | None, waves: Sequence[Wave], base: str) -> dict[str, Any]:
    """The Croissant document of a dataset.

    Args:
        record: the dataset.
        outline: what it covers, in degrees; None where unknown.
        waves: its bands.
        base: address of the service, without a slash at its end.
    """
    files = [one for one in record.files if _is_file(one)][:_MOST_FILES]
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS),
        "name": record.title,
        "alternateName": list(record.values.get("skos:altLabel", ())),
        "description": _description(record, files),
        "url": record.page or f"{base}/dataset/{quote(record.id)}",
        "identifier": record.iri,
        "sameAs": [record.iri, *([f"https://doi.org/{record.doi}"] if record.doi else [])],
        "keywords": keywords(record),
        "inLanguage": ["en"],
        "license": [licence_link(one) or one.name for one in record.licences] or record.licence_text,
        "creator": [{"@type": "sc:Organization", "name": one.name} for one in makers(record)],
        "publisher": [{"@type": "sc:Organization", "name": one.name} for one in record.named("dct:publisher")],
        "datePublished": year(record),
        "version": _version(record.value("dcat:version")),
        "citeAs": bibtex(record),
        "citation": [one.iri for one in record.named("dct:isReferencedBy")],
        "distribution": _distribution(files),
        "recordSet": _record_sets(record),
        "temporalCoverage": f"{record.start or '..'}/{record.end or '..'}" if record.start or record.end else "",
        "spatialCoverage": _coverage(record, outline),
        **_geo(record, waves),
        **_rai(record),
    }
    return {key: value for key, value in made.items() if value}


def _is_file(file: File) -> bool:
    size = _SUMS.get(file.algorithm)
    return file.direct and size is not None and bool(re.fullmatch(rf"[0-9a-f]{{{size}}}", file.checksum))


def _description(record: Record, files: Sequence[File]) -> str:
    rest = [one.url for one in record.files if one.url and one not in files]
    text = described(record)
    return f"{text} Offered without a checksum: {', '.join(rest[:20])}." if rest else text


def _version(text: str) -> str:
    """A version as Croissant takes it: `1.7` -> `1.7.0`; other names stay."""
    return f"{text}{'.0' * (2 - text.count('.'))}" if re.fullmatch(r"\d+(?:\.\d+){0,2}", text) else text


def _distribution(files: Sequence[File]) -> list[dict[str, Any]]:
    made, taken = [], set[str]()
    for number, one in enumerate(files, 1):
        name = one.title or one.url.rsplit("/", 1)[-1] or "file"
        key = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "file"
        key = key if key not in taken else f"{key}-{number}"
        taken.add(key)
        size = {"contentSize": f"{one.byte_size} B"} if one.byte_size is not None else {}
        made.append(
            {
                "@type": "cr:FileObject",
                "@id": key,
                "name": name,
                "contentUrl": one.url,
                "encodingFormat": _encoding(one),
                one.algorithm: one.checksum,
                **size,
            }
        )
    return made


def _encoding(file: File) -> str:
    name = (file.title or file.url).lower().split("?")[0]
    return next((kind for ending, kind in _ENCODINGS.items() if name.endswith(ending)), "application/octet-stream")


def _record_sets(record: Record) -> list[dict[str, Any]]:
    """The classes of the labels, and the publisher's folds, as small tables with their rows."""
    made = []
    if record.classes and all(one.value is not None for one in record.classes):
        rows = [{"classes/value": one.value, "classes/name": one.name} for one in record.classes]
        fields = [
            _field("classes/value", "sc:Integer", "Number in the files."),
            _field("classes/name", "sc:Text", "Name."),
        ]
        made.append(_table("classes", "Classes of the labels.", ["sc:Enumeration"], "classes/value", fields, rows))
    elif record.classes:
        names = [{"classes/name": one.name} for one in record.classes]
        fields = [_field("classes/name", "sc:Text", "Name.")]
        made.append(_table("classes", "Classes of the labels.", ["sc:Enumeration"], "classes/name", fields, names))
    if record.splits:
        folds = [{"splits/name": name} for name, _ in record.splits]
        fields = [_field("splits/name", "sc:Text", "Name.")]
        made.append(_table("splits", "Folds of the publisher.", ["cr:Split"], "splits/name", fields, folds))
    return made


def _table(
    name: str, about: str, kinds: list[str], key: str, fields: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": about,
        "dataType": kinds,
        "key": {"@id": key},
        "field": fields,
        "data": rows,
    }


def _field(key: str, kind: str, about: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": key, "name": key.partition("/")[2], "description": about, "dataType": kind}


def _coverage(record: Record, outline: BaseGeometry | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"@type": "Place", "name": one.name} for one in record.named("dct:spatial")[:50]]
    if outline is not None:
        west, south, east, north = outline.bounds
        # schema.org: latitude before longitude, the south-western corner first
        shape = {"@type": "GeoShape", "box": f"{south:.6g} {west:.6g} {north:.6g} {east:.6g}"}
        found.insert(0, {"@type": "Place", "geo": shape})
    return found


def _geo(record: Record, waves: Sequence[Wave]) -> dict[str, Any]:
    """What GeoCroissant asks for: CRS, resolution, bands with their wavelengths, and where the data lies."""
    places = [one.name for one in record.named("dct:spatial")]
    metres = sorted(float(one) for one in record.values.get("dcat:spatialResolutionInMeters", ()))
    names = [one.strip() for one in record.value("ed:bandOrder").split(";") if one.strip()] or [
        one.name for one in waves
    ]
    spectral = [
        {
            "@type": "geocr:SpectralBand",
            "name": one.name,
            "geocr:centerWavelength": _quantity(one.centre, "nm"),
            **({"geocr:bandwidth": _quantity(one.width, "nm")} if one.width is not None else {}),
        }
        for one in waves
        if one.centre is not None
    ]
    return {
        "geocr:coordinateReferenceSystem": record.value("ed:crs"),
        "geocr:spatialResolution": _quantity(metres[0], "m") if metres else None,
        "geocr:bandConfiguration": {
            "@type": "geocr:BandConfiguration",
            "geocr:totalBands": len(names),
            "geocr:bandNamesList": names,
        }
        if names
        else None,
        "geocr:spectralBandMetadata": spectral,
        "geocr:spatialBias": f"Covers {', '.join(places[:20])} only." if places and not record.is_global else "",
    }


def _quantity(value: float | None, unit: str) -> dict[str, Any]:
    number = int(value) if value is not None and value.is_integer() else value
    return {"@type": "QuantitativeValue", "value": number, "unitText": unit}


def _rai(record: Record) -> dict[str, Any]:
    """What the RAI extension asks for, as far as the record holds facts about it."""
    sources = [one.name for one in record.named("ed:annotationSource")]
    kinds = [one.name for one in record.named("ed:annotationType")]
    told = [f"{', '.join(kinds) or 'labels'}; made by: {', '.join(sources)}"] if sources else []
    sensors = [one.name for one in record.named("ed:sensor")]
    return {
        "rai:dataCollection": f"Imagery of {', '.join(sensors)}." if sensors else "",
        "rai:dataCollectionTimeframe": [one for one in (record.start, record.end) if one],
        "rai:dataAnnotationProtocol": told,
        "rai:dataUseCases": [one.name for one in record.named("ed:task")],
        "rai:dataLimitations": list(record.values.get("skos:note", ())),
    }
