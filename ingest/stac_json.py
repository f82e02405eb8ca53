"""JSON from outside, with bounds: one document, or a stream of lines, whatever the file's ending says.

Memory stays bounded: a file larger than `MAX_DOCUMENT` is read line by line, and no line may be longer than that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_DOCUMENT = 64_000_000
_LINES = (".ndjson", ".jsonl", ".geojsonl", ".geojsons")


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON object and where it stood.

    Attributes:
        value: the object; None where there is a reason why it could not be read.
        line: line of a file of lines, else 0.
        reason, detail: why it could not be read.
        repairs: what had to be mended while reading.
    """

    value: dict[str, Any] | None
    line: int = 0
    reason: str = ""
    detail: str = ""
    repairs: tuple[str, ...] = ()


def parse(data: bytes, line: int = 0) -> Document:
    """One JSON object out of bytes. Raises nothing: what cannot be read comes back with its reason."""
    odd: list[str] = []

    def constant(name: str) -> None:
        odd.append(name)

    if len(data) > MAX_DOCUMENT:
        return Document(None, line, "larger than 64 MB", "", ())
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        odd.append("bytes")
    try:
        value = json.loads(text.lstrip("\ufeff"), parse_constant=constant)
    except RecursionError:
        return Document(None, line, "nested too deep", "more than about a thousand levels")
    except ValueError as error:
        return Document(None, line, "not JSON", str(error))
    if not isinstance(value, (dict, list)):
        return Document(None, line, "not a STAC record", f"a JSON {type(value).__name__}")
    if isinstance(value, list):
        value = {"type": "FeatureCollection", "features": value}
    repairs = []
    if "bytes" in odd:
        repairs.append("replaced bytes that are not UTF-8")
    if len(odd) > len(repairs):
        repairs.append("dropped numbers that are not finite")
    try:
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        value = _without_surrogates(value)
        repairs.append("replaced halves of surrogate pairs")
    return Document(value, line, repairs=tuple(repairs))


def read_json(path: Path) -> Iterator[Document]:
    """The documents of a file: one, or one a line. Raises OSError where the file cannot be read."""
    size = path.stat().st_size
    if path.suffix.lower() in _LINES or size > MAX_DOCUMENT:
        yield from _read_lines(path)
        return
    data = path.read_bytes()
    document = parse(data)
    if document.value is None and document.reason == "not JSON" and b"\n" in data.strip():
        first = parse(data.strip().split(b"\n", 1)[0])
        if first.value is not None:  # lines in a file that is called .json
            yield from _read_lines(path)
            return
    yield document


def _read_lines(path: Path) -> Iterator[Document]:
    with path.open("rb") as file:
        number = 0
        while data := file.readline(MAX_DOCUMENT + 1):
            number += 1
            if len(data) > MAX_DOCUMENT and not data.endswith(b"\n"):
                yield Document(None, number, "larger than 64 MB", "one line")
                while data and not data.endswith(b"\n"):
                    data = file.readline(MAX_DOCUMENT)
                continue
            data = data.strip(b"\x1e \t\r\n")  # RFC 8142 text sequences begin with a record separator
            if data:
                yield parse(data, number)


def dump(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Compact JSON of a parsed value; numbers that overflowed become null."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), default=str)


def _without_surrogates(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(one) for key, one in value.items()}
    return value


def _finite(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return value
