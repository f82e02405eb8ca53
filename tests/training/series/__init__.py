"""Tests of training.series."""
