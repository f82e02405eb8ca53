"""The tables of a gazetteer file."""

from __future__ import annotations

FORMAT = "3"
COLUMNS = (
    "id", "ref", "name", "kind", "lon", "lat", "west", "south", "east", "north", "country", "admin1", "population",
    "area", "elevation", "length", "depth", "radius", "importance", "capital", "approximate",
)  # fmt: skip
# In the packaged file cities have their GeoNames id and no ref, all others a negative id; an imported file gives every
# place a ref. Degrees are stored times 1e5. The packaged file keeps its names in `block`, an imported one in `name`; it
# names what holds a place by reference (`holder`), and keeps a digest of each row to tell what changed.
SCHEMA = """
PRAGMA page_size = 4096;
PRAGMA journal_mode = OFF;
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, ref TEXT, name TEXT NOT NULL, kind TEXT NOT NULL,
    lon INTEGER NOT NULL, lat INTEGER NOT NULL, west INTEGER, south INTEGER, east INTEGER, north INTEGER,
    country TEXT, admin1 TEXT, population INTEGER, area REAL, elevation REAL, length REAL, depth REAL, radius REAL,
    importance INTEGER NOT NULL, capital INTEGER NOT NULL, approximate INTEGER NOT NULL
);
CREATE UNIQUE INDEX place_ref ON place(ref) WHERE ref IS NOT NULL;
CREATE INDEX place_kind ON place(kind) WHERE ref IS NOT NULL;
CREATE TABLE block (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE name (
    key TEXT NOT NULL, place INTEGER NOT NULL, role INTEGER NOT NULL, PRIMARY KEY (key, place)
) WITHOUT ROWID;
CREATE TABLE alternate (place INTEGER PRIMARY KEY, names NOT NULL);
CREATE TABLE geometry (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE parent (child INTEGER NOT NULL, parent INTEGER NOT NULL, PRIMARY KEY (child, parent)) WITHOUT ROWID;
CREATE TABLE holder (child INTEGER NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (child, ref)) WITHOUT ROWID;
CREATE TABLE digest (place INTEGER PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE neighbour (place INTEGER NOT NULL, other INTEGER NOT NULL, PRIMARY KEY (place, other)) WITHOUT ROWID;
CREATE TABLE code (code TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE fuzzy (
    first TEXT NOT NULL, size INTEGER NOT NULL, keys BLOB NOT NULL, PRIMARY KEY (first, size)
) WITHOUT ROWID;
"""
