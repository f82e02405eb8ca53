"""What is asked of the service: questions and queries as people send them, and queries that burn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlencode

_QUESTIONS = Path(__file__).parents[1] / "catalogue" / "questions"
_PREFIXES = (
    "PREFIX ed: <https://w3id.org/earthdex/ns#> PREFIX dct: <http://purl.org/dc/terms/> "
    "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    "PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
    "PREFIX sosa: <http://www.w3.org/ns/sosa/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)
_TOPICS = ("crop-type", "land-cover", "flood", "clouds", "marine-debris", "burned-area", "urban", "forest")
_COUNTRIES = ("AT", "DE", "FR", "KE", "BR", "IN", "US", "ES")
# {n} and {name} vary; those over the graph alone are asked of the peer as well
GRAPH_QUERIES = (
    "SELECT ?d ?t {{ ?d a ed:TrainingDataset ; dct:title ?t }} ORDER BY ?t LIMIT {n}",
    "SELECT (COUNT(*) AS ?n) {{ ?d a ed:TrainingDataset ; dcat:theme <https://w3id.org/earthdex/topic/{topic}> }}",
    "SELECT ?p ?o {{ <https://w3id.org/earthdex/dataset/eurosat> ?p ?o }} LIMIT {n}",
    "SELECT ?s ?l {{ ?s skos:inScheme <https://w3id.org/earthdex/sensor> ; skos:prefLabel ?l }} ORDER BY ?l LIMIT {n}",
    "ASK {{ ?d a ed:TrainingDataset ; dct:spatial <https://w3id.org/earthdex/place/country/{country}> }}",
    "SELECT ?d ?l {{ ?d a ed:TrainingDataset ; dct:license ?l }} ORDER BY ?d OFFSET {n} LIMIT 20",
)
SCENE_QUERIES = (
    "SELECT ?s ?t {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:cloudCover ?c FILTER(?c < {n}) }} "
    "ORDER BY DESC(?t) LIMIT 20",
    "SELECT (COUNT(?s) AS ?n) {{ ?s a ed:Scene ; sosa:resultTime ?t FILTER("
    '?t >= "20{year}-01-01T00:00:00Z"^^xsd:dateTime && ?t < "20{year}-02-01T00:00:00Z"^^xsd:dateTime) }}',
)
# each burns in another way: time, rows, memory, geometry, texts, paths
HEAVY = (
    "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }} #{k}",
    "SELECT DISTINCT ?a ?d {{ ?a ?b ?c . ?d ?e ?f }} #{k}",
    "SELECT ?a ?c ?f {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY ?f ?c #{k}",
    'SELECT (GROUP_CONCAT(?i ; SEPARATOR="") AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} #{k}',
    "SELECT (COUNT(*) AS ?n) {{ ?a geo:asWKT ?x . ?b geo:asWKT ?y FILTER(geof:sfOverlaps(geof:buffer(?x, {k}, "
    "<http://www.opengis.net/def/uom/OGC/1.0/metre>), ?y)) }}",
    "SELECT (COUNT(*) AS ?n) {{ ?a (skos:broader|^skos:broader)* ?b . ?b (skos:related|!skos:broader)* ?c }} #{k}",
    "SELECT (STRLEN(?z) AS ?n) {{ ?a ?b ?c . ?d ?e ?f BIND(CONCAT(STR(?c), STR(?f)) AS ?z) }} ORDER BY DESC(?n) #{k}",
    'SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f FILTER(REGEX(STR(?c), CONCAT(".*", SUBSTR(STR(?f), 1, 3), ".*"))) '
    "}} #{k}",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: its kind (question, query or heavy) and the target of its GET."""

    kind: str
    target: str


def questions() -> list[str]:
    """Questions of the catalogue's own set that stand for themselves."""
    found: list[str] = []
    for path in sorted(_QUESTIONS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["class"] != "follow_up":
                found.append(entry["question"])
    return found


def ask(text: str) -> Request:
    """A question as a request."""
    return Request("question", "/ask?" + urlencode({"q": text, "limit": 10}))


def query(text: str, kind: str = "query") -> Request:
    """A query as a request."""
    return Request(kind, "/sparql?" + urlencode({"query": _PREFIXES + text}))


def filled(template: str, random: Random) -> str:
    """A query with other constants each time."""
    return template.format(
        n=random.randint(1, 99),
        topic=random.choice(_TOPICS),
        country=random.choice(_COUNTRIES),
        year=random.randint(16, 24),
        k=random.randint(1, 10**6),
    )


def mix(count: int, seed: int, pool: int, share: float = 0.8) -> list[Request]:
    """Questions and queries, shuffled.

    Args:
        count: requests.
        seed: the same seed gives the same requests.
        pool: different questions of which they are drawn: the k-th as often as 1/k (Zipf), as people ask.
        share: of questions among the requests.
    """
    random = Random(seed)
    texts = questions()
    random.shuffle(texts)
    texts = texts[:pool]
    weights = [1 / rank for rank in range(1, len(texts) + 1)]
    asked = round(count * share)
    found = [ask(text) for text in random.choices(texts, weights, k=asked)]
    templates = (*GRAPH_QUERIES, *SCENE_QUERIES)
    found += [query(filled(random.choice(templates), random)) for _ in range(count - asked)]
    random.shuffle(found)
    return found


def graph_queries(count: int, seed: int) -> list[Request]:
    """Queries over the graph alone, which the peer can answer too."""
    random = Random(seed)
    return [query(filled(random.choice(GRAPH_QUERIES), random)) for _ in range(count)]


def heavy(count: int, seed: int) -> Iterator[Request]:
    """Queries that would run for minutes, each with a text of its own."""
    random = Random(seed)
    for number in range(count):
        yield query(filled(HEAVY[number % len(HEAVY)], random), "heavy")
