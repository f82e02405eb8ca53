"""What Collections of datasets and Items of models have in common: texts, licence, providers, links, files, bands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.stac.facts import Band, Facts, File
from api.stac.links import web_address
from ontology.namespaces import BASE, slug
from ontology.properties import Target, properties_of

_MULTIHASH = {"sha256": "1220", "md5": "d50110", "sha1": "1114", "sha512": "1340"}
_LENGTHS = {"sha256": 64, "md5": 32, "sha1": 40, "sha512": 128}
MEDIA = {
    "COG": "image/tiff; application=geotiff; profile=cloud-optimized",
    "GeoTIFF": "image/tiff; application=geotiff",
    "JPEG": "image/jpeg",
    "JPEG 2000": "image/jp2",
    "PNG": "image/png",
    "GeoJSON": "application/geo+json",
    "JSON": "application/json",
    "HDF5": "application/x-hdf5",
    "HDF4": "application/x-hdf",
    "NetCDF": "application/netcdf",
    "Zarr": "application/vnd+zarr",
    "GeoParquet": "application/vnd.apache.parquet",
    "Parquet": "application/vnd.apache.parquet",
    "GeoPackage": "application/geopackage+sqlite3",
    "CSV": "text/csv",
}
"""Media types of formats, by label."""
_ENDINGS = ((".zip", "application/zip"), (".tar.gz", "application/gzip"), (".tgz", "application/gzip"),
            (".tar", "application/x-tar"), (".json", "application/json"), (".csv", "text/csv"),
            (".tif", MEDIA["GeoTIFF"]))  # fmt: skip
# names that bands of many sensors share, as the extension eo writes them
_COMMON = {
    "coastal aerosol": "coastal",
    "coastal": "coastal",
    "blue": "blue",
    "green": "green",
    "yellow": "yellow",
    "red": "red",
    "red edge": "rededge",
    "near infrared": "nir",
    "panchromatic": "pan",
    "cirrus": "cirrus",
}
_DOI = re.compile(r"10\.\d{4,9}/\S+").fullmatch


def texts(facts: Facts, identifier: str) -> dict[str, Any]:
    """Title, description, keywords, version, licence, providers and citation."""
    title = facts.text("title") or identifier
    keywords = list(dict.fromkeys([*facts.texts("keyword"), *facts.texts("topic")]))
    found: dict[str, Any] = {
        "title": title,
        "description": facts.text("description") or title,
        "keywords": keywords,
        "version": facts.text("version"),
        "license": _licence(facts),
        "providers": _providers(facts),
    }
    doi = facts.text("doi")
    if _DOI(doi):
        found["sci:doi"] = doi
    return {name: value for name, value in found.items() if value}


# told by fields of STAC alone, or of no use to who reads them back
_NOT_OWN = ("coverage", "time_start", "time_end", "band", "input_band", "commercial_use", "doi", "paper", "homepage",
            "keyword", "version", "publisher", "creator", "split", "metric",
            "metric_value", "evaluated_on")  # fmt: skip


def own_facts(facts: Facts, target: Target) -> dict[str, list[Any]]:
    """Facts by the names that records of ours have, for what STAC has no field; `earthdex add` reads them back."""
    found: dict[str, list[Any]] = {}
    for one in properties_of(target):
        if one.name in _NOT_OWN or one.path.startswith("^") or one.name not in facts.values:
            continue
        if one.is_number:
            values: list[Any] = [value / one.scale if one.scale != 1 else value for value in facts.numbers(one.name)]
        else:
            values = list(facts.texts(one.name))
        if values:
            found[one.name] = values
    if aliases := facts.texts("alias"):
        found["alias"] = list(aliases)
    return found


def _licence(facts: Facts) -> str:
    """The SPDX identifier; `other` where there are several, or one that SPDX does not list."""
    known = facts.texts("license")
    return known[0] if len(known) == 1 and not known[0].startswith("LicenseRef-") else "other"


def _providers(facts: Facts) -> list[dict[str, Any]]:
    roles: dict[str, list[str]] = {}
    for name, role in (("creator", "producer"), ("publisher", "host")):
        for one in facts.texts(name):
            roles.setdefault(one, []).append(role)
    return [{"name": name, "roles": listed} for name, listed in roles.items()]


def links_of(facts: Facts) -> list[dict[str, Any]]:
    """Links to what is elsewhere, and to the page for people."""
    found = [{"rel": "alternate", "href": "/" + facts.iri.removeprefix(BASE), "type": "text/html", "title": "Page"}]
    kinds = (("licence_iri", "license", "Licence"), ("paper", "cite-as", "Paper"), ("homepage", "about", "Home page"))
    for name, relation, title in kinds:
        for one in sorted({str(each) for each in facts.values.get(name, ())}):
            if web_address(one):
                found.append({"rel": relation, "href": one, "type": "text/html", "title": title})
    return found


def assets_of(files: Iterable[File], roles: list[str]) -> dict[str, dict[str, Any]]:
    """Files as assets."""
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        if not web_address(file.href):
            continue
        key = slug(file.title or file.href.split("?")[0].rstrip("/").rsplit("/", 1)[-1]) or "file"
        while key in found:
            key = f"{re.sub(r'-[0-9]+$', '', key)}-{len(found) + 1}"
        asset: dict[str, Any] = {"href": file.href, "roles": list(roles)}
        if file.title:
            asset["title"] = file.title
        path = file.href.split("?")[0].casefold()
        media = next((kind for end, kind in _ENDINGS if path.endswith(end)), MEDIA.get(file.format, ""))
        if media:
            asset["type"] = media
        if file.size is not None and file.size >= 0:
            asset["file:size"] = file.size
        if file.checksum is not None:
            algorithm, text = file.checksum
            if algorithm in _MULTIHASH and re.fullmatch(r"[0-9a-f]+", text) and len(text) == _LENGTHS[algorithm]:
                asset["file:checksum"] = _MULTIHASH[algorithm] + text
        found[key] = asset
    return found


def band_objects(things: Iterable[str], bands: Mapping[str, Band], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Bands as STAC 1.1 writes them, in order of wavelength."""
    known = [bands.get(one) or Band(labels.get(one, one.rsplit("/", 1)[-1])) for one in things]
    known.sort(key=lambda one: (one.centre is None, one.centre or 0.0, one.name))
    found = []
    for one in known:
        band: dict[str, Any] = {"name": one.name}
        common = _COMMON.get(one.common or one.name)
        if common:
            band["eo:common_name"] = common
        if one.centre:
            band["eo:center_wavelength"] = round(one.centre / 1000, 6)
        if one.width:
            band["eo:full_width_half_max"] = round(one.width / 1000, 6)
        if one.metres:
            band["gsd"] = one.metres
        found.append(band)
    return found


def class_objects(classes: Iterable[tuple[str, int | None]]) -> list[dict[str, Any]]:
    """Classes that have a value, as the extension classification writes them."""
    return [
        {"value": value, "name": re.sub(r"[^0-9A-Za-z_-]+", "-", slug(name)) or f"class-{value}", "title": name}
        for name, value in classes
        if value is not None
    ]
