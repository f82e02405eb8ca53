"""The class and property hierarchy of GeoSPARQL (OGC 22-047r1, clauses 6 to 8, and its sf: and gml: vocabularies).

Restated as tables: who writes data with these terms expects what they imply, whether or not the vocabulary itself was
loaded. Geometry types follow Simple Features (OGC 06-103r4, figure 1) and GML 3.2.1 (OGC 07-036, clause 10).
"""

from __future__ import annotations

from collections.abc import Iterator

from ontology.namespaces import PREFIXES, expand
from ontology.terms import IRI, XSD, Triple

GML = "http://www.opengis.net/ont/gml#"
_GEO, _SF = PREFIXES["geo"], PREFIXES["sf"]
SUB_CLASS, SUB_PROPERTY = expand("rdfs:subClassOf"), expand("rdfs:subPropertyOf")
DOMAIN, RANGE = expand("rdfs:domain"), expand("rdfs:range")

# above: below, by local names
_SF_CLASSES = {
    "Geometry": "Point Curve Surface GeometryCollection",
    "Curve": "LineString",
    "LineString": "Line LinearRing",
    "Surface": "Polygon PolyhedralSurface",
    "Polygon": "Triangle Envelope",
    "PolyhedralSurface": "TIN",
    "GeometryCollection": "MultiPoint MultiCurve MultiSurface",
    "MultiCurve": "MultiLineString",
    "MultiSurface": "MultiPolygon",
}
_GML_CLASSES = {
    "AbstractGeometry": "AbstractGeometricPrimitive GeometricComplex MultiGeometry Envelope Grid",
    "AbstractGeometricPrimitive": "Point OrientableCurve OrientableSurface Solid",
    "OrientableCurve": "Curve",
    "Curve": "LineString Ring",
    "Ring": "LinearRing",
    "OrientableSurface": "Surface Shell",
    "Surface": "Polygon PolyhedralSurface",
    "PolyhedralSurface": "TriangulatedSurface",
    "TriangulatedSurface": "Tin",
    "GeometricComplex": "Composite",
    "Composite": "CompositeCurve CompositeSurface CompositeSolid",
    "MultiGeometry": "MultiPoint MultiCurve MultiSurface MultiSolid",
    "MultiCurve": "MultiLineString",
    "MultiSurface": "MultiPolygon",
    "AbstractCurveSegment": "Arc ArcByCenterPoint ArcString ArcStringByBulge CubicSpline GeodesicString "
    "LineStringSegment OffsetCurve SplineCurve Clothoid",
    "AbstractSurfacePatch": "AbstractParametricCurveSurface PolygonPatch Rectangle Triangle",
    "AbstractParametricCurveSurface": "AbstractGriddedSurface",
    "AbstractGriddedSurface": "Cone Cylinder Sphere",
}
_CLASSES = {
    "SpatialObject": "Feature Geometry",
    "SpatialObjectCollection": "FeatureCollection GeometryCollection",
}
_PROPERTIES = {
    "hasGeometry": "hasDefaultGeometry hasBoundingBox hasCentroid",
    "hasSerialization": "asWKT asGML asGeoJSON asKML asDGGS",
    "hasSize": "hasLength hasPerimeterLength hasArea hasVolume hasMetricLength hasMetricPerimeterLength "
    "hasMetricArea hasMetricVolume hasMetricSize",
    "hasMetricSize": "hasMetricLength hasMetricPerimeterLength hasMetricArea hasMetricVolume",
}
_DOMAINS = {
    "Feature": "hasGeometry hasDefaultGeometry defaultGeometry hasBoundingBox hasCentroid",
    "Geometry": "dimension coordinateDimension spatialDimension isEmpty isSimple hasSerialization asWKT asGML "
    "asGeoJSON asKML asDGGS hasSpatialResolution hasMetricSpatialResolution hasSpatialAccuracy "
    "hasMetricSpatialAccuracy",
    "SpatialObject": "hasSize hasMetricSize",
}
_RANGES = {"Geometry": "hasGeometry hasDefaultGeometry defaultGeometry hasBoundingBox hasCentroid"}

LITERALS = {
    "wktLiteral": "asWKT",
    "gmlLiteral": "asGML",
    "geoJSONLiteral": "asGeoJSON",
    "kmlLiteral": "asKML",
    "dggsLiteral": "asDGGS",
}
"""Datatypes of geometry literals and the property that has each."""

SIMPLE_FEATURES = ("Equals", "Disjoint", "Intersects", "Touches", "Crosses", "Within", "Contains", "Overlaps")
EGENHOFER = ("Equals", "Disjoint", "Meet", "Overlap", "Covers", "CoveredBy", "Inside", "Contains")
RCC8 = ("eq", "dc", "ec", "po", "tppi", "tpp", "ntpp", "ntppi")
RELATION_NAMES: tuple[str, ...] = (
    *(f"sf{one}" for one in SIMPLE_FEATURES),
    *(f"eh{one}" for one in EGENHOFER),
    *(f"rcc8{one}" for one in RCC8),
)
"""Local names of the 24 topological relations, the same as properties (`geo:`) and as functions (`geof:`)."""


def axioms() -> Iterator[Triple]:
    """What the vocabulary says about classes and properties."""
    for stem, table, relation in (
        (_SF, _SF_CLASSES, SUB_CLASS),
        (GML, _GML_CLASSES, SUB_CLASS),
        (_GEO, _CLASSES, SUB_CLASS),
        (_GEO, _PROPERTIES, SUB_PROPERTY),
    ):
        for above, below in table.items():
            yield from ((IRI(stem + one), relation, IRI(stem + above)) for one in below.split())
    yield IRI(_SF + "Geometry"), SUB_CLASS, IRI(_GEO + "Geometry")
    yield IRI(GML + "AbstractGeometry"), SUB_CLASS, IRI(_GEO + "Geometry")
    # GeoSPARQL 1.0 wrote one name in its text and the other in its ontology file: either means both
    default, other = IRI(_GEO + "hasDefaultGeometry"), IRI(_GEO + "defaultGeometry")
    yield from ((default, SUB_PROPERTY, other), (other, SUB_PROPERTY, default))
    for relation, table in ((DOMAIN, _DOMAINS), (RANGE, _RANGES)):
        for kind, names in table.items():
            yield from ((IRI(_GEO + one), relation, IRI(_GEO + kind)) for one in names.split())
    for name in RELATION_NAMES:
        for relation in (DOMAIN, RANGE):
            yield IRI(_GEO + name), relation, IRI(_GEO + "SpatialObject")
    for datatype, name in LITERALS.items():
        yield IRI(_GEO + name), RANGE, IRI(_GEO + datatype)
    for name, kind_of in (
        ("dimension", "integer"),
        ("coordinateDimension", "integer"),
        ("spatialDimension", "integer"),
        ("isEmpty", "boolean"),
        ("isSimple", "boolean"),
    ):
        yield IRI(_GEO + name), RANGE, IRI(XSD + kind_of)
