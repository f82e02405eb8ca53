"""Adjectives of degree - larger, newest, least cloudy - and the properties they rank for each kind of thing."""

from __future__ import annotations

from nlq.lexis.attributes import FOR_DATASETS, FOR_MODELS, FOR_PRODUCTS, PLACE_PROPERTIES
from nlq.lexis.words import listed
from nlq.sheet.reading import Mark
from nlq.stages.quantities import meanings
from ontology.properties import PROPERTIES

# adjective stem group -> target -> (property, direction of the superlative)
_SIZE = {"dataset": "num_samples", "model": "num_parameters", "product": "size_gb", "place": "area_km2"}
_GROUPS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("larger bigger greater huger", "largest biggest greatest hugest", _SIZE, "desc"),
    ("smaller tinier", "smallest tiniest littlest teeniest puniest", _SIZE, "asc"),
    (
        "lighter slimmer leaner",
        "lightest slimmest leanest skinniest",
        {"dataset": "size_gb", "model": "num_parameters"},
        "asc",
    ),
    (
        "heavier bulkier",
        "heaviest bulkiest chunkiest heftiest beefiest weightiest fattest",
        {"dataset": "size_gb", "model": "num_parameters"},
        "desc",
    ),
    (
        "newer younger fresher later",
        "newest latest youngest freshest",
        {"dataset": "publication_year", "model": "publication_year", "product": "acquisition_time"},
        "desc",
    ),
    (
        "older earlier",
        "oldest earliest",
        {"dataset": "publication_year", "model": "publication_year", "product": "acquisition_time"},
        "asc",
    ),
    (
        "finer sharper crisper",
        "finest sharpest crispest",
        {"dataset": "resolution_m", "model": "output_resolution_m", "product": "resolution_m"},
        "asc",
    ),
    (
        "coarser blurrier",
        "coarsest blurriest",
        {"dataset": "resolution_m", "model": "output_resolution_m", "product": "resolution_m"},
        "desc",
    ),
    ("clearer", "clearest", {"product": "cloud_cover"}, "asc"),
    ("cloudier", "cloudiest", {"product": "cloud_cover"}, "desc"),
    ("snowier whiter", "snowiest whitest", {"product": "snow_cover"}, "desc"),
    ("greener", "greenest", {"product": "vegetation_percentage"}, "desc"),
    ("wetter", "wettest", {"product": "water_percentage"}, "desc"),
    ("closer nearer", "closest nearest", {"product": "distance", "dataset": "distance", "place": "distance"}, "asc"),
    ("farther further", "farthest furthest", {"product": "distance", "dataset": "distance"}, "desc"),
    ("higher taller", "highest tallest", {"place": "elevation_m"}, "desc"),
    ("lower", "lowest", {"place": "elevation_m"}, "asc"),
    ("longer", "longest", {"place": "length_km"}, "desc"),
    ("shorter", "shortest", {"place": "length_km"}, "asc"),
    ("deeper", "deepest", {"place": "depth_m"}, "desc"),
    ("shallower", "shallowest", {"place": "depth_m"}, "asc"),
    ("", "most populous", {"place": "population"}, "desc"),
)
COMPARATIVES: dict[str, tuple[dict[str, str], str]] = {}
SUPERLATIVES: dict[str, tuple[dict[str, str], str]] = {}
for _more, _most, _table, _direction in _GROUPS:
    for _one in _more.split():
        COMPARATIVES[_one] = (_table, _direction)
    for _one in [_most] if _most.startswith("most ") else _most.split():
        SUPERLATIVES[_one] = (_table, _direction)
# "most recent", "more detailed": the adjective after most or least, more or less
GRADABLE: dict[str, tuple[dict[str, str], str]] = {
    "recent": SUPERLATIVES["newest"],
    "recently": SUPERLATIVES["newest"],
    "up - to - date": SUPERLATIVES["newest"],
    "current": SUPERLATIVES["newest"],
    "detailed": SUPERLATIVES["finest"],
    "cloudy": SUPERLATIVES["cloudiest"],
    "clouded": SUPERLATIVES["cloudiest"],
    "overcast": SUPERLATIVES["cloudiest"],
    "cloud - free": SUPERLATIVES["clearest"],
    "cloud free": SUPERLATIVES["clearest"],
    "cloudless": SUPERLATIVES["clearest"],
    "clear": SUPERLATIVES["clearest"],
    "snowy": SUPERLATIVES["snowiest"],
    "snow - covered": SUPERLATIVES["snowiest"],
    "vegetated": SUPERLATIVES["greenest"],
    "populous": SUPERLATIVES["most populous"],
    "populated": SUPERLATIVES["most populous"],
    "compact": SUPERLATIVES["lightest"],
    "lightweight": SUPERLATIVES["lightest"],
    "heavyweight": SUPERLATIVES["heaviest"],
    "bulky": SUPERLATIVES["heaviest"],
    "accurate": ({"model": "metric_value"}, "desc"),
}
BIG = frozenset(listed("largest highest greatest biggest most maximum max maximal top longest widest richest broadest"))
SMALL = frozenset(listed("smallest lowest least fewest minimum min minimal shortest littlest"))
# metrics of error: the best model has the lowest
LOWER_IS_BETTER = frozenset({"RMSE", "MSE", "MAE", "bias", "loss", "SAM angle"})
FLIP = {"asc": "desc", "desc": "asc"}
_FINE = ("resolution_m", "output_resolution_m")


def property_of(mark: Mark | None, target: str | None) -> str | None:
    """The property that an attribute noun names for a target."""
    return named_property([*meanings(mark, "attr"), *meanings(mark, "counted")], target)


def counted_property(mark: Mark | None, target: str | None) -> str | None:
    """The property that counts a noun (`the most categories`), else the one it names."""
    return named_property(meanings(mark, "counted"), target) or named_property(meanings(mark, "attr"), target)


def named_property(names: list[str], target: str | None) -> str | None:
    """The first of these properties that a target has, in its own words."""
    names = [one for one in names if one not in PLACE_PROPERTIES]
    table = {"model": FOR_MODELS, "dataset": FOR_DATASETS, "product": FOR_PRODUCTS}.get(target or "", {})
    for name in names:
        if target in PROPERTIES[name].targets:
            return name
    for name in names:
        other = table.get(name, name)
        if target is None or target == "any" or target in PROPERTIES[other].targets:
            return other
    return None


def ranked(name: str, word: str) -> str:
    """Direction in which `word` (highest, fewest, best) ranks a property: the highest resolution is the finest."""
    if name in _FINE:
        return (
            "asc"
            if word in ("highest", "best", "finest", "sharpest", "most", "smallest", "greatest", "maximum", "top")
            else "desc"
        )
    return "desc" if word in BIG or word == "best" else "asc"
