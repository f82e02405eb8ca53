"""GeoNames' dumps (download.geonames.org/export/dump, CC-BY 4.0) as drafts of places.

Read are the main tables (`allCountries`, `cities500` ... `cities15000`, `AT` ...; 19 columns), `admin1CodesASCII` and
the tables of alternate names; as text or as the zip that GeoNames offers. Columns are those of its readme.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ingest.place_draft import Draft
from kg.gazetteer.distil_names import city_importance, clean_city_names
from ontology.errors import RecordError

CREDIT = "GeoNames (CC-BY 4.0)."
# Feature codes that are kept -> kind of place (geonames.org/export/codes.html).
_KINDS = {
    "MT": "mountain", "MTS": "mountain range", "PK": "mountain", "VLC": "volcano", "HLL": "mountain",
    "PLAT": "plateau", "PLN": "plain", "VAL": "valley", "CNYN": "valley", "DSRT": "desert", "ERG": "desert",
    "PASS": "mountain pass", "PEN": "peninsula", "CAPE": "cape", "ISL": "island", "ISLS": "archipelago",
    "ATOL": "atoll", "ISTH": "isthmus", "DLTA": "delta", "SALT": "salt flat", "LK": "lake", "LKN": "lake",
    "LKS": "lake", "RSV": "reservoir", "STM": "river", "STMI": "river", "FLLS": "waterfall", "CNL": "canal",
    "BAY": "bay", "GULF": "gulf", "SEA": "sea", "OCN": "ocean", "STRT": "strait", "CHN": "strait", "SD": "sound",
    "FJD": "fjord", "LGN": "lagoon", "RF": "reef", "GLCR": "glacier", "WTLD": "wetland", "SWMP": "wetland",
    "MRSH": "wetland", "BSNB": "basin", "PRK": "national park", "RESN": "protected area", "RESF": "protected area",
    "FRST": "forest", "RGN": "region", "RGNH": "region", "DAM": "dam", "AIRP": "airport", "PRT": "port",
    "HBR": "port", "MN": "mine", "MNQ": "mine", "PS": "power plant", "PSN": "power plant", "PSH": "power plant",
    "OILF": "oil field", "CONT": "continent", "BDG": "bridge", "STDM": "building",
}  # fmt: skip
_NO_TOWNS = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH"})
# Columns of names that are codes, links or shorthand.
_NO_LANGUAGES = frozenset({"link", "post", "iata", "icao", "faac", "wkdt", "unlc", "tcid", "abbr", "fr_1793", "phon"})
_CODE = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,20}$")


class Unkept(ValueError):
    """A row that is left out; the text is the reason."""


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """The text of a dump, inside a zip or not.

    Raises:
        RecordError: the file cannot be read.
    """
    try:
        if path.suffix.casefold() == ".zip":
            with zipfile.ZipFile(path) as archive:
                inner = [one for one in archive.infolist() if one.filename.casefold().endswith(".txt")]
                inner = [one for one in inner if "readme" not in one.filename.casefold()]
                if not inner:
                    raise RecordError("no table in the archive", "Download the dump again.")
                largest = max(inner, key=lambda one: one.file_size)
                with archive.open(largest) as file:
                    yield io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="\n")
        else:
            with path.open(encoding="utf-8", errors="replace", newline="\n") as text:
                yield text
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise RecordError(f"the file cannot be read: {error}", "Download the dump again.") from error


def table_kind(path: Path) -> str:
    """`places`, `admin1` or `names`, by the name of the dump."""
    stem = path.stem.casefold()
    return "admin1" if stem.startswith("admin1") else "names" if stem.startswith("alternatenames") else "places"


def place(line: str) -> Draft:
    """A row of a main table.

    Raises:
        Unkept: the row is damaged, or of a kind that is not kept.
    """
    cells = line.rstrip("\n").rstrip("\r").split("\t")
    if len(cells) != 19:
        raise Unkept(f"{len(cells)} columns, GeoNames has 19")
    number, name, _, others, lat_text, lon_text, group, code, country, _, admin1, *_ = cells
    try:
        lat, lon = float(lat_text), float(lon_text)
        people = int(cells[14] or 0)
        if not number.isdecimal() or len(number) > 12:
            raise ValueError(number)
    except ValueError as error:
        raise Unkept("a number that is none") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise Unkept("a position outside the world")
    if not name.strip() or len(name) > 200:
        raise Unkept("no name")
    town = group == "P" and code not in _NO_TOWNS
    first_level = group == "A" and code == "ADM1"
    kind = "city" if town else "state" if first_level else _KINDS.get(code)
    if kind is None:
        raise Unkept("a kind of place that is not kept")
    listed = [one for one in others.split(",") if one]
    draft = Draft(name.strip(), kind, lon, lat, foreign=list(dict.fromkeys(clean_city_names(listed, name, people))))
    draft.country, draft.admin1 = country[:2], admin1[:20]
    draft.codes = (f"gn:{number}",)
    draft.fresh = f"feature/gn-{number}"
    if people > 0:
        draft.figures["population"] = people
    height = cells[15]
    if height.lstrip("-").isdecimal() and kind in ("mountain", "volcano", "plateau"):
        draft.figures["elevation"] = float(height)
    if town:
        draft.capital = code == "PPLC"
        draft.ref = draft.fresh = f"city/{number}"
        draft.importance = city_importance(people, len(listed), draft.capital)
    if first_level:
        if not country or not admin1:
            raise Unkept("no code of the area")
        draft.ref = draft.fresh = f"admin1/{country[:2]}.{admin1[:20]}"
    return draft


def admin1_names(line: str) -> tuple[str, list[str]]:
    """(reference, names) of a row of `admin1CodesASCII`.

    Raises:
        Unkept: the row is damaged.
    """
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) < 4 or not _CODE.match(cells[0]) or not cells[1].strip():
        raise Unkept("not code, name, plain name, GeoNames id")
    return f"admin1/{cells[0]}", [one for one in dict.fromkeys((cells[1], cells[2])) if one]


def alternate_name(line: str) -> tuple[str, str, bool]:
    """(GeoNames id, name, whether it is preferred) of a row of alternate names.

    Raises:
        Unkept: the row is damaged, or no name that people write.
    """
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) < 4 or not cells[1].isdecimal() or len(cells[1]) > 12:
        raise Unkept("not id, GeoNames id, language, name")
    if cells[2] in _NO_LANGUAGES or (len(cells) > 7 and cells[7] == "1"):
        raise Unkept("a code, a link or a name of the past")
    text = cells[3].strip()
    if not 2 <= len(text) <= 80:
        raise Unkept("no name")
    return cells[1], text, len(cells) > 4 and cells[4] == "1"
