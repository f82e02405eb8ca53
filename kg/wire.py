"""Messages between a process and the workers it started: a length, then a pickle."""

from __future__ import annotations

import pickle
import struct
from typing import Any, BinaryIO

from ontology.errors import QueryTooLarge

LENGTH = struct.Struct(">Q")
"""What stands before each message: the number of its bytes."""


def frame(message: object, most: int | None = None) -> bytes:
    """A message as bytes; in place of one with more bytes than `most`, that it is too large."""
    data = pickle.dumps(message, protocol=5)
    if most is not None and len(data) > most:
        text = f"The result has {len(data) >> 20:,} MB; at most {most >> 20:,} are given."
        data = pickle.dumps(("error", (QueryTooLarge.__name__, text, "Add a LIMIT, or ask for shorter texts.")))
    return LENGTH.pack(len(data)) + data


def send(pipe: BinaryIO, message: object, most: int | None = None) -> None:
    """Writes a message, as `frame` has it."""
    pipe.write(frame(message, most))
    pipe.flush()


def receive(pipe: BinaryIO) -> Any:  # noqa: ANN401 - whatever was sent
    """Reads a message. Raises EOFError where the other end is gone."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    size = LENGTH.unpack(head)[0]
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    # both ends are this very code, started by one another: nothing foreign is ever unpickled
    return pickle.loads(data)
