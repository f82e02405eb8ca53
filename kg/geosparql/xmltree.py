"""XML of geometry literals as a small tree: no document types, no entities, bounded in size, depth and elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from ontology.errors import GeometryError

_DEPTH, _ELEMENTS = 64, 200_000


@dataclass(slots=True)
class Element:
    """An element: local name, namespace, attributes by local name, children, and the text right in it."""

    name: str
    namespace: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, *names: str) -> Element | None:
        """The first child of one of these names."""
        return next((one for one in self.children if one.name in names), None)

    def named(self, *names: str) -> list[Element]:
        """The children of these names."""
        return [one for one in self.children if one.name in names]

    def find(self, attribute: str) -> str:
        """An attribute of the element, else of the first below it that has it; "" where none has."""
        if attribute in self.attributes:
            return self.attributes[attribute]
        return next((found for one in self.children if (found := one.find(attribute))), "")


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.count = 0
        self._open: list[Element] = []
        self._texts: list[list[str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self._open) >= _DEPTH:
            raise GeometryError(
                f"XML with more than {_DEPTH} elements within one another is no geometry.", "Flatten it."
            )
        if self.count > _ELEMENTS:
            raise GeometryError(f"XML with more than {_ELEMENTS:,} elements is no geometry.", "Use posList.")
        namespace, _, name = tag.rpartition(" ")
        one = Element(name, namespace, {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(one)
        else:
            self.root = one
        self._open.append(one)
        self._texts.append([])

    def end(self, tag: str) -> None:
        self._open.pop().text = "".join(self._texts.pop()).strip()

    def data(self, text: str) -> None:
        self._texts[-1].append(text)

    def refuse(self, *rest: object) -> None:
        raise GeometryError("XML with a document type or entities is refused.", "Leave the DOCTYPE away.")


def read_xml(text: str, what: str) -> Element:
    """The root element of XML text.

    Raises:
        GeometryError: not well-formed, with a document type, or too deep or large.
    """
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise _malformed(text, what, error) from error
    if builder.root is None:
        raise GeometryError(f"The {what} holds no element.", "Give one geometry element.")
    return builder.root


def _malformed(text: str, what: str, error: expat.ExpatError) -> GeometryError:
    reason = expat.errors.messages.get(error.code, "not well-formed")
    hint = " Declare the namespace of its prefix." if "prefix" in reason else ""
    return GeometryError(f"The {what} {text[:60]!r} is not well-formed XML: {reason}.", f"Correct it.{hint}")


def escaped(text: str) -> str:
    """Text for a double-quoted attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
