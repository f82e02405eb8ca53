"""Tests of outside records on their way into the graph."""
