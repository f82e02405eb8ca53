"""Queries over the built-in catalogue, written by hand: each form of SPARQL 1.1 that people use."""

from __future__ import annotations

AT = "<https://w3id.org/earthdex/place/country/AT>"
PROVENANCE = "<https://w3id.org/earthdex/graph/provenance>"

QUERIES: dict[str, str] = {
    # plain patterns
    "titles of datasets": "SELECT ?d ?t { ?d a ed:TrainingDataset ; dct:title ?t }",
    "one value by constant text": 'SELECT ?d { ?d dct:title "BigEarthNet" }',
    "one value by text with a language": 'SELECT ?p { ?p rdfs:label "Etna"@en }',
    "all of one thing": f"SELECT ?p ?o {{ {AT} ?p ?o }}",
    "all that points at one thing": f"SELECT ?s ?p {{ ?s ?p {AT} }}",
    "predicates between two kinds": "SELECT DISTINCT ?p { ?m a it6:MachineLearningModel ; ?p ?d . "
    "?d a ed:TrainingDataset }",
    "number as a constant": "SELECT ?d { ?d ed:publicationYear 2020 }",
    "number in another form": 'SELECT ?d { ?d ed:publicationYear "2020"^^xsd:integer ; a ed:TrainingDataset }',
    "truth value as a constant": "SELECT ?p { ?p ed:globalExtent true }",
    "date as a constant": 'SELECT ?s { ?s schema:startDate "2015-06-23"^^xsd:date }',
    "blank node in a pattern": "SELECT ?d ?n { ?d ed:split [ dct:title ?t ; ed:sampleCount ?n ] . "
    "?d a ed:TrainingDataset }",
    "cross product of two small sets": "SELECT ?a ?b { ?a skos:topConceptOf <https://w3id.org/earthdex/task> . "
    "?b skos:topConceptOf <https://w3id.org/earthdex/modality> }",
    # forms
    "ask, yes": "ASK { ?d a ed:TrainingDataset ; dct:license/ed:permitsCommercialUse true }",
    "ask, no": "ASK { ?d a ed:TrainingDataset , it6:MachineLearningModel , skos:Concept }",
    "construct": "CONSTRUCT { ?d rdfs:label ?t } WHERE { ?d a ed:TrainingDataset ; dct:title ?t }",
    "construct where": "CONSTRUCT WHERE { ?m it6:trainedOn ?d }",
    "describe": f"DESCRIBE {AT}",
    "describe what is found": 'DESCRIBE ?d { ?d a ed:TrainingDataset ; dct:title "BigEarthNet" }',
    # aggregates
    "count all of a class": "SELECT (COUNT(*) AS ?n) { ?d a ed:TrainingDataset }",
    "count by group": "SELECT ?m (COUNT(DISTINCT ?d) AS ?n) { ?d a ed:TrainingDataset ; ed:modality ?m } GROUP BY ?m",
    "groups that are large": "SELECT ?t (COUNT(*) AS ?n) { ?d dcat:theme ?t } GROUP BY ?t HAVING (COUNT(*) > 5)",
    "sum, least and most": "SELECT (SUM(?n) AS ?s) (MIN(?n) AS ?a) (MAX(?n) AS ?b) { ?d ed:split/ed:sampleCount ?n }",
    "average": 'SELECT (AVG(?p) AS ?a) { ?c ed:placeKind/skos:prefLabel "country"@en ; ed:population ?p }',
    "texts joined": "SELECT ?d (GROUP_CONCAT(?t; SEPARATOR=' ') AS ?all) { SELECT ?d ?t { "
    "?d a it6:MachineLearningModel ; dct:title ?t } ORDER BY ?t } GROUP BY ?d",
    "group by an expression": "SELECT ?l (COUNT(*) AS ?n) { ?c a skos:Concept ; skos:prefLabel ?x } "
    "GROUP BY (LCASE(SUBSTR(?x, 1, 1)) AS ?l)",
    "aggregate over nothing": "SELECT (COUNT(?x) AS ?n) (SUM(?x) AS ?s) { ?x a ed:Nothing }",
    "distinct values": "SELECT DISTINCT ?k { ?p ed:placeKind ?k }",
    # optional, union, minus, exists
    "optional": "SELECT ?d ?l { ?d a ed:TrainingDataset OPTIONAL { ?d dct:license/spdx:licenseId ?l } }",
    "optional in optional": "SELECT ?d ?s ?n { ?d a ed:TrainingDataset OPTIONAL { ?d ed:split ?s OPTIONAL "
    "{ ?s ed:sampleCount ?n } } }",
    "two optionals for one variable": "SELECT ?c ?x { ?c skos:inScheme <https://w3id.org/earthdex/task> "
    "OPTIONAL { ?c skos:notation ?x } OPTIONAL { ?c skos:altLabel ?x } }",
    "optional with a filter on what is outside": "SELECT ?a ?b { ?a ed:revisitDays ?x OPTIONAL { ?b ed:revisitDays ?y "
    "FILTER(?y < ?x) } }",
    "optional before what binds": "SELECT ?s ?n ?p { ?s skos:inScheme <https://w3id.org/earthdex/sensor> "
    "OPTIONAL { ?s skos:broader ?p } ?p skos:notation ?n }",
    "unbound": "SELECT ?d { ?d a ed:TrainingDataset OPTIONAL { ?d ed:split ?s } FILTER(!BOUND(?s)) }",
    "union": "SELECT ?x ?n { { ?x a ed:TrainingDataset ; dct:title ?n } UNION { ?x a it6:MachineLearningModel ; "
    "dct:title ?n } }",
    "union of other variables": "SELECT ?x ?y { { ?x skos:broader ?y } UNION { ?y skos:narrower ?x } UNION "
    "{ ?x sosa:isHostedBy ?y } }",
    "minus": "SELECT ?d { ?d a ed:TrainingDataset MINUS { ?d dct:spatial ?p . ?p ed:globalExtent true } }",
    "minus without a shared variable": "SELECT ?d { ?d a it6:MachineLearningModel MINUS { ?x a ed:TrainingDataset } }",
    "not exists": "SELECT ?d { ?d a ed:TrainingDataset FILTER NOT EXISTS { ?m it6:trainedOn ?d } }",
    "exists inside a condition": "SELECT ?d { ?d a ed:TrainingDataset FILTER(EXISTS { ?d ed:split ?s } || "
    "EXISTS { ?m it6:trainedOn ?d }) }",
    "exists as a value": "SELECT ?d ?has { ?d a ed:TrainingDataset BIND(EXISTS { ?d ed:split ?s } AS ?has) }",
    # paths
    "sequence and inverse": "SELECT ?t ?p { ?t ^dcat:theme/dct:publisher/foaf:name ?p }",
    "alternative": "SELECT ?d ?n { ?d a ed:TrainingDataset ; dct:title|skos:altLabel ?n }",
    "one or more": "SELECT ?c { ?c skos:broader+ <https://w3id.org/earthdex/sensor/sentinel> }",
    "none or more from a constant": "SELECT ?c { <https://w3id.org/earthdex/sensor/sentinel-2a> skos:broader* ?c }",
    "none or more of two": "SELECT DISTINCT ?d { ?d ed:sensor/(skos:broader|sosa:isHostedBy)* "
    "<https://w3id.org/earthdex/sensor/sentinel-2> }",
    "at most one": "SELECT ?d ?x { ?d a ed:TrainingDataset ; ed:sensor/skos:broader? ?x }",
    "not this predicate": f"SELECT ?o {{ {AT} !(rdf:type|skos:altLabel|rdfs:label) ?o }}",
    "inverse of many": "SELECT ?x { <https://w3id.org/earthdex/sensor/sentinel> (^skos:broader)+ ?x }",
    "path of paths": "SELECT DISTINCT ?k { ?d a ed:TrainingDataset ; (dct:spatial/geo:sfWithin*)/ed:placeKind ?k }",
    # sub-selects and inline data
    "sub-select with a limit": "SELECT ?d ?t { { SELECT ?d { ?d a ed:TrainingDataset ; dct:title ?n } ORDER BY ?n ?d "
    "LIMIT 7 } ?d dcat:theme ?t }",
    "sub-select with an aggregate": "SELECT ?d ?n { { SELECT ?d (COUNT(?b) AS ?n) { ?d a ed:TrainingDataset ; "
    "ed:band ?b } GROUP BY ?d } FILTER(?n > 9) }",
    "values": "SELECT ?d ?t { VALUES ?t { <https://w3id.org/earthdex/topic/crop-type> "
    "<https://w3id.org/earthdex/topic/flood> } ?d dcat:theme ?t }",
    "values with gaps": "SELECT ?d ?t ?m { VALUES (?t ?m) { (<https://w3id.org/earthdex/topic/flood> UNDEF) "
    "(UNDEF <https://w3id.org/earthdex/modality/sar>) } ?d dcat:theme ?t ; ed:modality ?m }",
    "values at the end": "SELECT ?m ?d { ?d ed:modality ?m } VALUES ?m { <https://w3id.org/earthdex/modality/sar> }",
    "values of texts": 'SELECT ?d ?n { VALUES ?n { "BigEarthNet" "EuroSAT" "SEN12MS" } ?d dct:title ?n }',
    # many rows
    "more than a page of a server": "SELECT (COUNT(*) AS ?n) { ?s skos:altLabel ?o }",
    "all classes": "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c",
    # functions
    "part of a text": 'SELECT ?d ?n { ?d a ed:TrainingDataset ; dct:title ?n FILTER(CONTAINS(LCASE(?n), "sen")) }',
    "pattern of a text": "SELECT ?n { ?d a it6:MachineLearningModel ; dct:title ?n "
    'FILTER(REGEX(?n, "^[a-m].*-", "i")) }',
    "text made of texts": 'SELECT (CONCAT(UCASE(?n), " / ", STR(STRLEN(?n))) AS ?x) { ?d a ed:TrainingDataset ; '
    "dct:title ?n }",
    "text before, after and replaced": 'SELECT (STRBEFORE(?n, "-") AS ?a) (STRAFTER(?n, "-") AS ?b) '
    '(REPLACE(?n, "[0-9]+", "#") AS ?c) { ?d a ed:TrainingDataset ; dct:title ?n }',
    "language": "SELECT ?l (LANG(?l) AS ?x) { ?c skos:inScheme <https://w3id.org/earthdex/task> ; skos:prefLabel ?l "
    'FILTER(LANGMATCHES(LANG(?l), "EN")) }',
    "type of a value": "SELECT DISTINCT (DATATYPE(?o) AS ?t) { ?d a ed:TrainingDataset ; ?p ?o FILTER(isLiteral(?o)) }",
    "numbers compared": "SELECT ?p ?n { ?p ed:population ?n FILTER(?n > 20000000) }",
    "numbers reckoned": "SELECT ?p (ROUND(?n / ?a) AS ?x) { ?p ed:population ?n ; ed:areaKm2 ?a FILTER(?a > 1000000) }",
    "years of dates": "SELECT ?s (YEAR(?d) AS ?y) { ?s schema:startDate ?d FILTER(YEAR(?d) >= 2015) }",
    "dates compared": 'SELECT ?s ?d { ?s schema:startDate ?d FILTER(?d < "1990-01-01"^^xsd:date) }',
    "conditions": 'SELECT ?d (IF(?c, "free", "not free") AS ?x) { ?d a ed:TrainingDataset ; dct:license ?l . '
    "?l ed:permitsCommercialUse ?c }",
    "the first that is there": 'SELECT ?d (COALESCE(?y, "unknown") AS ?x) { ?d a ed:TrainingDataset OPTIONAL '
    "{ ?d ed:publicationYear ?y } }",
    "in a list": 'SELECT ?d ?y { ?d ed:publicationYear ?y FILTER(?y IN (2019, 2021.0, "2020")) }',
    "one of these things": "SELECT ?d { ?d ed:modality ?m FILTER(?m IN (<https://w3id.org/earthdex/modality/sar>, "
    "<https://w3id.org/earthdex/modality/lidar>)) }",
    "kind of a term": "SELECT ?o { ?m it6:trainedOn ?o FILTER(isIRI(?o) && !isBlank(?o)) }",
    "a name made into a thing": f'SELECT ?p ?o {{ BIND(IRI(CONCAT("https://w3id.org/earthdex/place/", "country/AT")) '
    f"AS ?x) ?x ?p ?o FILTER(?x = {AT}) }}",
    # geometry
    "within a polygon": "SELECT ?p { ?p ed:placeKind <https://w3id.org/earthdex/place-kind/volcano> ; geo:hasGeometry/"
    'geo:asWKT ?w FILTER(geof:sfIntersects(?w, "POLYGON((10 36,19 36,19 42,10 42,10 36))"^^geo:wktLiteral)) }',
    "near a point": f"SELECT ?p {{ {AT} geo:hasGeometry/geo:asWKT ?a . ?p ed:placeKind ?k ; geo:hasCentroid/geo:asWKT "
    '?w . ?k skos:prefLabel "country"@en FILTER(geof:distance(?w, "POINT(14 47.5)"^^geo:wktLiteral, uom:metre) < '
    "600000) }",
    "two geometries of the graph": "SELECT ?d ?p { ?d a ed:TrainingDataset ; dct:spatial ?p . ?p geo:hasGeometry/"
    f"geo:asWKT ?w . {AT} geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?w, ?a) && !geof:sfTouches(?w, ?a)) }}",
    "the text of geometries": "SELECT ?p ?w { ?d a ed:TrainingDataset ; dct:spatial ?p . "
    "?p geo:hasGeometry/geo:asWKT ?w }",
    # graphs
    "a named graph": f"SELECT ?s ?src {{ GRAPH {PROVENANCE} {{ ?s rdf:subject <https://w3id.org/earthdex/dataset/"
    "bigearthnet> ; dct:source ?src } }",
    "any named graph": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s rdf:predicate dct:title } } GROUP BY ?g",
    "both graphs": f"SELECT ?d ?t ?src {{ ?d a ed:TrainingDataset ; dct:title ?t GRAPH {PROVENANCE} "
    "{ ?s rdf:subject ?d ; rdf:predicate dct:title ; rdf:object ?t ; dct:source ?src } }",
    "names of graphs": "SELECT ?g { GRAPH ?g {} }",
    "from a named graph": f"SELECT (COUNT(*) AS ?n) FROM {PROVENANCE} {{ ?s rdf:predicate dct:license }}",
}

