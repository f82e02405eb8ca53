"""How well questions are understood and answered: the frozen catalogue version, perturbed copies, scores."""
