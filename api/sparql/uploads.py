"""RDF in the body of a request: one text, or the files of a form."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import HTTP

from fastapi import Request

from api.serve.bodies import read_body
from api.serve.service import Service
from api.sparql.requests import content_type
from ontology.errors import MediaTypeRefused, RecordError

RDF = {
    "text/turtle": "text/turtle",
    "application/n-triples": "application/n-triples",
    "application/rdf+xml": "application/rdf+xml",
    "application/ld+json": "application/ld+json",
    "application/x-turtle": "text/turtle",
    "text/plain": "application/n-triples",
}
FORM = "multipart/form-data"
_MOST_FILES = 100


async def uploaded(request: Request, service: Service) -> tuple[tuple[bytes, str], ...]:
    """The RDF texts of a request, each with its media type.

    Raises:
        MediaTypeRefused: no RDF of one graph, or another charset than UTF-8.
        RecordError: a form without files.
    """
    kind, charset = content_type(request)
    if kind != FORM:
        media = _media(kind, charset)
        return ((await read_body(request, service.settings, service.settings.write_bytes), media),)
    body = await read_body(request, service.settings, service.settings.write_bytes)
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode("latin-1", "replace")
    form = message_from_bytes(head + body, policy=HTTP)
    files = [one for one in form.iter_parts() if one.get_filename() or one.get_content_type() in RDF]
    if not files or len(files) > _MOST_FILES:
        raise RecordError("The form holds no RDF files, or too many.", "Send up to 100 files, each with its type.")
    found = []
    for one in files:
        data = one.get_payload(decode=True)
        found.append(
            (data if isinstance(data, bytes) else b"", _media(one.get_content_type(), one.get_content_charset() or ""))
        )
    return tuple(found)


def _media(kind: str, charset: str) -> str:
    if kind not in RDF:
        raise MediaTypeRefused(
            f"RDF of one graph cannot be read from {kind[:80] or 'an untyped body'}.",
            f"Use one of {', '.join(list(RDF)[:4])}.",
        )
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise MediaTypeRefused(f"The charset {charset[:40]!r} is not read.", "Send UTF-8.")
    return RDF[kind]
