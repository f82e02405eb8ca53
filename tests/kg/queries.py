# ruff: noqa: E501
"""Queries for the differential test of the planner: one line each, with the prefixes of the project."""

from __future__ import annotations

import itertools

from ontology.namespaces import PREFIXES

PROLOGUE = (
    "".join(f"PREFIX {name}: <{stem}>\n" for name, stem in PREFIXES.items()) + "BASE <https://w3id.org/earthdex/>\n"
)

LINES = r"""
SELECT ?s ?t { ?s a ed:Scene ; sosa:resultTime ?t FILTER(?t >= "2019-01-01T00:00:00Z"^^xsd:dateTime && ?t < "2020-01-01T00:00:00Z"^^xsd:dateTime) }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene }
SELECT (COUNT(*) AS ?n) { ?s a ed:Scene ; ed:polarisation ?p }
SELECT ?p (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:polarisation ?p } GROUP BY ?p
SELECT ?s { ?s a ed:Scene ; ed:mission/skos:broader* <sensor/sentinel> }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:mission/skos:broader* <sensor/sentinel> }
SELECT ?s { ?s a ed:Scene ; ed:mission/(skos:broader|sosa:isHostedBy)+ <sensor/sentinel> }
SELECT ?s ?c { ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c < 20) } ORDER BY ?c ?s LIMIT 5
SELECT ?s ?c { ?s a ed:Scene ; sosa:resultTime ?t OPTIONAL { ?s ed:cloudCover ?c } } ORDER BY DESC(?c) DESC(?t) ?s LIMIT 7
SELECT ?s ?c { ?s a ed:Scene ; sosa:resultTime ?t OPTIONAL { ?s ed:cloudCover ?c } } ORDER BY ?c DESC(?t) ?s LIMIT 7 OFFSET 3
SELECT ?s ?c { ?s a ed:Scene ; sosa:resultTime ?t OPTIONAL { ?s ed:cloudCover ?c } } ORDER BY DESC(BOUND(?c)) ?c DESC(?t) ?s LIMIT 9
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfWithin(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfContains(?a, ?f)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/city/1> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfContains(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfDisjoint(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfOverlaps(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a) && !geof:sfTouches(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; ed:relativeOrbit 7 ; geo:hasGeometry/geo:asWKT ?f . <place/city/1> geo:hasGeometry/geo:asWKT ?a FILTER(geof:distance(?f, ?a, uom:metre) <= 300000) }
SELECT ?s { ?s a ed:Scene ; ed:relativeOrbit 7 ; geo:hasGeometry/geo:asWKT ?f FILTER(geof:distance(?f, "POINT(5 5)"^^geo:wktLiteral, uom:kilometre) < 300) }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfIntersects(?f, "POLYGON((3 3,6 3,6 6,3 6,3 3))"^^geo:wktLiteral)) }
SELECT ?country (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . ?country ed:placeKind <place-kind/country> ; geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a)) } GROUP BY ?country
SELECT ?country ?l (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene . ?country ed:placeKind <place-kind/country> ; rdfs:label ?l . ?country geo:hasGeometry/geo:asWKT ?a . ?s geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfIntersects(?f, ?a)) } GROUP BY ?country ?l ORDER BY DESC(?n) ?country LIMIT 2
SELECT ?m (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; sosa:resultTime ?t BIND(MONTH(?t) AS ?m) } GROUP BY ?m ORDER BY ?m
SELECT ?y ?m (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; sosa:resultTime ?t BIND(MONTH(?t) AS ?m) BIND(YEAR(?t) AS ?y) } GROUP BY ?y ?m ORDER BY DESC(?n) ?y ?m LIMIT 4
SELECT ?season (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; sosa:resultTime ?t BIND(IF(MONTH(?t) IN (12, 1, 2), "winter", IF(MONTH(?t) <= 5, "spring", "later")) AS ?season) } GROUP BY ?season
SELECT ?p (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:platform ?p } GROUP BY ?p HAVING(COUNT(DISTINCT ?s) > 50) ORDER BY DESC(?n) ?p
SELECT ?p ?l (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:platform ?p . ?p skos:prefLabel|rdfs:label ?l } GROUP BY ?p ?l
SELECT ?l (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:platform/skos:broader ?p . ?p skos:prefLabel ?l } GROUP BY ?l
SELECT ?c (COUNT(*) AS ?n) { ?s a ed:Scene ; ed:collection ?c ; ed:productType "L1C" } GROUP BY ?c
SELECT (COUNT(?c) AS ?n) (MIN(?c) AS ?low) (MAX(?c) AS ?high) { ?s a ed:Scene ; ed:cloudCover ?c }
SELECT (MIN(?t) AS ?a) (MAX(?t) AS ?b) { ?s a ed:Scene ; sosa:resultTime ?t }
SELECT (MIN(?o) AS ?a) (SUM(?o) AS ?b) (AVG(?o) AS ?c) { ?s a ed:Scene ; ed:relativeOrbit ?o }
SELECT (COUNT(DISTINCT ?i) AS ?n) { ?s a ed:Scene ; ed:mgrsTile ?i }
SELECT (MAX(?x) AS ?a) (COUNT(?x) AS ?k) { { SELECT ?s (MAX(?c) AS ?x) { ?s a ed:Scene ; ed:cloudCover ?c } GROUP BY ?s } }
SELECT ?d ?t { ?d a ed:TrainingDataset ; dct:title ?t ; dct:spatial/geo:hasGeometry/geo:asWKT ?w }
SELECT ?x ?i { ?x dct:identifier ?i FILTER(CONTAINS(?i, "00")) }
SELECT ?x { ?x dct:identifier "alpha" }
SELECT ?x { ?x ed:band <band/red> }
SELECT DISTINCT ?t { ?x a ?t }
SELECT ?t (COUNT(*) AS ?n) { ?x a ?t } GROUP BY ?t
SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p
ASK { ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c > 99) }
ASK { ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c > 199) }
ASK { ?s a ed:Scene ; ed:mission <sensor/landsat> }
ASK { <scene/one/nothing> a ed:Scene }
SELECT ?s { ?s a ed:Scene FILTER NOT EXISTS { ?s ed:polarisation "VH" } FILTER EXISTS { ?s ed:mission ?m } }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene FILTER NOT EXISTS { ?s ed:polarisation "VH" } }
SELECT (AVG(?c) AS ?n) { ?s a ed:Scene ; ed:relativeOrbit ?c FILTER NOT EXISTS { ?s ed:relativeOrbit ?more FILTER(?more > ?c) } }
SELECT ?s { ?s a ed:Scene MINUS { ?s ed:cloudCover ?c FILTER(?c < 50) } }
SELECT ?s { ?s a ed:Scene MINUS { ?x ed:cloudCover ?c FILTER(?c < 50) } }
SELECT ?s { ?s a ed:Scene { ?s ed:polarisation "VV" } UNION { ?s ed:cloudCover ?c FILTER(?c < 10) } }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene { ?s ed:polarisation "VV" } UNION { ?s ed:cloudCover ?c FILTER(?c < 10) } }
SELECT (COUNT(*) AS ?n) { ?s a ed:Scene { ?s ed:polarisation "VV" } UNION { ?s ed:orbitDirection "ascending" } }
SELECT ?s { { ?s a ed:Scene ; ed:relativeOrbit 3 } UNION { ?s a ed:TrainingDataset } }
SELECT ?s ?d { ?d a ed:TrainingDataset ; ed:sensor ?m . ?s ed:mission ?m ; ed:relativeOrbit 5 }
SELECT ?d (COUNT(DISTINCT ?s) AS ?n) { ?d a ed:TrainingDataset ; ed:sensor ?m . ?s a ed:Scene ; ed:mission ?m } GROUP BY ?d
SELECT ?a ?b { ?a a ed:Scene ; ed:mgrsTile ?t ; ed:relativeOrbit 3 . ?b a ed:Scene ; ed:mgrsTile ?t ; ed:relativeOrbit 4 }
SELECT ?s { VALUES ?m { <sensor/sentinel-2> <sensor/landsat> } ?s ed:mission ?m ; a ed:Scene }
SELECT (COUNT(DISTINCT ?s) AS ?n) { VALUES ?m { <sensor/sentinel-2> <sensor/landsat> <sensor/none> } ?s ed:mission ?m ; a ed:Scene }
SELECT ?s ?n { { SELECT ?s (COUNT(DISTINCT ?b) AS ?n) { ?s ed:band ?b } GROUP BY ?s HAVING(COUNT(DISTINCT ?b) > 1) } ?s a ed:Scene ; ed:productType "L1C" }
SELECT ?s ?i { { SELECT ?s { ?s a ed:Scene ; sosa:resultTime ?t } ORDER BY DESC(?t) ?s LIMIT 4 } ?s dct:identifier ?i OPTIONAL { ?s ed:cloudCover ?c } }
SELECT ?p ?o { <scene/one/P0001%20x%2F1> ?p ?o }
SELECT ?p ?o { <scene/two/P0001%20x%2F1> ?p ?o }
SELECT ?w { <scene/one/P0001%20x%2F1#geometry> geo:asWKT ?w }
SELECT ?s { ?s geo:hasGeometry <scene/one/P0001%20x%2F1#geometry> }
SELECT ?g ?s ?o { GRAPH ?g { ?s dct:source ?o } }
SELECT ?g ?x ?s { ?s a ed:Scene ; ed:relativeOrbit 3 . GRAPH ?g { ?x dct:source "the paper" } }
SELECT ?s { ?s a ed:Scene ; sosa:resultTime ?t FILTER(MONTH(?t) IN (6, 7) && YEAR(?t) = 2019) } ORDER BY DESC(?t) LIMIT 3
SELECT ?s { ?s a ed:Scene ; ed:productType ?p FILTER(?p NOT IN ("L1C", "GRD")) }
SELECT ?s { ?s a ed:Scene ; ed:platform ?p FILTER(?p NOT IN (<sensor/sentinel-2a>, <sensor/landsat-8>)) }
SELECT ?s { ?s a ed:Scene ; ed:platform ?p FILTER(?p = <sensor/sentinel-2a> || ?p = <x:y>) }
SELECT ?s { ?s a ed:Scene ; ed:productType ?p FILTER(CONTAINS(LCASE(STR(?p)), "l1")) }
SELECT ?s { ?s a ed:Scene ; ed:productType ?p FILTER(REGEX(STR(?p), "^l2", "i")) }
SELECT ?s { ?s a ed:Scene ; dct:identifier ?i FILTER(STRSTARTS(?i, "P000") || STRENDS(?i, "ü/1")) }
SELECT ?s { ?s a ed:Scene ; dct:identifier "P0001 x/1" }
CONSTRUCT { ?s dct:title ?p } { ?s a ed:Scene ; ed:productType ?p ; ed:relativeOrbit 3 }
CONSTRUCT WHERE { ?s a ed:Scene ; ed:cloudCover ?c }
SELECT ?s ?key { ?s a ed:Scene ; ed:relativeOrbit 7 ; geo:hasGeometry/geo:asWKT ?f . <place/city/1> geo:hasGeometry/geo:asWKT ?a BIND(geof:distance(?f, ?a, uom:metre) AS ?key) } ORDER BY ?key ?s LIMIT 3
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f ; ed:cloudCover ?c . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a) || ?c < 3) }
SELECT ?l ?s { VALUES ?w { <place/country/AA> <place/country/BB> } ?w geo:hasGeometry/geo:asWKT ?a ; rdfs:label ?l . ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfIntersects(?f, ?a)) }
SELECT DISTINCT ?s { VALUES ?w { <place/country/AA> <place/country/BB> } ?w geo:hasGeometry/geo:asWKT ?a . ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfIntersects(?f, ?a)) } ORDER BY ?s LIMIT 12
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f { <place/country/AA> geo:hasGeometry/geo:asWKT ?x BIND(?x AS ?a) } UNION { BIND("POINT(15 15)"^^geo:wktLiteral AS ?a) } FILTER(geof:sfIntersects(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; ed:globalExtent true }
SELECT ?s { ?s a ed:Scene ; ed:cloudCover 5.0 }
SELECT ?s { ?s a ed:Scene ; ed:resolution ?r }
SELECT ?s { ?s a ed:Scene ; dcat:spatialResolutionInMeters ?r FILTER(?r <= 10) }
SELECT ?x ?r { ?x dcat:spatialResolutionInMeters ?r FILTER(?r < 15) }
SELECT ?s ?m { ?s a ed:Scene ; dct:identifier ?i FILTER(STRSTARTS(?i, "P000")) OPTIONAL { ?s ed:platform ?p . ?p skos:broader ?m } }
SELECT ?s ?l { ?s a ed:Scene ; ed:relativeOrbit 2 OPTIONAL { ?s ed:platform ?p OPTIONAL { ?p skos:prefLabel ?l } } }
SELECT ?w { ?g geo:asWKT ?w }
SELECT ?x ?w { ?x geo:hasGeometry/geo:asWKT ?w }
SELECT ?s { ?s a ed:Scene ; sosa:resultTime ?t . <dataset/alpha> dct:temporal/dcat:startDate ?from ; dct:temporal/dcat:endDate ?until FILTER(?t >= ?from && ?t <= ?until) }
SELECT ?s { ?s a ed:Scene ; ed:mission ?m . <dataset/alpha> ed:sensor ?m }
SELECT ?s { ?s a ed:Scene FILTER(?s = <scene/one/P0001%20x%2F1> || ?s = <scene/two/P0001%20x%2F1>) }
SELECT ?s { VALUES ?s { <scene/one/P0001%20x%2F1> <scene/two/P0001%20x%2F1> <dataset/alpha> } ?s a ?t }
SELECT ?s { ?s a ed:Scene { ?s ed:relativeOrbit 3 } FILTER(EXISTS { ?s ed:cloudCover ?c FILTER(?c > 20) }) }
SELECT ?s (IF(BOUND(?c), ?c, -1) AS ?x) { ?s a ed:Scene ; ed:relativeOrbit 4 OPTIONAL { ?s ed:cloudCover ?c } }
SELECT ?s { ?s a ed:Scene ; ed:relativeOrbit ?o FILTER(?o * 2 > 30) }
SELECT ?s { ?s a ed:Scene ; ed:cloudCover ?c ; ed:relativeOrbit ?o FILTER(?c < ?o) }
SELECT ?s { ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c < "x") }
SELECT ?s { ?s a ed:Scene ; ed:cloudCover ?c FILTER(!(?c < 90)) }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene OPTIONAL { ?s ed:cloudCover ?c } FILTER(!BOUND(?c)) }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene OPTIONAL { ?s ed:cloudCover ?c } FILTER(COALESCE(?c, 0) < 10) }
SELECT ?s { ?s (ed:mission|ed:platform) <sensor/landsat-8> }
SELECT ?s { ?s ^skos:broader ?x . ?y ed:mission ?s ; ed:relativeOrbit 3 }
SELECT ?x { <sensor/sentinel-2> ^ed:mission/ed:platform ?x }
SELECT ?s ?x { ?s a ed:Scene ; ed:relativeOrbit 3 . ?s !(rdf:type|geo:hasGeometry) ?x }
SELECT ?s ?t { ?s a ?t ; ed:relativeOrbit 3 VALUES ?t { ed:Scene dcat:Dataset } }
SELECT ?d ?b { ?d a dcat:Dataset { SELECT ?d (COUNT(DISTINCT ?x) AS ?b) { ?d ed:band ?x } GROUP BY ?d } }
SELECT ?s { ?s a ed:Scene ; ed:collection "one" ; ed:productType "GRD" } ORDER BY ?s
SELECT ?s { ?s a ed:Scene ; ed:collection "one" . ?s ed:collection "two" }
SELECT ?s { ?s a ed:Scene ; ed:platform <dataset/alpha> }
SELECT ?s { ?s a ed:Scene . FILTER(false) }
SELECT ?s { ?s a dcat:Dataset , ed:Scene }
SELECT ?k ?n { { SELECT ?k (COUNT(*) AS ?n) { ?s a ed:Scene ; ed:orbitDirection ?k } GROUP BY ?k } FILTER(?n > 3) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . { SELECT ?x WHERE { ?x geo:sfWithin+ <place/country/AA> } } ?x ed:population ?n FILTER(?n > 300000) ?x geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a)) }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . { SELECT ?x WHERE { ?x geo:sfWithin+ <place/country/AA> } } ?x geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . { SELECT ?x ?a WHERE { ?x ed:placeKind <place-kind/country> ; geo:hasGeometry/geo:asWKT ?a ; rdfs:label ?l } ORDER BY ?l LIMIT 1 } FILTER(geof:sfIntersects(?f, ?a)) }
SELECT DISTINCT ?s ?t { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f ; sosa:resultTime ?t . { <place/country/AA> geo:hasGeometry/geo:asWKT ?x BIND(?x AS ?a) } UNION { <place/country/CC> geo:hasGeometry/geo:asWKT ?a } FILTER(geof:sfIntersects(?f, ?a)) } ORDER BY DESC(?t) ?s LIMIT 8
SELECT ?s ?x { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . ?x ed:placeKind ?k ; geo:hasGeometry/geo:asWKT ?a FILTER(?k = <place-kind/lake> || EXISTS { ?x geo:sfWithin+ <place/country/AA> }) FILTER(geof:sfIntersects(?f, ?a)) }
SELECT ?s { ?s a ed:Scene ; ed:mission ?m { ?m skos:prefLabel "Sentinel-1" } UNION { ?m skos:broader <sensor/none> } UNION { <dataset/alpha> ed:sensor ?m } }
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:mission ?m { ?m skos:prefLabel "Sentinel-1" } UNION { <dataset/alpha> ed:sensor ?m } }
SELECT ?s ?m { ?s a ed:Scene ; ed:mission ?m ; ed:relativeOrbit 6 { ?m skos:prefLabel "Sentinel-1" } UNION { ?other skos:prefLabel "Landsat" } }
SELECT ?s ?b { ?s a ed:Scene ; ed:relativeOrbit 6 ; ed:platform ?p . ?p skos:broader* ?b . ?b skos:prefLabel ?l }
SELECT ?b (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:platform ?p . ?p skos:broader+ ?b } GROUP BY ?b
SELECT ?s { ?s a ed:Scene ; ed:platform ?p . ?p (skos:broader|^skos:narrower)* <sensor/sentinel> }
SELECT ?s ?x { ?s a ed:Scene ; ed:platform ?p OPTIONAL { ?p skos:broader+ ?x } }
DESCRIBE <scene/one/P0001%20x%2F1>
DESCRIBE <dataset/alpha>
DESCRIBE ?s WHERE { ?s a ed:Scene ; ed:relativeOrbit 3 }
""".strip().splitlines()


