"""What an answer, a query, names or scenes resolve to: items with their classes and licences."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from kg.home import Home
from training.distributions import LabelClass
from training.types import Item


@dataclass(frozen=True, slots=True)
class Source:
    """A data set or collection that items come from.

    Attributes:
        iri: of the record.
        id: identifier: what its folder is called.
        name: as people write it.
        root: folder or web folder that the paths of its items start from; empty where items name whole URLs.
        licences: IRIs; empty where unknown.
    """

    iri: str
    id: str
    name: str
    root: str = ""
    licences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Items to train with.

    Attributes:
        query: what was asked: the question, the query, or the names.
        version: what the graph held: the same for the same content, wherever it lies.
        sources: where the items come from.
        items: in the order of sources, then of paths.
        classes: the class scheme of the labels.
        models: IRIs of models that the mix builds on (pretrained weights), for licences and provenance.
        sparql: the query that found the sources, where there was one.
        problems: what was left out and why.
    """

    query: str
    version: str
    sources: tuple[Source, ...]
    items: tuple[Item, ...]
    classes: tuple[LabelClass, ...] = ()
    models: tuple[str, ...] = ()
    sparql: str = ""
    problems: tuple[str, ...] = field(default=())

    @property
    def datasets(self) -> tuple[str, ...]:
        """IRIs of the sources."""
        return tuple(one.iri for one in self.sources)

    @property
    def licences(self) -> tuple[str, ...]:
        """IRIs of all licences of the sources, each once."""
        return tuple(dict.fromkeys(one for source in self.sources for one in source.licences))


def graph_version(home: Home) -> str:
    """Names what the catalogue holds: the same for the same content on every machine, however it came to it.

    Published locks do not count: publishing one must not change the next.
    """
    sources = home.sources
    parts = sorted(path.name for path in home.scenes.parts)
    content = sorted(sources[key] for key in sources if not key.startswith("user:lock:"))
    made = hashlib.sha256(" ".join((*content, *parts)).encode()).hexdigest()[:16]
    return f"{home.builtin_version}+{made}" if home.builtin_version else made
