"""Tests of GeoSPARQL: functions, relations, entailment, compliance."""
