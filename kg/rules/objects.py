"""The spatial objects of a graph: features and geometries with their literals, under one spatial index.

A geometry has its serialisations (`geo:asWKT`, `geo:asGML` ...), a feature those of its default geometries
(`geo:hasDefaultGeometry`), or of all its geometries (`geo:hasGeometry`) where it has no default one. Two objects are
related where any of their literals are (OGC 22-047r1, clause 11).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from kg.geosparql.relations import relations
from kg.geosparql.shape import shape_of, wkt
from kg.oxigraph import OxigraphStore
from kg.rules.kept import Kept, load, save
from kg.rules.relations import RELATIONS, Relation, matches
from kg.rules.vocabulary import LITERALS
from ontology.errors import EarthdexError, GeometryError, QueryTooLarge
from ontology.namespaces import PREFIXES
from ontology.terms import IRI, WKT_LITERAL, BNode, Literal, Term

Name: TypeAlias = IRI | BNode

_GEO = PREFIXES["geo"]
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_DEFAULT = ("hasDefaultGeometry", "defaultGeometry")
_STANDS_FOR_IT = ("hasCentroid", "hasBoundingBox")
_CHUNK = 64
_MOST_COMPARED = 20_000_000


class SpatialObjects:
    """All spatial objects of a graph that does not change. Safe for threads once made.

    Attributes:
        unread: number of literals that are no geometry, and so are related with nothing.
        single: numbers of the features that have one `geo:hasGeometry`, and that one literal, in WKT.
    """

    def __init__(self, store: OxigraphStore, path: Path | None = None) -> None:
        """Reads the objects.

        Args:
            store: the graph.
            path: a file that keeps them for the next time; None: none does.
        """
        import shapely

        kept = load(path) if path is not None else None
        if kept is None:
            kept = _read(store)
            if path is not None:
                save(path, kept)
        self.terms, self._held, self.single = kept.names, kept.held, kept.single
        self._shapes, self._plain, self._texts = kept.shapes, kept.plain, kept.literals
        self._names = {name: number for number, name in enumerate(self.terms)}
        self._owners: list[list[int]] = [[] for _ in self._texts]
        for number, items in enumerate(self._held):
            for item in items:
                self._owners[item].append(number)
        self.unread = int(shapely.is_missing(self._shapes).sum())
        self._tree = shapely.STRtree(self._shapes)

    def __len__(self) -> int:
        return len(self.terms)

    def number(self, name: Term) -> int | None:
        """The number of an object; None for what has no geometry."""
        return None if isinstance(name, Literal) else self._names.get(name)

    def literals(self, number: int) -> list[Literal]:
        """The literals of an object."""
        return [self._literal(one) for one in self._held[number]]

    def _literal(self, item: int) -> Literal:
        return self._texts[item] or wkt(self._shapes[item])

    def near(self, literal: Literal) -> set[int]:
        """Numbers of the objects whose boxes meet that of a geometry."""
        import shapely

        items = self._tree.query(shapely.box(*_wide(shape_of(literal).crs84, odd=True)))
        return {owner for item in items for owner in self._owners[item]}

    # --- relations ---------------------------------------------------------------------------------------------

    def related(
        self, name: str, subjects: Collection[int] | None, objects: Collection[int] | None, most: int
    ) -> set[tuple[int, int]]:
        """Pairs of objects that have a relation.

        Args:
            name: one of `RELATIONS`.
            subjects: numbers of the objects that may be its subject; None: all.
            objects: likewise its object.
            most: QueryTooLarge is raised above so many pairs.

        Raises:
            QueryTooLarge: too many pairs, or too many to compare.
        """
        import numpy as np

        left, right = self._items(subjects), self._items(objects)
        turned = len(right) < len(left)
        own, other = (right, left) if turned else (left, right)
        allowed = np.zeros(len(self._texts), dtype=bool)
        allowed[other] = True
        wanted_left = None if subjects is None else set(subjects)
        wanted_right = None if objects is None else set(objects)
        found: set[tuple[int, int]] = set()
        compared = 0
        for begin in range(0, len(own), _CHUNK):
            for pairs in self._meeting(name, own[begin : begin + _CHUNK], allowed, turned):
                compared += len(pairs)
                for a, b in pairs:
                    first, second = (b, a) if turned else (a, b)
                    for s in self._owners[first]:
                        if wanted_left is None or s in wanted_left:
                            found.update(
                                (s, o) for o in self._owners[second] if wanted_right is None or o in wanted_right
                            )
                if len(found) > most or compared > _MOST_COMPARED:
                    raise QueryTooLarge(
                        f"geo:{name} holds between more than {most:,} pairs here.",
                        "Say more about its subject or its object, such as its class, its name or the place it is in.",
                    )
        return found

    def _items(self, numbers: Collection[int] | None) -> list[int]:
        if numbers is None:
            return list(range(len(self._texts)))
        return sorted({item for one in numbers for item in self._held[one]})

    def _meeting(self, name: str, own: list[int], allowed: Any, turned: bool) -> Iterator[list[tuple[int, int]]]:  # noqa: ANN401
        """Pairs (own item, other item) that have the relation."""
        import numpy as np
        import shapely

        relation = RELATIONS[name]
        plain = [one for one in own if self._plain[one]]
        odd = [one for one in own if not self._plain[one] and self._shapes[one] is not None]
        if plain and relation.predicate:
            predicate = relation.inverse if turned else relation.predicate
            here, there = self._tree.query(self._shapes[plain], predicate=predicate)
            keep = allowed[there] & self._plain[there]
            here, there = np.asarray(plain)[here[keep]], there[keep]
            yield self._kept(name, relation, here, there, turned)
        elif plain:
            yield from self._apart(name, relation, plain, allowed, turned)
        # what is not plain is compared by the function itself, wherever boxes meet (or at all, for things apart)
        for number in (*odd, *plain):
            if relation.predicate:
                near = self._tree.query(shapely.box(*_wide(self._shapes[number], not self._plain[number])))
            else:
                near = np.flatnonzero(allowed)
            near = near[allowed[near]]
            rest = near if not self._plain[number] else near[~self._plain[near]]
            if len(rest):
                yield [(number, int(one)) for one in rest if self._by_function(name, number, int(one), turned)]

    def _kept(self, name: str, relation: Relation, here: Any, there: Any, turned: bool) -> list[tuple[int, int]]:  # noqa: ANN401
        import shapely

        left, right = (there, here) if turned else (here, there)
        try:
            good = matches(relation, self._shapes[left], self._shapes[right])
            return list(zip(here[good].tolist(), there[good].tolist(), strict=True))
        except shapely.errors.GEOSException:  # an invalid geometry among them
            pairs = zip(here.tolist(), there.tolist(), strict=True)
            return [(a, b) for a, b in pairs if self._by_function(name, a, b, turned)]

    def _apart(
        self,
        name: str,
        relation: Relation,
        plain: list[int],
        allowed: Any,  # noqa: ANN401
        turned: bool,
    ) -> Iterator[list[tuple[int, int]]]:
        import numpy as np

        for number in plain:
            far = allowed & self._plain
            far[self._tree.query(self._shapes[number], predicate="intersects")] = False
            there = np.flatnonzero(far)
            yield self._kept(name, relation, np.full(len(there), number), there, turned)

    def _by_function(self, name: str, here: int, there: int, turned: bool) -> bool:
        first, second = (there, here) if turned else (here, there)
        if self._shapes[first] is None or self._shapes[second] is None:
            return False
        return related_literals(name, self._literal(first), self._literal(second))


def _read(store: OxigraphStore) -> Kept:
    """All spatial objects that the graph speaks of."""
    names: dict[Name, int] = {}
    held: list[list[int]] = []
    literals: list[Literal] = []
    single: set[int] = set()

    def number_of(name: Name) -> int:
        found = names.setdefault(name, len(names))
        if found == len(held):
            held.append([])
        return found

    seen: set[tuple[int, Literal]] = set()
    for node, literal in _rows(store, (*LITERALS.values(), "hasSerialization")):
        if not isinstance(literal, Literal) or isinstance(node, Literal):
            continue
        number = number_of(node)
        if (number, literal) not in seen:
            seen.add((number, literal))
            held[number].append(len(literals))
            literals.append(literal)
    geometries = len(names)
    default = _by_feature(store, _DEFAULT)
    every = _by_feature(store, ("hasGeometry",))
    stand_ins = _by_feature(store, _STANDS_FOR_IT) if any(len(nodes) > 1 for nodes in every.values()) else {}
    for feature in [*default, *(one for one in every if one not in default)]:
        nodes = default.get(feature) or (every[feature] - stand_ins.get(feature, set())) or every[feature]
        known = [names[one] for one in nodes if names.get(one, geometries) < geometries]
        items = list(dict.fromkeys(item for one in known for item in held[one]))
        if not items or feature in names:
            continue
        number = number_of(feature)
        held[number] += items
        if len(items) == 1 == len(every[feature]) and literals[items[0]].datatype == WKT_LITERAL:
            single.add(number)
    shapes, plain = _shapes(literals)
    return Kept(list(names), held, list(literals), shapes, plain, single)


def related_literals(name: str, left: Literal, right: Literal) -> bool:
    """Whether two geometry literals have a relation, as `geof:` says; not where the function fails."""
    try:
        return str(_functions()[name](left, right)) == "true"
    except (EarthdexError, ValueError, TypeError, ArithmeticError):
        return False


@lru_cache(maxsize=1)
def _functions() -> dict[str, Callable[..., Term]]:
    return relations()


def _rows(store: OxigraphStore, names: Iterable[str]) -> Iterator[tuple[Term, Term]]:
    for name in names:
        for subject, _, value, _ in store.matching(predicate=IRI(_GEO + name)):
            yield subject, value


def _by_feature(store: OxigraphStore, names: Iterable[str]) -> dict[Name, set[Name]]:
    found: dict[Name, set[Name]] = defaultdict(set)
    for feature, node in _rows(store, names):
        if not isinstance(node, Literal) and not isinstance(feature, Literal):
            found[feature].add(node)
    return found


def _shapes(literals: list[Literal]) -> tuple[Any, Any]:
    """Geometries in CRS84 (None: unreadable), and which of them are compared as they are: in degrees, and valid."""
    import numpy as np
    import shapely

    shapes = np.full(len(literals), None, dtype=object)
    plain = np.zeros(len(literals), dtype=bool)
    texts = [_body(one) for one in literals]
    at = np.asarray([number for number, text in enumerate(texts) if text], dtype=int)
    if len(at):
        shapes[at] = shapely.from_wkt(np.asarray([texts[number] for number in at], dtype=object), on_invalid="ignore")
        plain[at] = True
    for number in np.flatnonzero(shapely.is_missing(shapes)):  # also what only the function's own reader reads
        try:
            shape = shape_of(literals[number])
            shapes[number], plain[number] = shape.crs84, shape.crs.is_wgs84
        except GeometryError:
            continue
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        # the function repairs what is not valid and turns longitudes; empty geometries are left to it as well
        plain &= shapely.is_valid(shapes) & ~shapely.is_empty(shapes) & (np.abs(bounds[:, [0, 2]]).max(axis=1) <= 180.0)
    return shapes, plain


def _body(literal: Literal) -> str:
    """The text of a WKT literal in CRS84; empty for any other."""
    if literal.datatype != WKT_LITERAL:
        return ""
    text = literal.value.strip()
    return text.removeprefix(f"<{_CRS84}>").strip() if text.startswith(f"<{_CRS84}>") or text[:1] != "<" else ""


def _wide(shape: Any, odd: bool) -> tuple[float, float, float, float]:  # noqa: ANN401
    """The box of a shape; a little wider where it was projected, whose edges bend."""
    if shape.is_empty:
        return -180.0, -90.0, 180.0, 90.0
    west, south, east, north = shape.bounds
    by = max(east - west, north - south) * 0.02 + 1e-6 if odd else 0.0
    return west - by, south - by, east + by, north + by
