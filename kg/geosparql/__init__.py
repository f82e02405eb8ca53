"""GeoSPARQL 1.1 (OGC 22-047r1): geometry literals, functions of them, and what they mean on the Earth."""
