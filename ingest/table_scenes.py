"""Tables of scenes: STAC-GeoParquet, GeoParquet and CSV, one row a scene.

A row becomes a STAC item and then a scene, so that tables and items are read by the same rules. STAC-GeoParquet
(stac-geoparquet specification 1.0 and 1.1) names its columns as STAC does; in other tables the column of identifiers
is found by what it holds, and the other columns by their usual names. A table of MGRS tiles with polygons but
without times holds no scenes: it gives the footprints of scenes that name a tile only.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.product_ids import parse_product_id
from kg.parquet import ParquetTable
from ontology.errors import RecordError

_SAMPLE = 200
_MAX_CELL = 8_000_000

_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "scene_id", "product_id", "sceneid", "productid", "granule_id", "granule", "item_id", "opera_id",
           "scene", "product", "name", "title", "identifier", "s2id", "s1id", "entity_id", "display_id"),
    "collection": ("collection", "collection_id", "collectionid"),
    "datetime": ("datetime", "acq_dt", "acquisition_time", "acquisition_date", "acq_time", "acq_date", "date_acquired",
                 "sensing_time", "sensing_date", "date", "time", "timestamp", "date_time"),
    "start_datetime": ("start_datetime", "start_time", "starttime", "begin_time", "beginposition", "start_date"),
    "end_datetime": ("end_datetime", "end_time", "endtime", "stop_time", "endposition", "end_date"),
    "geometry": ("geometry", "geom", "footprint", "wkt", "wkb", "geometry_wkt", "polygon"),
    "bbox": ("bbox", "bounds"),
    "platform": ("platform", "satellite", "spacecraft", "spacecraft_id", "platformname"),
    "constellation": ("constellation", "mission", "mission_id"),
    "instruments": ("instruments", "instrument", "sensor", "sensor_id", "instrumentshortname"),
    "eo:cloud_cover": ("eo:cloud_cover", "cloud_cover", "cloudcover", "cloud_percent", "cloud_percentage", "clouds",
                       "cloud_coverage", "cloudcoverpercentage", "cloudy_pixel_percentage", "cloud_cover_percentage"),
    "eo:snow_cover": ("eo:snow_cover", "snow_cover", "snow_percent", "snow_percentage"),
    "sar:polarizations": ("sar:polarizations", "polarizations", "polarisations", "polarization", "polarisation",
                          "polarisationmode"),
    "sar:instrument_mode": ("sar:instrument_mode", "sensor_mode", "beam_mode", "mode", "sensoroperationalmode"),
    "s2:product_type": ("product:type", "product_type", "producttype"),
    "processing:level": ("processing:level", "processing_level", "level", "processinglevel"),
    "sat:orbit_state": ("sat:orbit_state", "orbit_direction", "orbitdirection", "flight_direction", "orbit_state"),
    "sat:relative_orbit": ("sat:relative_orbit", "relative_orbit", "relativeorbitnumber", "track_number", "track",
                           "sensing_orbit_number", "relativeorbit"),
    "sat:absolute_orbit": ("sat:absolute_orbit", "absolute_orbit", "orbit_number", "orbitnumber", "absoluteorbit"),
    "mgrs_tile": ("s2:mgrs_tile", "mgrs_tile", "mgrs_tile_id", "tile_id", "tile", "mgrs", "tileid", "mgrs_id"),
    "landsat:wrs_path": ("landsat:wrs_path", "wrs_path", "path"),
    "landsat:wrs_row": ("landsat:wrs_row", "wrs_row", "row"),
    "gsd": ("gsd", "resolution", "resolution_m", "pixel_size"),
    "view:sun_elevation": ("view:sun_elevation", "sun_elevation", "sunelevation"),
    "created": ("created", "ingestion_time", "ingestiondate", "publication_date", "generation_time"),
}  # fmt: skip
_TOP = ("type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "assets", "links")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table stands for what.

    Attributes:
        names: STAC field -> column.
        is_stac: whether the table is STAC-GeoParquet, whose columns are STAC's own.
        links: columns that hold addresses of files.
        others: columns that are kept under their own names.
    """

    names: Mapping[str, str]
    is_stac: bool
    links: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as a STAC item; `line` counts rows from 1 (in CSV: lines of the file)."""

    item: dict[str, Any]
    line: int


def open_table(path: Path) -> CsvTable | ParquetTable:
    """A table, by the ending of its file.

    Raises:
        RecordError: it is no table.
    """
    return ParquetTable(path) if path.suffix.lower() in (".parquet", ".geoparquet") else CsvTable(path)


class CsvTable:
    """A CSV or TSV file with a heading, read as a stream; raises RecordError where it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                head = file.read(65_536)
        except OSError as error:
            raise RecordError(f"file cannot be read: {error.strerror}", "Check the path and its rights.") from error
        if "\x00" in head or not head.strip():
            raise RecordError("not a table", "Give a CSV file with a line of column names.")
        line = head.splitlines()[0]
        self._delimiter = max("\t;,|", key=line.count) if any(one in line for one in "\t;,|") else ","
        self.columns: tuple[str, ...] = tuple(
            one.strip() for one in next(csv.reader([line], delimiter=self._delimiter))
        )
        self.metadata: dict[str, str] = {}
        if len(set(self.columns)) < len(self.columns):
            raise RecordError("two columns have the same name", "Rename one of them.")

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(line, row) pairs; cells without text are None."""
        before = csv.field_size_limit(_MAX_CELL)
        try:
            with self._path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                reader = csv.reader((one.replace("\x00", "") for one in file), delimiter=self._delimiter)
                next(reader, None)
                for cells in reader:
                    if cells:
                        yield reader.line_num, {k: v or None for k, v in zip(self.columns, cells, strict=False)}
        except csv.Error as error:
            raise RecordError(f"not a table: {error}", "Export it again as CSV.") from error
        finally:
            csv.field_size_limit(before)


def columns_of(table: CsvTable | ParquetTable) -> Columns:
    """What the columns of a table stand for.

    Raises:
        RecordError: no column identifies a scene, or none tells when or where it is.
    """
    plain = {re.sub(r"[\s-]+", "_", name.strip().casefold()): name for name in table.columns}
    is_stac = {"id", "geometry", "assets"} <= plain.keys() and ("datetime" in plain or "start_datetime" in plain)
    names: dict[str, str] = {}
    if not is_stac:
        found = _id_column(table)
        if found:
            names["id"] = found
    taken = set(names.values())
    for field, spellings in _NAMES.items():
        hit = next((plain[one] for one in spellings if one in plain and plain[one] not in taken), None)
        if hit is not None and field not in names:
            names[field] = hit
            taken.add(hit)
    links = tuple(one for key, one in plain.items() if not is_stac and re.match(r"(url|href|s3_?url|download)", key))
    others = tuple(one for one in table.columns if one not in taken and one not in links)
    return Columns(names, is_stac, links, others)


def _id_column(table: CsvTable | ParquetTable) -> str | None:
    """The column most of whose first values are identifiers of satellite products."""
    hits: dict[str, int] = {}
    number = 0
    for _, row in table.rows():
        number += 1
        for name, value in row.items():
            if (
                isinstance(value, str)
                and len(value) > 14
                and "://" not in value
                and parse_product_id(value) is not None
            ):
                hits[name] = hits.get(name, 0) + 1
        if number >= _SAMPLE:
            break
    if not hits:
        return None
    best = max(hits, key=lambda name: (hits[name], -table.columns.index(name)))
    return best if hits[best] * 2 >= number else None


def kind_of(table: CsvTable | ParquetTable, columns: Columns) -> str:
    """`scenes`, `tiles` (polygons of MGRS tiles), or empty for a table of something else."""
    names = columns.names
    by_product = "id" in names and not columns.is_stac and _id_column(table) == names["id"]
    timed = "datetime" in names or "start_datetime" in names
    placed = "geometry" in names or "bbox" in names
    if columns.is_stac or by_product or ("id" in names and timed and placed):
        return "scenes"
    if "mgrs_tile" in names and "geometry" in names and not timed:
        return "tiles"
    return ""


def items_of(table: CsvTable | ParquetTable, columns: Columns) -> Iterator[TableRow]:
    """The rows as STAC items."""
    for line, row in table.rows():
        yield TableRow(_item(row, columns), line)


def _item(row: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "Feature"}
    properties: dict[str, Any] = {}
    for field, column in columns.names.items():
        value = row.get(column)
        if value is None:
            continue
        if field in _TOP:
            item[field] = _box(value) if field == "bbox" else value
        else:
            properties[field] = value
    for column in columns.others:
        value = row.get(column)
        if value is None:
            continue
        if columns.is_stac and column in _TOP:
            item[column] = value
        elif column == "properties" and isinstance(value, Mapping):
            properties = {**value, **properties}
        else:
            properties.setdefault(column, value)
    if columns.links:
        hrefs = {name: row[name] for name in columns.links if isinstance(row.get(name), str)}
        item["assets"] = {name: {"href": href} for name, href in hrefs.items()}
    item["properties"] = properties
    return item


def _box(value: Any) -> Any:  # noqa: ANN401
    """A bbox column as a list: structs name its sides, text lists them."""
    if isinstance(value, Mapping):
        sides = [value.get(side) for side in ("xmin", "ymin", "xmax", "ymax")]
        return None if None in sides else sides
    if isinstance(value, str):
        return [part for part in re.split(r"[\s,;\[\]()]+", value) if part]
    return list(value) if isinstance(value, Sequence) else None