def composed() -> list[str]:
    """Every condition with every form of answer."""
    conditions = [
        "?s ed:cloudCover ?c FILTER(?c <= 30)",
        'FILTER(?t < "2019-06-01T00:00:00Z"^^xsd:dateTime)',
        "FILTER(MONTH(?t) IN (3, 4, 5))",
        "VALUES ?m { <sensor/sentinel-1> <sensor/sentinel-2> } ?s ed:mission ?m",
        "?s geo:hasGeometry/geo:asWKT ?f . <place/country/BB> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a))",
        "FILTER NOT EXISTS { ?s ed:orbitDirection \"ascending\" }",
        '{ ?s ed:productType "L1C" } UNION { ?s ed:productType "GRD" }',
        "?s ed:instrument ?i",
    ]  # fmt: skip
    forms = [
        "SELECT ?s ?t {{ ?s a ed:Scene ; sosa:resultTime ?t . {0} }} ORDER BY DESC(?t) ?s LIMIT 6",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a ed:Scene ; sosa:resultTime ?t . {0} }}",
        "SELECT ?y (COUNT(DISTINCT ?s) AS ?n) {{ ?s a ed:Scene ; sosa:resultTime ?t . {0} BIND(YEAR(?t) AS ?y) }} GROUP BY ?y ORDER BY ?y",
        "SELECT ?p (MAX(?t) AS ?last) {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:platform ?p . {0} }} GROUP BY ?p",
        "SELECT (AVG(?x) AS ?mean) {{ {{ SELECT ?s (MAX(?o) AS ?x) {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:relativeOrbit ?o . {0} }} GROUP BY ?s }} }}",
        "ASK {{ ?s a ed:Scene ; sosa:resultTime ?t . {0} }}",
    ]
    both = [". ".join(pair) for pair in itertools.combinations(conditions[:5], 2)]
    return [form.format(one) for form in forms for one in (*conditions, *both)]
