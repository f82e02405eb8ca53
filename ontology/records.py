"""Typed records that rooms hand to one another, named after the field's standards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ontology.namespaces import scene_iri
from ontology.terms import IRI


@dataclass(frozen=True, slots=True)
class Scene:
    """One satellite product (a STAC Item; users say product, image, scene).

    Attributes:
        id: identifier within the collection, as its publisher writes it.
        collection: collection it belongs to.
        mission, platform, instrument: slugs of the sensor scheme (`sentinel-2`, `sentinel-2a`, `msi`).
        polarisation: channels, such as `("VV", "VH")`.
        tile_id: MGRS tile without the leading T.
        cloud_cover and the other shares: percent, 0 to 100.
        sun_elevation, incidence_angle: degrees.
        resolution_m: finest ground sampling distance in metres.
        start_time, end_time: UTC, timezone-aware; equal for an instant.
        geometry: WKB in CRS84, normalised by `kg.geometry`; None where unknown.
        is_global: the footprint is the whole world or nearly so.
        assets: JSON object of the STAC assets.
        source: where the record came from.
        original: the record as read (JSON).
    """

    id: str
    collection: str
    mission: str | None = None
    platform: str | None = None
    instrument: tuple[str, ...] = ()
    product_type: str | None = None
    processing_level: str | None = None
    timeliness: str | None = None
    sensor_mode: str | None = None
    polarisation: tuple[str, ...] = ()
    orbit_direction: str | None = None
    relative_orbit: int | None = None
    absolute_orbit: int | None = None
    tile_id: str | None = None
    wrs_path: int | None = None
    wrs_row: int | None = None
    cloud_cover: float | None = None
    snow_cover: float | None = None
    vegetation_percentage: float | None = None
    water_percentage: float | None = None
    bare_soil_percentage: float | None = None
    nodata_percentage: float | None = None
    sun_elevation: float | None = None
    incidence_angle: float | None = None
    resolution_m: float | None = None
    parameter: str | None = None
    band: tuple[str, ...] = ()
    start_time: datetime | None = None
    end_time: datetime | None = None
    ingestion_time: datetime | None = None
    geometry: bytes | None = None
    is_global: bool = False
    assets: str = "{}"
    source: str = ""
    original: str = ""

    @property
    def iri(self) -> IRI:
        """The IRI of the scene in the graph."""
        return scene_iri(self.collection, self.id)