ORDERED: dict[str, str] = {
    "by name": "SELECT ?d ?t { ?d a ed:TrainingDataset ; dct:title ?t } ORDER BY ?t ?d",
    "downwards with a limit": "SELECT ?p ?n { ?p ed:population ?n } ORDER BY DESC(?n) ?p LIMIT 12",
    "a page": "SELECT ?d { ?d a it6:MachineLearningModel } ORDER BY ?d LIMIT 10 OFFSET 40",
    "by an expression": "SELECT ?n { ?d a ed:TrainingDataset ; dct:title ?n } ORDER BY STRLEN(?n) LCASE(?n) ?n",
    "by what may be missing": "SELECT ?d ?y { ?d a ed:TrainingDataset OPTIONAL { ?d ed:publicationYear ?y } } "
    "ORDER BY ?y ?d",
    "groups by number": "SELECT ?m (COUNT(*) AS ?n) { ?d ed:modality ?m } GROUP BY ?m ORDER BY DESC(?n) ?m",
    "by dates": "SELECT ?s ?d { ?s schema:startDate ?d } ORDER BY ?d ?s",
}
"""Queries whose order is a total one."""

MAY_BE_EMPTY = frozenset({"ask, no", "aggregate over nothing", "number as a constant", "values with gaps", "in a list",
                          "date as a constant", "union of other variables", "a named graph"})  # fmt: skip
