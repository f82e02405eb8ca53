"""Which STAC APIs may be asked: the built-in ones, off until the user switches them on, and those the user names.

They stand in `live/sources.json` of the catalogue's folder. No file: nothing was ever switched on. Keys are never
kept, only the name of the environment variable that holds one.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ontology.errors import NotFound, RecordError, StoreCorrupt, StoreError

_FORMAT = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")


@dataclass(frozen=True, slots=True)
class Holding:
    """What a collection holds, as far as its publisher says; None where unknown.

    Attributes:
        id: its identifier.
        missions, instruments: slugs of the sensor scheme.
        platforms: spellings of spacecraft, as its items write them.
    """

    id: str
    missions: tuple[str, ...] | None = None
    instruments: tuple[str, ...] | None = None
    platforms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an API offers beyond the plain search (STAC API conformance classes).

    Attributes:
        post: whether it takes searches by POST.
        filter: whether it takes CQL2 as JSON.
        sort: whether it sorts.
    """

    post: bool = True
    filter: bool = False
    sort: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A STAC API.

    Attributes:
        name: what the user calls it.
        url: address of its landing page, without a slash at the end.
        title: for notes.
        enabled: whether it is asked.
        builtin: whether it came with earthdex.
        collections: the collections to ask; empty: all.
        key_env: name of the environment variable with the key; "" for none.
        key_header: header that carries the key; `Authorization` takes it as a bearer token.
        holdings: what is known about its collections.
        abilities: what it offers; None: nobody has asked it yet.
        huge: whether it holds far more than can be fetched, so that asking for everything is pointless.
    """

    name: str
    url: str
    title: str = ""
    enabled: bool = False
    builtin: bool = False
    collections: tuple[str, ...] = ()
    key_env: str = ""
    key_header: str = "Authorization"
    holdings: tuple[Holding, ...] = ()
    abilities: Abilities | None = None
    huge: bool = False

    @property
    def called(self) -> str:
        """The title, else the name."""
        return self.title or self.name

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `earthdex sources list --json`."""
        return {
            "name": self.name,
            "title": self.called,
            "url": self.url,
            "enabled": self.enabled,
            "builtin": self.builtin,
            "collections": list(self.collections),
            "key_env": self.key_env or None,
            "key_set": bool(self.key_env and os.environ.get(self.key_env)),
            "filter": self.abilities.filter if self.abilities else None,
            "sort": self.abilities.sort if self.abilities else None,
        }


def _holdings(**missions: str) -> tuple[Holding, ...]:
    return tuple(Holding(one, (mission.replace("_", "-"),)) for mission, ids in missions.items() for one in ids.split())


def _builtin(name: str, title: str, url: str, holdings: tuple[Holding, ...]) -> Source:
    ids = tuple(one.id for one in holdings)
    return Source(name, url, title, builtin=True, collections=ids, holdings=holdings, huge=True)


BUILTIN: tuple[Source, ...] = (
    _builtin(
        "copernicus",
        "Copernicus Data Space",
        "https://stac.dataspace.copernicus.eu/v1",
        _holdings(
            sentinel_1="sentinel-1-grd sentinel-1-slc",
            sentinel_2="sentinel-2-l1c sentinel-2-l2a",
            sentinel_3="sentinel-3-olci-1-efr-ntc sentinel-3-sl-2-lst-ntc sentinel-3-syn-2-syn-ntc",
            sentinel_5p="sentinel-5p-l2-no2-offl",
        ),
    ),
    _builtin(
        "earth-search",
        "Earth Search",
        "https://earth-search.aws.element84.com/v1",
        _holdings(
            sentinel_1="sentinel-1-grd",
            sentinel_2="sentinel-2-l1c sentinel-2-l2a sentinel-2-c1-l2a",
            landsat="landsat-c2-l2",
            naip="naip",
        ),
    ),
    _builtin(
        "planetary-computer",
        "Planetary Computer",
        "https://planetarycomputer.microsoft.com/api/stac/v1",
        _holdings(
            sentinel_1="sentinel-1-grd sentinel-1-rtc",
            sentinel_2="sentinel-2-l2a",
            landsat="landsat-c2-l1 landsat-c2-l2",
            naip="naip",
        ),
    ),
)
"""APIs that come with earthdex, switched off, and what their collections of scenes hold."""


