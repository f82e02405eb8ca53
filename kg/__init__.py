"""Floor 2: the graph: store, scenes, gazetteer, planner, results."""
