"""Queries that join graph and scenes: what can be decided by columns is, the rest is left to the graph store."""
