"""What follows from statements: RDFS entailment, and spatial relations of features by query rewriting."""
