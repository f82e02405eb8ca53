"""Tests of the house: floors, packaging, documentation."""
