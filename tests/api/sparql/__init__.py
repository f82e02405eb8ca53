"""SPARQL over HTTP: queries, updates, graphs, keys."""
