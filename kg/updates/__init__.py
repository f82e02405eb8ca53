"""Changes of the graph by SPARQL update and by whole graphs, kept in a journal beside the sources."""
