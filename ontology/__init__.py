"""Floor 1: vocabulary, shapes, taxonomies, typed records, errors."""
