"""Tests of the ontology: terms, schemes, licences, reasoning, shapes, JSON-LD."""
