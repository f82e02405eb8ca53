"""Floor 3: outside records -> the ontology -> the graph."""
