"""A page of the export as a flat list of elements, each with the text below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Self

VOID = {"meta", "link", "img", "br", "hr", "input", "source"}


@dataclass(kw_only=True)
class Element:
    """A tag, its attributes and the text of it and its children."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[Element, ...]
    text: str = ""

    def within(self, **attributes: str) -> bool:
        """Whether an element with these attributes is above it."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return any(wanted.items() <= parent.attributes.items() for parent in self.parents)


@dataclass(kw_only=True)
class Page:
    """What a browser without scripts would see."""

    raw: str
    elements: list[Element] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> Self:
        """Parse a file."""
        page = cls(raw=path.read_text(encoding="utf-8"))
        parser = _Parser(page.elements)
        parser.feed(page.raw)
        parser.close()
        return page

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of this tag whose attributes have these values; `_` in a name stands for `-`."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only element of this kind."""
        (element,) = self.all(tag, **attributes)
        return element

    def meta(self, name: str) -> str:
        """The content of a meta element by its name or property."""
        (content,) = (
            e.attributes["content"]
            for e in self.all("meta")
            if name in {e.attributes.get("name"), e.attributes.get("property")}
        )
        return content


class _Parser(HTMLParser):
    def __init__(self, elements: list[Element]) -> None:
        super().__init__()
        self.elements = elements
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag=tag, attributes=attributes, parents=tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
