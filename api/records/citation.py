"""How to cite a dataset or model: BibTeX, and CSL-JSON for reference managers.

Only what is known is written: makers are those whom the record names, a year that sources disagree on is left out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from kg.record import Named, Record

# characters with a meaning of their own in TeX
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20", '"': "%22"})


def makers(record: Record) -> tuple[Named, ...]:
    """Who made it: its creators, else its publishers."""
    return record.named("dct:creator") or record.named("dct:publisher")


def year(record: Record) -> str:
    """The year of publication, "" where it is unknown or sources disagree."""
    found = record.values.get("ed:publicationYear", ())
    return found[0] if len(found) == 1 else ""


def cite_key(record: Record) -> str:
    """A key for BibTeX: `eurosat2018`, in ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", record.id).encode("ascii", "ignore").decode()
    return (re.sub(r"[^A-Za-z0-9-]+", "-", plain).strip("-").lower() or "record") + year(record)


def bibtex(record: Record) -> str:
    """The citation of a dataset or model as a BibTeX entry (`@misc`, read by BibTeX and biblatex alike)."""
    who = " and ".join(f"{{{_tex(one.name)}}}" for one in makers(record))
    fields = {
        "title": f"{{{_tex(record.title)}}}",
        "author": who,
        "year": year(record),
        "version": _tex(record.value("dcat:version")),
        "howpublished": "Dataset" if record.kind == "dataset" else "Machine-learning model",
        "publisher": _tex(", ".join(one.name for one in record.named("dct:publisher"))),
        "doi": record.doi.translate(_URL),
        "url": (f"https://doi.org/{record.doi}" if record.doi else record.page or record.iri).translate(_URL),
        "note": _tex(_note(record)),
    }
    lines = [f"  {key} = {{{value}}}" for key, value in fields.items() if value]
    return f"@misc{{{cite_key(record)},\n" + ",\n".join(lines) + "\n}\n"


def _note(record: Record) -> str:
    papers = [one.iri for one in record.named("dct:isReferencedBy")]
    told = [f"Described in {', '.join(papers)}"] if papers else []
    if record.licences:
        told.append(f"Licence: {' or '.join(one.id for one in record.licences)}")
    return ". ".join(told)


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char if char.isprintable() else " ") for char in text)


def csl_json(record: Record) -> dict[str, Any]:
    """The citation as an item of CSL-JSON, as Zotero, Pandoc and citation processors read it."""
    publishers = ", ".join(one.name for one in record.named("dct:publisher"))
    made: dict[str, Any] = {
        "id": cite_key(record),
        "type": "dataset" if record.kind == "dataset" else "software",
        "title": record.title,
        "author": [{"literal": one.name} for one in makers(record)],
        "publisher": publishers,
        "version": record.value("dcat:version"),
        "DOI": record.doi,
        "URL": f"https://doi.org/{record.doi}" if record.doi else record.page or record.iri,
        "abstract": record.description,
    }
    found = year(record)
    if re.fullmatch(r"\d{4}", found):
        made["issued"] = {"date-parts": [[int(found)]]}
    return {key: value for key, value in made.items() if value}
