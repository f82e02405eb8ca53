"""CQL2 (OGC 21-065r2): filters of Items as text or JSON, checked, pushed down to the columns, or decided row by row."""
