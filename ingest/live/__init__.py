"""The live tier: STAC APIs that are asked when a query needs their scenes."""
