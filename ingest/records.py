"""The door to catalogue records: read one, and turn it into triples."""

from __future__ import annotations

from ingest.quads import PROVENANCE, Quad, to_triples
from ingest.reader import Fact, Record, load_record, read_record

__all__ = ["PROVENANCE", "Fact", "Quad", "Record", "load_record", "read_record", "to_triples"]
