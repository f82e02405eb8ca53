"""Facts that STAC collections and models state alike: texts, providers, licence, citations; as facts of a record.

Descriptions on the web hold HTML, Markdown and placeholders of templates; what people read here is plain text. A
licence is kept as written and, where it names one, as that licence; vague words (`proprietary`, `various`, `other`)
lead to the links and terms beside them, and what stays unclear stays unknown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from ingest.names import Names
from ingest.reader import Fact, Value
from ingest.stac_values import Repairs, first, mapping_of, mappings_of, number_of, text_of, texts_of
from ontology.properties import Property, Target, properties_of
from ontology.vocabulary import Vocabulary

_DESCRIPTION = 4_000
_MOST = 50
_TEMPLATE = re.compile(r"\{\{.{0,200}?\}\}|\{%.{0,200}?%\}|\$\{[^}\n]{0,100}\}|<%.{0,200}?%>", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--.{0,2000}?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\s]{0,1000}\)")
_LINK = re.compile(r"\[([^\]]{1,300})\]\(([^)\s]{1,1000})\)")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^`]{1,200}")
_URL = re.compile(
    r"(https?://(?:[\w.~-]{1,100}(?::[\w.~-]{0,100})?@)?[^\W_][\w.-]{0,250}(?::\d{1,5})?)([/?#].*)?$", re.IGNORECASE
)
_UNSAFE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/?%\u00a1-\u05ff-]")
_PAGES = ("about", "canonical", "landing", "describedby")
_CLASSES = ("classification:classes", "classification_classes", "gee:classes", "file:values")
_VAGUE = {"other", "proprietary", "various", "unknown", "none", "not-provided", "noassertion", "custom", "proprietaire"}


@dataclass(slots=True)
class Facts:
    """Facts in the making; all of them come from one source.

    Attributes:
        source: citation of the record.
        facts: what was stated, each once.
    """

    source: str
    facts: list[Fact] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def add(self, key: str, value: Any) -> None:  # noqa: ANN401 - a value of `ingest.reader`
        """Adds a fact where there is a value."""
        if value is None or value == "":
            return
        mark = f"{key} {value!r}"
        if mark not in self._seen:
            self._seen.add(mark)
            self.facts.append(Fact(key, cast(Value, value), (self.source,), 0, 0))

    def add_all(self, key: str, values: Any, most: int = _MOST) -> None:  # noqa: ANN401
        """Adds a fact for each of the first values."""
        for value in list(values)[:most]:
            self.add(key, value)


def plain(text: str | None, repairs: Repairs, limit: int = _DESCRIPTION) -> str | None:
    """Text without HTML, Markdown links and images, placeholders of templates; spaces joined, cut at a word."""
    if not text:
        return None
    clean = _TEMPLATE.sub(" ", text[: limit * 4])
    if clean != text[: limit * 4]:
        repairs.append("text: removed placeholders of a template")
    untagged = _TAG.sub(" ", clean)
    if untagged != clean:
        repairs.append("text: removed HTML")
    clean = _LINK.sub(r"\1", _IMAGE.sub(r"\1", html.unescape(untagged)))
    clean = re.sub(r"^\s{0,3}#{1,6}\s+|[*_`]{2,3}|^\s*[-=]{3,}\s*$", "", clean, flags=re.MULTILINE)
    clean = re.sub(
        r"[ \t]+", " ", re.sub(r"\s*\n\s*\n\s*", "\n\n", re.sub(r"(?<!\n)[ \t]*\n(?!\s*\n)", " ", clean))
    ).strip()
    if len(clean) > limit:
        clean = clean[:limit].rsplit(" ", 1)[0] + " ..."
    return clean or None


def web(text: Any) -> str | None:  # noqa: ANN401
    """A web address that may stand as an IRI (RFC 3987), its odd characters percent-encoded; None for anything else."""
    found = _URL.match(text_of(text, 2_000) or "")
    if found is None:
        return None
    path, mark, fragment = (found[2] or "").partition("#")
    path, fragment = (_UNSAFE.sub(lambda one: quote(one[0]), part) for part in (path, fragment))
    return f"{found[1]}{path}{mark}{fragment}"


def texts_in_languages(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """A text, or the texts of an object keyed by language, English first."""
    if isinstance(value, Mapping):
        order = sorted(value, key=lambda name: (not str(name).lower().startswith("en"), str(name)))
        return tuple(text for name in order if (text := text_of(value[name])))
    one = text_of(value)
    return (one,) if one else ()


def state_texts(facts: Facts, holder: Mapping[str, Any], identifier: str, repairs: Repairs) -> str:
    """Name, other names, description and keywords; returns the name."""
    titles = [clean for one in texts_in_languages(holder.get("title")) if (clean := plain(one, repairs, 300))]
    name = titles[0] if titles else identifier
    facts.add("name", name)
    for other in (*titles[1:], identifier):
        if other != name:
            facts.add("alias", other)
    described = next(iter(texts_in_languages(holder.get("description"))), None)
    facts.add("description", plain(described, repairs))
    facts.add_all("keyword", (text for one in texts_of(holder.get("keywords")) if (text := plain(one, [], 100))))
    version = text_of(first(holder, "version"), 60)
    if version and re.match(r"[\w.+ -]{1,60}$", version):
        facts.add("version", version)
    return name


def state_providers(facts: Facts, holder: Mapping[str, Any]) -> None:
    """Who made it and who publishes it; a provider without a role counts as publisher."""
    for provider in mappings_of(holder.get("providers"))[:_MOST]:
        name = plain(text_of(provider.get("name"), 300), [], 300)
        if not name:
            continue
        agent: dict[str, object] = {"name": name}
        if address := web(provider.get("url")):
            agent["url"] = address
        roles = {one.casefold() for one in texts_of(provider.get("roles", provider.get("role")))}
        if roles & {"producer", "processor"}:
            facts.add("creator", agent)
        if roles & {"host", "licensor"} or not roles & {"producer", "processor"}:
            facts.add("publisher", agent)


def state_licence(facts: Facts, holder: Mapping[str, Any], repairs: Repairs) -> None:
    """The licence, by its identifier, its links or its terms, and the words that state it."""
    stated = text_of(first(holder, "license", "licence", "item:license"), 2_000)
    terms = [
        text for name in ("gee:terms_of_use", "terms_of_use", "attribution") if (text := text_of(holder.get(name)))
    ]
    links = [
        address
        for link in mappings_of(holder.get("links"))
        if link.get("rel") in ("license", "licence") and (address := web(link.get("href")))
    ]
    found = None if stated is None or stated.casefold() in _VAGUE else _licence(stated)
    if stated is not None and found is None and stated.casefold() not in _VAGUE:
        repairs.append("licence: not an SPDX identifier, kept as text")
    if found is None:
        named = [one for link in links if (one := _licence(link))]
        named += [one for text in terms for one in _licences_in(text)]
        if len(set(named)) == 1:
            found = named[0]
        elif stated is not None and stated.casefold() in _VAGUE:
            repairs.append("licence: vague words, kept as text")
    facts.add("license", found)
    for text in (stated, *terms):
        facts.add("license_text", plain(text, [], 2_000))
    facts.add_all("see_also", links, 5)


def _licence(text: str) -> str | None:
    """The identifier of the licence that a text names; None for names that say nothing about permission."""
    found = Vocabulary.load().licence(text)
    if found is None or found.id in ("LicenseRef-proprietary", "LicenseRef-various", "LicenseRef-other"):
        return None
    return found.id


def _licences_in(text: str) -> Iterator[str]:
    """Licences behind the links of a text, else in its first sentence."""
    linked = [found for _, address in _LINK.findall(text[:4_000]) if (found := _licence(address))]
    if linked:
        yield from linked
        return
    sentence = (plain(text, [], 1_000) or "").split(". ", 1)[0]
    if len(sentence) > 200:
        return
    found = _licence(sentence)
    # "free for non-commercial and commercial use" forbids nothing
    if found and not (
        "non-commercial" in found and re.search(r"(?<!non)(?<!non[\s-])\bcommercial", sentence, re.IGNORECASE)
    ):
        yield found


def state_citations(facts: Facts, holder: Mapping[str, Any]) -> None:
    """DOI and papers (scientific extension), and the web page."""
    dois = _DOI.findall(text_of(holder.get("sci:doi"), 400) or "")
    if dois:
        facts.add("doi", dois[0].rstrip(".,;)"))
    for one in mappings_of(holder.get("sci:publications"))[:10]:
        for name in ("doi", "sci:doi", "citation", "sci:citation"):
            found = _DOI.search(text_of(one.get(name), 2_000) or "")
            if found:
                facts.add("paper", web("https://doi.org/" + found[0].rstrip(".,;)")))
                break
    has_page = False
    for link in mappings_of(holder.get("links"))[:500]:
        address = web(link.get("href"))
        if address is None:
            continue
        if link.get("rel") == "cite-as":
            facts.add("paper", address)
        elif link.get("rel") in _PAGES and "json" not in str(link.get("type")) and not has_page:
            facts.add("homepage", address)
            has_page = True


def state_own(facts: Facts, holder: Mapping[str, Any], target: Target, names: Names) -> bool:
    """Facts that a service of ours wrote by the names they have in our records; returns whether there were any."""
    stated = holder.get("earthdex:facts")
    if not isinstance(stated, Mapping):
        return False
    for other in texts_of(stated.get("alias"))[:_MOST]:
        facts.add("alias", plain(other, [], 300))
    for one in properties_of(target):
        listed = stated.get(one.name)
        if one.name == "name" or one.kind in ("class", "place", "date", "boolean") or not isinstance(listed, list):
            continue
        for value in listed[:_MOST]:
            if one.is_number:
                number = number_of(value)
                if number is not None and 0 <= number < 10**15:
                    facts.add(one.name, int(number) if number == int(number) else number)
                continue
            text = plain(text_of(value, 300), [], 300)
            if text and (one.kind == "text" or one.kind == "record" or names.concept(one.scheme, text) is not None):
                facts.add(one.name, _as_written(one, text))
    return True


def _as_written(one: Property, text: str) -> object:
    """A value as records write it: agents and other records are named by an object."""
    agents = ("publisher", "creator", "project", "funder")
    return {"name": text} if one.name in agents or one.kind == "record" else text


def source_of(holder: Mapping[str, Any], path: str) -> str:
    """Where a record is from: its own address, else the file of origin, else the file it was read from."""
    for link in mappings_of(holder.get("links")):
        if link.get("rel") in ("self", "canonical") and (address := web(link.get("href"))):
            return address
    origin = text_of(holder.get("_src"), 300)
    return f"{path.rsplit('/', 1)[-1]} ({origin})" if origin else path


def classes_of(holders: list[Mapping[str, Any]], most: int = 200) -> Iterator[dict[str, object]]:
    """Label classes of the classification extension (and its older names) with value and name."""
    number = 0
    for text in _labels_without_values(holders)[:most]:
        yield {"name": text}
    for holder in holders:
        for name in _CLASSES:
            for row in mappings_of(holder.get(name)):
                label = next(
                    (
                        clean
                        for key in ("title", "name", "summary", "description")
                        if (clean := plain(text_of(row.get(key), 300), [], 120))
                    ),
                    None,
                )
                if label is None:
                    continue
                number += 1
                if number > most:
                    return
                value = row.get("value")
                found: dict[str, object] = {"name": label}
                if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31:
                    found["value"] = value
                yield found


def _labels_without_values(holders: list[Mapping[str, Any]]) -> list[str]:
    """Classes of the extension label, where nothing gives their values."""
    if any(holder.get(name) for holder in holders for name in _CLASSES):
        return []
    rows = [row for holder in holders for row in mappings_of(holder.get("label:classes"))]
    found = (plain(text, [], 120) for row in rows for text in texts_of(row.get("classes")))
    return list(dict.fromkeys(one for one in found if one))


def holders_of(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """The objects in a list or an object of objects."""
    return mappings_of(mapping_of(value) or value)
