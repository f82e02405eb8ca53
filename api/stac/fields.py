"""The properties of Items that can be filtered and sorted by: one table for queries, queryables and Items.

Each is a column of the scenes table under its name in STAC or one of its extensions. What an Item says is what the
column holds, so that an Item always meets the filter that found it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from typing import Literal as OneOf

from ontology.errors import QueryError

Kind = OneOf["text", "number", "integer", "moment", "texts", "geometry"]


@dataclass(frozen=True, slots=True)
class Field:
    """A property.

    Attributes:
        name: in STAC.
        column: of the scenes table.
        kind: of its values; moments are microseconds since 1970 (UTC), `texts` is a list.
        title: for people.
        least, most: bounds of a number.
        values: all values there can be.
        inside: whether it stands among the properties of an Item, not at its top.
    """

    name: str
    column: str
    kind: Kind
    title: str
    least: float | None = None
    most: float | None = None
    values: tuple[str, ...] = ()
    inside: bool = True

    def schema(self) -> dict[str, Any]:
        """Its JSON schema, as `/queryables` gives it."""
        found: dict[str, Any] = {"title": self.title}
        match self.kind:
            case "geometry":
                return found | {"format": "geometry-any"}
            case "moment":
                found |= {"type": "string", "format": "date-time"}
            case "texts":
                found |= {"type": "array", "items": {"type": "string"}}
            case "text":
                found |= {"type": "string"}
            case _:
                found |= {"type": self.kind}
        bounds = {"minimum": self.least, "maximum": self.most, "enum": list(self.values) or None}
        return found | {name: value for name, value in bounds.items() if value is not None}


def _share(name: str, column: str, title: str) -> Field:
    return Field(name, column, "number", f"{title} (%)", 0.0, 100.0)


_ROWS = (
    Field("id", "id", "text", "Item identifier", inside=False),
    Field("collection", "collection", "text", "Collection identifier", inside=False),
    Field("geometry", "geometry", "geometry", "Footprint (CRS84)", inside=False),
    Field("datetime", "start_time", "moment", "Acquisition, its first moment"),
    Field("start_datetime", "start_time", "moment", "First moment"),
    Field("end_datetime", "end_time", "moment", "Last moment"),
    Field("created", "ingestion_time", "moment", "Made or published"),
    Field("platform", "platform", "text", "Spacecraft"),
    Field("constellation", "mission", "text", "Mission"),
    Field("mission", "mission", "text", "Mission"),
    Field("instruments", "instrument", "texts", "Instruments"),
    Field("gsd", "resolution_m", "number", "Finest ground sampling distance (m)", 0.0),
    _share("eo:cloud_cover", "cloud_cover", "Cloud cover"),
    _share("eo:snow_cover", "snow_cover", "Snow cover"),
    _share("s2:vegetation_percentage", "vegetation_percentage", "Vegetation"),
    _share("s2:water_percentage", "water_percentage", "Water"),
    _share("s2:not_vegetated_percentage", "bare_soil_percentage", "Bare soil"),
    _share("s2:nodata_pixel_percentage", "nodata_percentage", "Pixels without data"),
    Field("s2:mgrs_tile", "tile_id", "text", "MGRS tile, without the leading T"),
    Field("view:sun_elevation", "sun_elevation", "number", "Elevation of the sun (degrees)", -90.0, 90.0),
    Field("view:incidence_angle", "incidence_angle", "number", "Incidence angle (degrees)", 0.0, 90.0),
    Field("sat:orbit_state", "orbit_direction", "text", "Direction of the orbit", values=("ascending", "descending")),
    Field("sat:relative_orbit", "relative_orbit", "integer", "Relative orbit", 1),
    Field("sat:absolute_orbit", "absolute_orbit", "integer", "Absolute orbit", 1),
    Field("sar:instrument_mode", "sensor_mode", "text", "Mode of the instrument"),
    Field("sar:polarizations", "polarisation", "texts", "Polarisations"),
    Field("product:type", "product_type", "text", "Type of product"),
    Field("product:timeliness_category", "timeliness", "text", "Timeliness"),
    Field("processing:level", "processing_level", "text", "Processing level"),
    Field("landsat:wrs_path", "wrs_path", "integer", "WRS path", 1, 251),
    Field("landsat:wrs_row", "wrs_row", "integer", "WRS row", 1, 248),
)

FIELDS: dict[str, Field] = {one.name: one for one in _ROWS}
"""The fields by name."""

COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(one.column for one in _ROWS))
"""The columns that they stand for, each once."""

_SORTABLE = ("text", "number", "integer", "moment")


def field_of(name: str) -> Field:
    """The field of a name; `properties.` before it does not matter.

    Raises:
        QueryError: there is none.
    """
    found = FIELDS.get(name) or FIELDS.get(name.removeprefix("properties."))
    if found is None:
        raise QueryError(f"Items have no queryable property {name[:80]!r}.", "See /stac/queryables.")
    return found


def sortables() -> dict[str, Field]:
    """The fields that Items can be sorted by."""
    return {name: one for name, one in FIELDS.items() if one.kind in _SORTABLE}


def queryables(address: str, present: frozenset[str] | None = None, *, sort: bool = False) -> dict[str, Any]:
    """The schema of what can be filtered by (OGC API Features, part 3).

    Args:
        address: of this document.
        present: columns that have values; None for all fields.
        sort: only fields that can be sorted by.
    """
    rows = [one for one in _ROWS if present is None or not one.inside or one.column in present]
    rows = [one for one in rows if not sort or one.kind in _SORTABLE]
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": address,
        "type": "object",
        "title": "Sortables" if sort else "Queryables",
        "properties": {one.name: one.schema() for one in rows},
        "additionalProperties": False,
    }
