"""Patterns of generated queries over the mixed world (`tests.kg.mixed`): all operators, joined as people join them.

Variables have a sort (`?s` a scene, `?pl` a place ...), so that most queries find something; a few patterns break the
sorts. Every choice shrinks towards the first and fewest alternatives.
"""

from __future__ import annotations

from tests.kg.sparql_expressions import Expressions, Names
from tests.kg.sparql_terms import CONSTANTS, PATHS, SHAPES, TRIPLES


class Writer(Expressions):
    """Writes the groups of one query with the choices of a strategy."""

    def triple(self, names: Names, *, first: bool = False) -> str:
        """A pattern whose subject is in scope, as a rule."""
        usable = [sort for sort in TRIPLES if first or names.of(sort)]
        if not first and self.often(10):
            usable = list(TRIPLES)
        if not usable or self.often(8):
            return self.odd(names)
        sort = "scene" if first and not self.often(30) else str(self.pick(*usable))
        subject = self.variable(names, sort, known=not first)
        if not first and sort in CONSTANTS and self.often(8):
            subject = str(self.pick(*CONSTANTS[sort]))
        predicate, target = self.pick(*TRIPLES[sort])
        value = self.node(names, target) if target else ""
        if target and self.often(6):  # several values, blank nodes, a list of predicates
            other = self.pick(*TRIPLES[sort])
            more = f" ; {other[0]} {self.node(names, other[1])}" if other[1] else f" ; {other[0]}"
            return f"{subject} {predicate} {value}{more} ."
        return f"{subject} {predicate} {value} ."

    def odd(self, names: Names) -> str:
        """Patterns that break the sorts: variable predicates, paths, blank nodes, lists."""
        kind = self.pick("path", "known", "blank", "list", "value", "wild")
        held = names.of("scene", "dataset", "place", "sensor", "model", "any")
        if kind == "path" or (kind in ("known", "value") and not held):
            ends = [*held, *CONSTANTS["scene"], *CONSTANTS["sensor"], *CONSTANTS["dataset"]]
            start = str(self.pick(*ends))
            end = self.node(names, self.pick("sensor", "any", "text", "scene"))
            turned = self.often(25)
            return f"{end if turned else start} {self.pick(*PATHS)} {start if turned else end} ."
        if kind == "known":
            return f"{self.pick(*held)} {self.variable(names, 'predicate')} {self.variable(names, 'any')} ."
        if kind == "value":
            return f"{self.variable(names, 'any')} {self.variable(names, 'predicate')} {self.pick(*held)} ."
        if kind == "blank":
            inner = "ed:sampleCount ?n" if self.often(30) else f"{self.pick(*TRIPLES['scene'][1:9])[0]} []"
            names.seen.setdefault("?n", "number")
            subject = self.variable(names, "dataset")
            return f"{subject} {self.pick('ed:split', 'ed:scene', 'prov:wasDerivedFrom')} [ {inner} ] ."
        if kind == "list":
            items = f"{self.node(names, 'scene')} {self.node(names, 'scene')}"
            return f"{self.variable(names, 'dataset')} ed:order ( {items} ) ."
        self.wild += 1
        if self.wild > 1:
            return f"{self.variable(names, 'scene')} ed:platform {self.node(names, 'sensor')} ."
        predicate = self.pick("?p", "dct:identifier", "a", "ed:cloudCover", "dct:title")
        return f"{self.variable(names, 'any')} {predicate} {self.variable(names, 'any')} ."

    def group(self, names: Names, depth: int, *, seeded: bool = False) -> str:
        """The inside of a group; variables in scope afterwards are in `names`."""
        parts = [] if seeded and self.often(50) else [self.triple(names, first=not names.of("scene"))]
        for _ in range(self.count(0, 3 if depth else 4)):
            parts.append(self.element(names, depth))
        filters = [one for one in parts if one.startswith("FILTER")]
        if filters and self.often(15):  # the place of a filter in its group means nothing
            parts = [*filters, *(one for one in parts if one not in filters)]
        return "\n".join(f"{'  ' * (depth + 1)}{one}" for one in parts)

    def element(self, names: Names, depth: int) -> str:
        """One element of a group."""
        kinds = ["triple", "triple", "triple", "filter", "filter", "place", "values", "bind"]
        if depth < 2:
            kinds += ["optional", "union", "minus", "exists", "nested", "graph", "select"]
        return str(getattr(self, f"_{self.pick(*kinds)}")(names, depth))

    def _triple(self, names: Names, depth: int) -> str:
        return self.triple(names)

    def _filter(self, names: Names, depth: int) -> str:
        return f"FILTER({self.test(names, 2)})"

    def _place(self, names: Names, depth: int) -> str:
        """A footprint and an area, or a constant, in a spatial condition."""
        scene = self.variable(names, "scene", known=True)
        names.seen["?f"] = "wkt"
        other = self.pick("constant", "place", "constant", "scene")
        lines = [f"{scene} geo:hasGeometry/geo:asWKT ?f ."]
        area = str(self.pick(*SHAPES))
        if other != "constant":
            subject = self.variable(names, other, known=True) if self.often(60) else self.node(names, other)
            names.seen["?a"] = "wkt"
            lines.append(f"{subject} geo:hasGeometry/geo:asWKT ?a .")
            area = "?a"
        return "\n".join([*lines, f"FILTER({self.spatial('?f', area)})"])

    def _values(self, names: Names, depth: int) -> str:
        sort = str(self.pick("sensor", "scene", "text", "place", "number", "dataset"))
        names_ = [self.variable(names, sort)]
        sorts = [sort]
        if self.often(30):
            second = str(self.pick("text", "number", "sensor"))
            name = self.variable(names, second)
            if name not in names_:
                names_.append(name)
                sorts.append(second)
        rows = [
            " ".join("UNDEF" if self.often(8) else str(self.pick(*CONSTANTS[one])) for one in sorts)
            for _ in range(self.count(1, 3))
        ]
        return f"VALUES ({' '.join(names_)}) {{ {' '.join(f'({row})' for row in rows)} }}"

    def _bind(self, names: Names, depth: int) -> str:
        sort = str(self.pick("number", "text", "any"))
        expr = (
            self.number(names, 2)
            if sort == "number"
            else self.text(names, 2)
            if sort == "text"
            else self.anything(names, 2)
        )
        name = names.new()
        names.seen[name] = sort
        return f"BIND({expr} AS {name})"

    def _optional(self, names: Names, depth: int) -> str:
        return f"OPTIONAL {{\n{self.group(names, depth + 1, seeded=True)}\n}}"

    def _union(self, names: Names, depth: int) -> str:
        branches = []
        merged = names.copy()
        for _ in range(self.count(2, 3)):
            inner = names.copy()
            inner.fresh = merged.fresh
            branches.append(f"{{\n{self.group(inner, depth + 1, seeded=True)}\n}}")
            merged.fresh = inner.fresh
            for name, sort in inner.seen.items():
                merged.seen.setdefault(name, sort)
        names.seen, names.fresh = merged.seen, merged.fresh
        return " UNION ".join(branches)

    def _minus(self, names: Names, depth: int) -> str:
        inner = names.copy()
        text = self.group(inner, depth + 1)
        names.fresh = inner.fresh
        return f"MINUS {{\n{text}\n}}"

    def _exists(self, names: Names, depth: int) -> str:
        inner = names.copy()
        text = self.group(inner, depth + 1)
        names.fresh = inner.fresh
        word = self.pick("EXISTS", "NOT EXISTS")
        if self.often(20):
            return f"FILTER({self.test(names, 1)} {self.pick('&&', '||')} {word} {{\n{text}\n}})"
        return f"FILTER {word} {{\n{text}\n}}"

    def _nested(self, names: Names, depth: int) -> str:
        return f"{{\n{self.group(names, depth + 1)}\n}}"

    def _graph(self, names: Names, depth: int) -> str:
        graph = self.pick("?graph", "<graph/notes>", "<graph/others>", "?graph")
        scene = self.variable(names, "scene")
        inner = str(
            self.pick(
                f"{self.variable(names, 'scene')} ed:note {self.variable(names, 'text')} .",
                f"{self.variable(names, 'scene')} a ed:Scene .",
                f"{self.variable(names, 'scene')} ed:cloudCover {self.variable(names, 'number')} .",
                f"{self.variable(names, 'dataset')} ed:scene {self.variable(names, 'scene')} .",
                f"{self.variable(names, 'dataset')} dct:title {self.variable(names, 'text')} .",
                f"{self.variable(names, 'any')} ?p {self.variable(names, 'any')} .",
                f"{self.variable(names, 'dataset')} ed:scene/ed:note? {self.variable(names, 'any')} .",
                f"{self.variable(names, 'scene')} ed:note* {self.variable(names, 'any')} .",
                f"{scene} ed:note ?note FILTER NOT EXISTS {{ {scene} a ed:Scene }}",
                "",
            )
        )
        if graph == "?graph":
            names.seen.setdefault("?graph", "any")
        return f"GRAPH {graph} {{ {inner} }}"

    def _select(self, names: Names, depth: int) -> str:
        inner = Names(fresh=names.fresh + 50 * (depth + 1))
        if self.often(70) and names.of("scene"):
            inner.seen[names.of("scene")[0]] = "scene"
        body = self.group(inner, depth + 1)
        names.fresh = inner.fresh
        held = inner.any()
        kind = self.pick("plain", "grouped", "first")
        if kind == "grouped":
            keys = [str(self.pick(*held))]
            out = names.new()
            figure = self.figure(inner, held)
            names.seen.setdefault(keys[0], inner.seen.get(keys[0], "scene"))
            names.seen[out] = "number"
            having = (
                f" HAVING({self.figure(inner, held)} {self.pick('>', '<=')} {self.count(0, 3)})"
                if self.often(25)
                else ""
            )
            return f"{{ SELECT {keys[0]} ({figure} AS {out}) WHERE {{\n{body}\n}} GROUP BY {keys[0]}{having} }}"
        kept = held if self.often(50) else held[: self.count(1, len(held))]
        for name in kept:
            names.seen.setdefault(name, inner.seen.get(name, "scene"))
        distinct = self.pick("", "DISTINCT ")
        tail = f" {whole_order(kept)} LIMIT {self.count(0, 6)}" if kind == "first" else ""
        tail += f" OFFSET {self.count(0, 2)}" if kind == "first" and self.often(20) else ""
        return f"{{ SELECT {distinct}{' '.join(kept)} WHERE {{\n{body}\n}}{tail} }}"


def whole_order(names: list[str]) -> str:
    """ORDER BY that tells apart all terms, even those that compare as equal."""
    keys = " ".join(f"STR({name}) STR(DATATYPE({name})) LANG({name})" for name in names)
    return f"ORDER BY {keys}"
