"""Tests of layouts, selections, plans and locks."""
