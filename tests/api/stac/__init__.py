"""Tests of the STAC API."""
