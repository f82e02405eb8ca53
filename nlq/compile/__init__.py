"""Understood questions as GeoSPARQL."""
