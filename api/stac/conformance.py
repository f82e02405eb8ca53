"""What the STAC API conforms to, and nothing that it does not."""

from __future__ import annotations

_STAC = "https://api.stacspec.org/v1.0.0/"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_FILTER = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"

CONFORMS = (
    *(_STAC + one for one in ("core", "collections", "ogcapi-features", "item-search")),
    *(_STAC + one for one in ("item-search#sort", "item-search#fields", "item-search#filter")),
    *(_STAC + one for one in ("ogcapi-features#sort", "ogcapi-features#fields", "ogcapi-features#filter")),
    *(_FEATURES + one for one in ("core", "geojson", "oas30")),
    *(_FILTER + one for one in ("filter", "features-filter", "queryables")),
    *(
        _CQL2 + one
        for one in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "array-functions",
            "property-property",
            "arithmetic",
        )
    ),
)
"""Conformance classes."""
