"""GeoTIFF: headers from a few ranges, blocks decoded by imagecodecs, rasterio for what is unusual."""