@dataclass(slots=True)
class Registry:
    """The sources of one catalogue folder."""

    folder: Path
    sources: dict[str, Source] = field(default_factory=dict)

    @classmethod
    def open(cls, root: Path) -> Registry:
        """Reads the sources of a catalogue folder.

        Raises:
            StoreCorrupt: the list is damaged.
            StoreError: it cannot be read.
        """
        registry = cls(live_folder(root), {one.name: one for one in BUILTIN})
        try:
            read = json.loads(registry.path.read_bytes())
            kept = [_source(one) for one in read["sources"]]
        except FileNotFoundError:
            return registry
        except OSError as error:
            raise StoreError(f"{registry.path} cannot be read: {error.strerror}.", "Check its rights.") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise StoreCorrupt(f"{registry.path} is damaged.", "Delete it and add the sources again.") from error
        registry.sources |= {one.name: one for one in kept}
        return registry

    @property
    def path(self) -> Path:
        """The file that holds them."""
        return self.folder / "sources.json"

    @property
    def enabled(self) -> tuple[Source, ...]:
        """Those to ask, in the order in which they were added."""
        return tuple(one for one in self.sources.values() if one.enabled)

    def get(self, name: str) -> Source:
        """A source by name.

        Raises:
            NotFound: there is none of that name.
        """
        found = self.sources.get(name)
        if found is None:
            raise NotFound(f"There is no source {name!r}.", f"There are {', '.join(self.sources)}.")
        return found

    def put(self, source: Source) -> None:
        """Keeps a source, in place of one of the same name."""
        self.sources[source.name] = source
        self._save()

    def remove(self, name: str) -> None:
        """Forgets a source; a built-in one is as it came.

        Raises:
            NotFound: there is none of that name.
        """
        self.get(name)
        builtin = {one.name: one for one in BUILTIN}
        if name in builtin:
            self.sources[name] = builtin[name]
        else:
            del self.sources[name]
        self._save()

    def _save(self) -> None:
        untouched = {one.name: one for one in BUILTIN}
        kept = [asdict(one) for one in self.sources.values() if untouched.get(one.name) != one]
        draft = self.folder / f"{uuid.uuid4().hex}.tmp"
        try:
            if not kept:
                self.path.unlink(missing_ok=True)
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({"format": _FORMAT, "sources": kept}, indent=1), encoding="utf-8")
            os.replace(draft, self.path)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}.", "Check the folder.") from error
        finally:
            draft.unlink(missing_ok=True)


def live_folder(root: Path) -> Path:
    """Where a catalogue folder keeps its sources and what they answered."""
    return root / "live"


def new_source(
    url: str,
    *,
    name: str = "",
    collections: tuple[str, ...] = (),
    key_env: str = "",
    key_header: str = "Authorization",
) -> Source:
    """A source that the user names, checked.

    Raises:
        RecordError: the address, the name, or the name of a variable or header is none.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError as error:
        raise RecordError(f"{url[:200]!r} is no address.", "Give the https:// address of a STAC API.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RecordError(f"{url[:200]!r} is no web address.", "Give the https:// address of a STAC API.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise RecordError(
            "The address holds a password, a query or a fragment.",
            "Give the plain address, and a key by --key-env with the name of an environment variable.",
        )
    name = name or re.sub(r"[^a-z0-9.-]+", "-", parts.hostname.lower()).strip(".-")
    if not _NAME.fullmatch(name):
        raise RecordError(f"{name[:80]!r} is no name.", "Use up to 60 small letters, digits, dots and dashes.")
    if key_env and not _VARIABLE.fullmatch(key_env):
        raise RecordError("--key-env takes the name of an environment variable, not a key.", "Give its name.")
    if not _HEADER.fullmatch(key_header):
        raise RecordError(f"{key_header[:80]!r} is no header.", "Give its name, such as X-Api-Key.")
    address = parts._replace(path=parts.path.rstrip("/")).geturl()
    return Source(name, address, enabled=True, collections=collections, key_env=key_env, key_header=key_header)


def _source(value: Mapping[str, Any]) -> Source:
    """A source as it was kept. Raises KeyError, TypeError or ValueError for anything else."""
    read = new_source(
        value["url"],
        name=value["name"],
        collections=_texts(value["collections"]),
        key_env=value["key_env"],
        key_header=value["key_header"],
    )
    abilities = value["abilities"]
    holdings = tuple(
        Holding(str(one["id"]), *(_texts_or_none(one[name]) for name in ("missions", "instruments", "platforms")))
        for one in value["holdings"]
    )
    return replace(
        read,
        title=str(value["title"]),
        enabled=value["enabled"] is True,
        builtin=value["builtin"] is True,
        holdings=holdings,
        abilities=None if abilities is None else Abilities(**{name: bool(abilities[name]) for name in abilities}),
        huge=value["huge"] is True,
    )


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("no list of texts")
    return tuple(value)


def _texts_or_none(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401
    return None if value is None else _texts(value)
