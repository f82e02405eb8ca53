"""Texts out of the records of a layout: see `kg.scenes.index.texts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kg.scenes.index.file import Array

PLAIN = np.zeros(256, bool)
"""Which bytes an IRI may hold as they are."""
PLAIN[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~-")] = True


class Reader:
    """What it takes to unpack records of a layout.

    Attributes:
        plain: whether no text of the layout can have a character that is percent-encoded in IRIs.
    """

    def __init__(self, layout: Mapping[str, Any]) -> None:
        small = layout["small"]
        self.template = np.zeros(layout["length"], np.uint8)
        for at, value in layout["constant"]:
            self.template[at] = value
        self.small = np.array([at for at, _ in small], np.int64)
        self.wide = np.array(layout["wide"], np.int64)
        self._bytes = -(-len(small) // 2)  # of a record that hold two letters each
        both = np.zeros((self._bytes, 256, 2), np.uint8)
        alphabets = [np.array(values, np.uint8) for _, values in small]
        codes = np.arange(256)
        for number, alphabet in enumerate(alphabets):
            code = codes & 15 if number % 2 else codes >> 4
            both[number // 2, :, number % 2] = alphabet[np.minimum(code, len(alphabet) - 1)]
        self._both = both.reshape(-1, 2).view(np.uint16).ravel()
        self._first = np.arange(self._bytes, dtype=np.int64) * 256
        self._whole: dict[str, Array] = {}  # by the latest stem
        letters = [np.array([value for _, value in layout["constant"]], np.uint8), *alphabets]
        self.plain = not len(self.wide) and all(bool(PLAIN[one].all()) for one in letters)

    def unpacked(self, records: Array, stem: str = "") -> Array:
        """The texts of records (n, bytes) as bytes (n, length), each with an ASCII stem before it."""
        whole = self._whole.get(stem)
        if whole is None:
            whole = np.concatenate([np.frombuffer(stem.encode("ascii"), np.uint8), self.template])
            self._whole = {stem: whole}
        made = whole[None].repeat(len(records), axis=0)
        texts = made[:, len(stem) :]
        pairs = self._both[records[:, : self._bytes] + self._first].view(np.uint8)
        texts[:, self.small] = pairs[:, : len(self.small)]
        if len(self.wide):
            texts[:, self.wide] = records[:, self._bytes :]
        return made
