"""A dataset or model as schema.org JSON-LD, as search engines read it in a page."""

from __future__ import annotations

import json
from typing import Any

from api.records.citation import makers, year
from api.records.licences import licence_link
from kg.record import Record

_KEPT = 50


def schema_org(record: Record, base: str) -> dict[str, Any]:
    """The JSON-LD of a record; `script_text` writes it so that a page may hold it.

    Args:
        record: the dataset or model.
        base: address of the service, without a slash at its end.
    """
    page = f"{base}/{record.kind}/{record.id}"
    made: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset" if record.kind == "dataset" else "SoftwareSourceCode",
        "@id": record.iri,
        "url": page,
        "name": record.title,
        "alternateName": list(record.values.get("skos:altLabel", ())),
        "description": described(record),
        "identifier": [record.iri, *([f"https://doi.org/{record.doi}"] if record.doi else [])],
        "sameAs": [one.iri for one in record.named("dcat:landingPage")],
        "keywords": keywords(record),
        "license": [licence_link(one) or one.name for one in record.licences] or record.licence_text,
        "creator": [_agent(one.name) for one in makers(record)],
        "publisher": [_agent(one.name) for one in record.named("dct:publisher")],
        "funder": [_agent(one.name) for one in record.named("schema:funder")],
        "datePublished": year(record),
        "version": record.value("dcat:version"),
        "citation": [one.iri for one in record.named("dct:isReferencedBy")],
        "isBasedOn": [one.iri for one in record.named("prov:wasDerivedFrom")],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "earthdex", "url": f"{base}/"},
    }
    if record.kind == "dataset":
        made |= _of_dataset(record)
    return {key: value for key, value in made.items() if value or value is False}


def _of_dataset(record: Record) -> dict[str, Any]:
    access = next((one.name for one in record.named("dct:accessRights")), "")
    return {
        "isAccessibleForFree": True if access == "open" else None,
        "temporalCoverage": f"{record.start or '..'}/{record.end or '..'}" if record.start or record.end else "",
        "spatialCoverage": [{"@type": "Place", "name": one.name} for one in record.named("dct:spatial")[:_KEPT]],
        "variableMeasured": [one.name for one in record.classes[:_KEPT]],
        "measurementTechnique": [one.name for one in record.named("ed:sensor")],
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": one.url,
                "name": one.title or one.url.rsplit("/", 1)[-1],
                **({"encodingFormat": one.format.name} if one.format else {}),
                **({"contentSize": f"{one.byte_size} B"} if one.byte_size else {}),
                **({"sha256": one.checksum} if one.algorithm == "sha256" else {}),
            }
            for one in record.files[:_KEPT]
            if one.direct
        ],
    }


def described(record: Record) -> str:
    """A description of 50 to 5,000 characters, as search engines want it."""
    text = record.description
    if len(text) < 50:
        topics = ", ".join(keywords(record)[:6])
        text = f"{record.title}: {text} Earth-observation {record.kind}{f' about {topics}' if topics else ''}."
    return text[:5000]


def keywords(record: Record) -> list[str]:
    """Topics, tasks, sensors and keywords of a record, each once."""
    names = [one.name for key in ("dcat:theme", "ed:task", "ed:sensor", "ed:modality") for one in record.named(key)]
    return list(dict.fromkeys([*names, *record.values.get("dcat:keyword", ())]))


def _agent(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name}


def script_text(data: dict[str, Any]) -> str:
    """JSON that may stand inside of `<script type="application/ld+json">`: no text of a record can end the element."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
