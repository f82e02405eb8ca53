"""SPARQL as values: a reader for queries that touch scenes, and their text again."""
