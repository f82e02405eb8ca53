"""The scenes of the frozen version: a few thousand products over places that people ask about, the same every time.

Each place draws from a generator seeded by its own identifier, so that a place added to the gazetteer changes no
scene of another one.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nlq.evaluation.products import FIRST, LAST, MAKERS, Site, life, make
from nlq.evaluation.witnesses import witnesses
from ontology.errors import RecordError

if TYPE_CHECKING:
    from kg.gazetteer import Place
    from nlq.evaluation.lines import Line
    from ontology.records import Scene

SEED = 1
_PER_PLACE = 5
# how many places of a kind, the most important first; 0: all
_PLACES = {
    "country": 0, "capital": 120, "city": 300, "lake": 90, "reservoir": 50, "volcano": 60, "mountain": 40,
    "mountain range": 30, "island": 60, "glacier": 40, "river": 30, "port": 60, "airport": 40, "dam": 40, "sea": 25,
    "gulf": 20, "bay": 20, "strait": 15, "desert": 20, "delta": 20, "national park": 40, "wetland": 20, "forest": 15,
    "peninsula": 15, "valley": 15, "plain": 15, "power plant": 20, "mine": 20, "ice cap": 10, "coast": 15,
    "canal": 10, "lagoon": 10, "fjord": 10, "archipelago": 20, "disaster site": 15, "research site": 20,
}  # fmt: skip
_RANDOM = 400

Progress = Callable[[str, int, int], None]


def made_by(lines: Iterable[Line] = ()) -> str:
    """A digest of the code and the questions that scenes are made by."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for name in ("grid.py", "products.py", "scenes.py", "witnesses.py"):
        digest.update((folder / name).read_bytes())
    for line in lines:
        if line["expect"].get("target") == "product":
            digest.update(json.dumps([line["id"], line["expect"], line["answerable"]], sort_keys=True).encode())
    return digest.hexdigest()


def frozen_scenes(lines: Iterable[Line] = (), progress: Progress | None = None) -> Iterator[Scene]:
    """The scenes: some over each of the well-known places of many kinds, some anywhere, some that questions are about.

    Args:
        lines: question lines.
        progress: called with (stage, done, total).
    """
    from kg.gazetteer import open_gazetteer

    gazetteer = open_gazetteer().packaged()
    places: dict[str, Place] = {}
    for kind, most in _PLACES.items():
        for place in gazetteer.of_kind(kind, limit=most or None):
            places.setdefault(place.iri, place)
    for done, place in enumerate(places.values()):
        if progress is not None and done % 50 == 0:
            progress("Making scenes", done, len(places))
        rng = random.Random(f"{SEED} {place.iri}")
        for number in range(_PER_PLACE):
            yield _scene(rng, place.lon, place.lat, number)
    for number in range(_RANDOM):
        rng = random.Random(f"{SEED} anywhere {number}")
        yield _scene(rng, rng.uniform(-179, 179), rng.uniform(-65, 75), number)
    for line in lines:
        try:
            yield from witnesses(line, gazetteer, SEED)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RecordError(
                f"What question {line['id']} expects cannot be read: {error!r}.", "Mend its line in the question file."
            ) from error
    if progress is not None:
        progress("Making scenes", len(places), len(places))


def _scene(rng: random.Random, lon: float, lat: float, number: int) -> Scene:
    families = sorted(MAKERS)
    # the first of a place is what people ask for most
    family = "sentinel-2" if number == 0 else rng.choices(families, [MAKERS[one][2] for one in families])[0]
    craft = rng.choice(MAKERS[family][1])
    start, end = life(craft)
    start, end = max(start, FIRST), min(end, LAST)
    day = start + timedelta(days=rng.randrange((end - start).days + 1))
    given = {} if family in ("modis", "sentinel-5p") else {"platform": craft}
    return make(rng, family, Site(lon, lat, day), given)
