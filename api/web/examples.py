"""Questions that the start page shows, by kind."""

from __future__ import annotations

EXAMPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Find datasets",
        (
            "crop type datasets with Sentinel-2 time series in Austria",
            "flood datasets with Sentinel-1 that I may use commercially",
            "building footprints at 50 cm or finer",
            "datasets with more than 100,000 samples about land cover in Africa",
        ),
    ),
    (
        "Find models",
        (
            "models trained on SSL4EO-S12",
            "foundation models for Sentinel-2 under an open licence",
            "models with at most 30 million parameters for Sentinel-1",
        ),
    ),
    (
        "Look something up",
        (
            "what is the resolution of EuroSAT?",
            "which classes does TimeSen2Crop have?",
            "does BigEarthNet have a larger number of samples than EuroSAT?",
        ),
    ),
    (
        "Count and compare",
        (
            "how many datasets per sensor",
            "how many models run on PyTorch?",
            "the five newest datasets for change detection",
        ),
    ),
)
