"""The graph tier on a SPARQL 1.1 server: `EARTHDEX_STORE`.

`client` sends requests, `dialect` and its kinds say how servers differ, `fetch` reads the triples of single patterns
into a `mirror`, `cover` finds out which a query needs, `store` puts it behind the contract of `kg.store.Store`, and
`push` uploads the published catalogue.
"""

from kg.remote.settings import RemoteSettings
from kg.remote.store import RemoteStore

__all__ = ["RemoteSettings", "RemoteStore"]
