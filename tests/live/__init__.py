"""Tests of the live tier, against a STAC API server that is not ours."""
