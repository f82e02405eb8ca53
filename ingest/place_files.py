"""Tables of places as rows: Parquet, GeoJSON, GeoPackage, shapefiles, each with its geometry in lon/lat (CRS84)."""

from __future__ import annotations

import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology.errors import RecordError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# Columns that only files of Natural Earth and of places of one's own (`place_kind`) have.
_MARKS = frozenset({"place_kind", "featurecla", "adm1_code", "iso_a2_eh"})
_GEONAMES = re.compile(
    r"(allcountries|cities\d+|[a-z]{2}|no-country|admin1codesascii|alternatenames(v2)?|alternatenames-[a-z]{2}"
    r"|alternatenames-modifications.*)\.(txt|zip)$"
)
_HEAD = 65_536
_MAX_JSON = 512 * 2**20
# What pyshp raises on damaged files besides its own error.
_DAMAGED = (OSError, EOFError, struct.error, zipfile.BadZipFile, ValueError, LookupError, TypeError, AttributeError)
_TABLES = (".parquet", ".geoparquet")
_JSON = (".geojson", ".json")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        line: number, counted from 1.
        fields: values by lower-case column name.
        shape: geometry; None where there is none.
        problem: why the geometry could not be read.
    """

    line: int
    fields: dict[str, Any]
    shape: BaseGeometry | None
    problem: str = ""


def is_geonames_file(path: Path) -> bool:
    """Whether a file has one of the names that GeoNames gives to its dumps."""
    if not _GEONAMES.match(path.name.casefold()):
        return False
    if path.suffix.casefold() == ".zip":
        return _zip_ending(path) == ".txt"
    try:
        with path.open("rb") as file:
            return b"\t" in file.readline(_HEAD)
    except OSError:
        return False


def is_table(path: Path) -> bool:
    """Whether a file is a table of places in the columns of Natural Earth, or a shapefile or GeoPackage."""
    ending = path.suffix.casefold()
    try:
        if ending in (".shp", ".gpkg"):
            return True
        if ending == ".zip":
            return _zip_ending(path) == ".shp"
        if ending in _TABLES:
            return bool(_MARKS & {one.casefold() for one in _parquet_columns(path)})
        if ending in _JSON:
            with path.open("rb") as file:
                head = file.read(_HEAD).decode("utf-8", "replace").casefold()
            return '"featurecollection"' in head and any(f'"{mark}"' in head for mark in _MARKS)
    except (OSError, RecordError):
        return False
    return False


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a table.

    Raises:
        RecordError: the file is damaged, or is not in longitude and latitude.
    """
    ending = path.suffix.casefold()
    if ending in _TABLES:
        yield from _parquet(path)
    elif ending in _JSON:
        yield from _geojson(path)
    elif ending == ".gpkg":
        yield from _geopackage(path)
    else:
        yield from _shapefile(path)


def _zip_ending(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if "readme" not in name.casefold()]
    except (zipfile.BadZipFile, OSError):
        return ""
    endings = {Path(name).suffix.casefold() for name in names}
    return ".shp" if ".shp" in endings else ".txt" if ".txt" in endings else ""


def _parquet_columns(path: Path) -> tuple[str, ...]:
    from kg.parquet import ParquetTable

    table = ParquetTable(path)
    table.close()
    return table.columns


def _parquet(path: Path) -> Iterator[Row]:
    from kg.parquet import ParquetTable

    table = ParquetTable(path)
    try:
        for line, values in table.rows():
            fields = {name.casefold(): value for name, value in values.items()}
            shape, problem = _from_wkb(fields.pop("geometry", None))
            yield Row(line, fields, shape, problem)
    finally:
        table.close()


def _geojson(path: Path) -> Iterator[Row]:
    import shapely
    from shapely.geometry import shape as shape_of

    if path.stat().st_size > _MAX_JSON:
        raise RecordError("GeoJSON of more than 512 MB", "Use the GeoPackage or the shapefile of the same data.")
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RecordError("not JSON", "Download the file again.") from error
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        raise RecordError("not a FeatureCollection", "Natural Earth's GeoJSON files are.")
    for line, one in enumerate(features, 1):
        properties = one.get("properties") if isinstance(one, dict) else None
        if not isinstance(properties, dict):
            yield Row(line, {}, None, "not a feature")
            continue
        fields = {str(name).casefold(): value for name, value in properties.items()}
        try:
            shape = shape_of(one["geometry"]) if one.get("geometry") else None
            yield Row(line, fields, shape)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
            yield Row(line, fields, None, f"geometry: {error}")


def _geopackage(path: Path) -> Iterator[Row]:
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise RecordError("not a GeoPackage", "Download the file again.") from error
    try:
        layers = db.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns").fetchall()
        for table, column, srs in layers:
            if srs not in (4326, 0, -1):
                raise RecordError(
                    f"coordinates in EPSG:{srs}", "Convert the file to longitude and latitude (EPSG:4326)."
                )
            quoted = '"' + table.replace('"', '""') + '"'
            cursor = db.execute(f"SELECT * FROM {quoted}")
            names = [str(one[0]).casefold() for one in cursor.description]
            for line, values in enumerate(cursor, 1):
                fields = dict(zip(names, values, strict=True))
                blob = fields.pop(str(column).casefold(), None)
                shape, problem = _from_wkb(_bare_wkb(blob) if isinstance(blob, bytes) else None)
                yield Row(line, fields, shape, problem)
    except sqlite3.Error as error:
        raise RecordError(f"damaged GeoPackage: {error}", "Download the file again.") from error
    finally:
        db.close()


def _bare_wkb(blob: bytes) -> bytes:
    """The WKB after the header of a GeoPackage geometry (OGC 12-128, 2.1.3)."""
    if len(blob) < 8 or blob[:2] != b"GP":
        return blob
    envelope = (0, 32, 48, 48, 64, 0, 0, 0)[(blob[3] >> 1) & 7]
    return blob[8 + envelope :]


def _shapefile(path: Path) -> Iterator[Row]:
    import shapefile
    import shapely
    from shapely.geometry import shape as shape_of

    damaged = (*_DAMAGED, shapefile.ShapefileException)

    if path.suffix.casefold() == ".shp" and _first_bytes(path) != b"\x00\x00\x27\x0a":
        raise RecordError("not a shapefile", "Download it again, with its .dbf and .shx.")
    projection = path.with_suffix(".prj")
    if projection.exists() and projection.read_text(errors="replace").lstrip().upper().startswith("PROJCS"):
        raise RecordError("coordinates in a projection", "Convert the file to longitude and latitude (EPSG:4326).")
    try:
        with shapefile.Reader(str(path), encoding="utf-8", encodingErrors="replace") as reader:
            for line, one in enumerate(reader.iterShapeRecords(), 1):
                fields = {str(name).casefold(): value for name, value in one.record.as_dict().items()}
                try:
                    plain = one.shape.__geo_interface__
                    yield Row(line, fields, shape_of(plain) if plain["coordinates"] else None)
                except (ValueError, TypeError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
                    yield Row(line, fields, None, f"geometry: {error}")
    except damaged as error:
        raise RecordError(f"damaged shapefile: {error}", "Download it again, with its .dbf and .shx.") from error


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _from_wkb(data: object) -> tuple[BaseGeometry | None, str]:
    import shapely

    if data is None:
        return None, ""
    if isinstance(data, str):
        data = bytes.fromhex(data) if re.fullmatch(r"[0-9A-Fa-f]+", data) else data.encode()
    try:
        return (shapely.from_wkb(data) if isinstance(data, bytes | bytearray) else None), ""
    except shapely.errors.ShapelyError as error:
        return None, f"geometry: {error}"
