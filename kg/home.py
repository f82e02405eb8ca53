"""The catalogue's folder: readers open the last published version, one writer makes the next.

Layout of `EARTHDEX_HOME` (else the user's data folder)::

    format.json              format of this layout
    current                  name of the published version; replaced by one atomic rename
    writer.lock              held by the writer
    sources/<hash>.nq        the quads of each source, the built-in catalogue among them: what every graph is built from
    scenes/<name>.parquet    immutable parts of the scenes table
    versions/<n>/            graph/ (a RocksDB folder), version.json (its sources and scene parts), lock (held by readers)

Reading::

    with open_home() as home:                      # raises NotFound where nothing was built yet
        home.query("SELECT ...")                   # in this process: queries of our own making
        home.query(text, timeout=60.0)             # text from outside: in a worker process that is killed in time
        home.graph, home.scenes, home.version, home.builtin_version, home.path, home.is_stale()

Writing (`kg.writer.Writer`); nothing is seen by readers before `publish`, and nothing is kept without it::

    with open_writer(path) as writer:              # StoreLocked, StoreReadOnly, StoreTooNew, DiskFull
        writer.replace_builtin(quads, catalogue_version="...")  # (subject, predicate, object, graph or None)
        writer.add_graph(quads, source_key="file:/data/collection.json")  # -> True where something changed
        writer.remove_source(source_key)           # -> True where there was one
        writer.sources()                           # keys that users added
        counts = writer.add_scenes(scenes)         # SceneCounts(added, replaced, unchanged)
        writer.publish()                           # -> str, the new version; the same one where nothing changed

`builtin_version(path)` reads the catalogue version that is published, "" where nothing is, without opening a store
(well under a millisecond): what a first-use build asks before anything else.
"""
