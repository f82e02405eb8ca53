"""What the assets of a STAC item say: files with resolved addresses, bands, resolution, polarisations.

Bands stand in `eo:bands` and `raster:bands` (to STAC 1.0) or `bands` (STAC 1.1), of the asset or of the item; before
STAC 0.8 an asset held indexes into the item's list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from ingest.stac_json import dump
from ingest.stac_sensors import Sensing
from ingest.stac_values import mapping_of, mappings_of, number_of, text_of, texts_of, unique
from ontology.concepts import label_key
from ontology.namespaces import BASE
from ontology.terms import IRI
from ontology.vocabulary import Vocabulary

_MAX_ASSETS = 500
_MAX_BANDS = 500
# common names of the eo extension that the vocabulary does not list itself
_COMMON = {
    "green05": "green",
    "rededge071": "red edge",
    "rededge075": "red edge",
    "rededge078": "red edge",
    "lwir11": "thermal infrared",
    "lwir12": "thermal infrared",
}
_BAND = BASE + "band/"
_CODE = re.compile(r"[A-Za-z]{0,4}[-_ ]?\d{1,3}[A-Za-z]?|[A-Za-z]")
# bands that products of a level hold: the others are left out of it by the producer
_LEFT_OUT = {"L2A": {"sentinel-2/b10"}, "L2SP": {"b8", "b9", "b11"}, "L2SR": {"b8", "b9", "b10", "b11"}}


def bands_of(properties: Mapping[str, Any], assets: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every band object of an item or of its assets."""
    holders: list[Mapping[str, Any]] = [properties]
    holders += [mapping_of(one) for one in list(assets.values())[:_MAX_ASSETS]]
    number = 0
    for holder in holders:
        for name in ("bands", "eo:bands", "raster:bands"):
            for band in mappings_of(holder.get(name)):
                number += 1
                if number > _MAX_BANDS:
                    return
                yield band


def band_slugs(
    properties: Mapping[str, Any],
    assets: Mapping[str, Any],
    sensing: Sensing,
    level: str | None,
    channels: Sequence[str],
) -> tuple[str, ...]:
    """Slugs of the band scheme, each with those above it: `sentinel-2/b08`, `near-infrared`.

    Args:
        properties: properties of the item.
        assets: assets of the item.
        sensing: what took it; where the item names no bands, those of its mission or spacecraft are meant.
        level: processing level; products of some levels leave bands out.
        channels: polarisations.
    """
    found: list[str] = []
    for band in bands_of(properties, assets):
        common = text_of(band.get("eo:common_name", band.get("common_name")), 40)
        found += _known_band(text_of(band.get("name"), 40), common, sensing)
    found += [name for one in channels for name in _above("band/" + one.lower())]
    if not found:
        found = list(_usual_bands(sensing, level))
    return unique(found)


def _known_band(name: str | None, common: str | None, sensing: Sensing) -> tuple[str, ...]:
    holders = tuple(one for one in (sensing.platform, sensing.mission, *sensing.instrument) if one)
    found = band_concept(name, common, holders)
    return _above(found.removeprefix(BASE)) if found else ()


@lru_cache(maxsize=10_000)
def band_concept(name: str | None, common: str | None, holders: tuple[str, ...]) -> IRI | None:
    """The band of the vocabulary that a record means.

    Args:
        name: its name, such as `B04`, `SR_B4` or `red`. A code means something only together with who carries it.
        common: its common name, such as `nir08`.
        holders: missions, spacecraft and instruments, by slug or label.
    """
    vocabulary = Vocabulary.load()
    texts = []
    if name:
        # Earth Engine writes SR_B4 and ST_B10 for the bands of products, others B4 for B04
        short = re.sub(r"^(?:SR|ST|TOA|L1T|BAND)_(?=B?\d)", "", name.strip().upper())
        spelled = re.sub(r"^B(\d)$", r"B0\1", short)
        texts += [f"{holder} {form}" for holder in holders for form in unique((name, short, spelled))]
    texts += [one for one in (common, name) if one and not _CODE.fullmatch(one)]
    for text in texts:
        concept = vocabulary.find("band", _COMMON.get(label_key(text), text))
        if concept is not None:
            return concept
    return None


@lru_cache(maxsize=2_000)
def _above(name: str) -> tuple[str, ...]:
    """A band's slug and those of all broader ones; empty for one that the vocabulary does not know."""
    vocabulary = Vocabulary.load()
    waiting, found = [BASE + name], []
    while waiting:
        concept = vocabulary.get(waiting.pop())
        if concept is not None and concept.iri not in found:
            found.append(concept.iri)
            waiting += concept.broader
    return tuple(one.removeprefix(_BAND) for one in found)


@lru_cache(maxsize=2_000)
def _usual_bands(sensing: Sensing, level: str | None) -> tuple[str, ...]:
    out = _LEFT_OUT.get(level or "", set())
    own = usual_bands(tuple(one for one in (sensing.platform, sensing.mission) if one))
    kept = [one.removeprefix(BASE) for one in own if not {one.removeprefix(_BAND), one.rsplit("/", 1)[-1]} & out]
    return unique(name for one in kept for name in _above(one))


def usual_bands(holders: tuple[str, ...]) -> tuple[IRI, ...]:
    """The bands of the first of some missions or spacecraft (slug or label) whose products all have the same ones."""
    for holder in holders:
        stem = f"{_BAND}{holder.lower()}/"
        if holder.lower().startswith(("sentinel-2", "landsat-")):
            own = tuple(one.iri for one in Vocabulary.load().concepts("band") if one.iri.startswith(stem))
            if own:
                return own
    return ()


def polarisations_of_assets(assets: Mapping[str, Any]) -> tuple[str, ...]:
    """Channels that the assets name."""
    every = [text for asset in mappings_of(dict(assets)) for text in texts_of(asset.get("sar:polarizations"))]
    return unique(every)


def finest_resolution(properties: Mapping[str, Any], assets: Mapping[str, Any]) -> float | None:
    """The smallest ground sampling distance, in metres, that assets or bands name."""
    values = [number_of(mapping_of(one).get(name)) for one in assets.values() for name in ("gsd", "eo:gsd")]
    if not any(values):
        values = [
            number_of(band.get(name))
            for band in bands_of(properties, assets)
            for name in ("gsd", "spatial_resolution", "raster:spatial_resolution")
        ]
    known = [one for one in values if one is not None and 0.0 < one <= 1_000_000.0]
    return min(known) if known else None


def assets_json(assets: Mapping[str, Any], links: Any, base: str) -> str:  # noqa: ANN401
    """The assets as a JSON object, their addresses made absolute where the record tells from where."""
    if not assets:
        return "{}"
    own = next((text_of(one.get("href"), 4000) for one in mappings_of(links) if one.get("rel") == "self"), None)
    origin = own if own and "://" in own else base
    kept: dict[str, Any] = {}
    for key, value in list(assets.items())[:_MAX_ASSETS]:
        if not isinstance(value, Mapping):
            continue
        asset = dict(value)
        href = text_of(asset.get("href"), 8000)
        if href is None:
            continue
        asset["href"] = resolve(href, origin)
        kept[key] = asset
    return dump(kept)


def resolve(href: str, base: str) -> str:
    """An address relative to another, or the address itself where it is absolute or the other unknown."""
    if not base or "://" in href or href.startswith(("/", "data:")) or href[1:3] == ":\\":
        return href
    if "://" in base:
        try:
            return urljoin(base, href)
        except ValueError:
            return href
    if "\x00" in href:
        return href
    return str(Path(base).parent / href.removeprefix("./"))
