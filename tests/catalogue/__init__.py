"""Tests of the packaged records and places."""
