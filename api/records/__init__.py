"""The catalogue in the field's other formats: citations, schema.org, Croissant, DCAT, OGC API - Records."""
