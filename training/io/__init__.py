"""Where bytes come from: local files, HTTP(S), S3-style stores, archives and packs behind one face."""
