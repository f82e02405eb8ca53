"""Where bytes come from: local files, HTTP(S), S3-style stores, archives and packs behind one face."""

from training.io.source import OpenBytes, open_bytes

__all__ = ["OpenBytes", "open_bytes"]
