"""STAC API: scenes, datasets and models for STAC clients."""
