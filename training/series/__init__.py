"""Pixel series: tables of many short time series, converted once and gathered at memory speed."""

from training.series.folders import Converted, convert_folder
from training.series.locking import series_lock
from training.series.reader import SeriesReader, open_table, series_items
from training.series.table import SeriesTable, SeriesWriter
from training.series.tables import convert_table

__all__ = [
    "Converted",
    "SeriesReader",
    "SeriesTable",
    "SeriesWriter",
    "convert_folder",
    "convert_table",
    "open_table",
    "series_items",
    "series_lock",
]
