"""A page as a tree of its elements, by the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr", "rect"}


@dataclass
class Element:
    """One element; `text` is all that it holds."""

    tag: str
    attributes: dict[str, str]
    parts: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        joined = "".join(part if isinstance(part, str) else part.text for part in self.parts)
        return " ".join(joined.split())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element below it of this name with these attributes; ``cls`` stands for one of its classes."""
        found: list[Element] = [self] if self.tag == tag and self.has(**attributes) else []
        for part in self.parts:
            found += part.all(tag, **attributes) if isinstance(part, Element) else []
        return found

    def every(self) -> list[Element]:
        inner = [part.every() for part in self.parts if isinstance(part, Element)]
        return [self, *(element for some in inner for element in some)]

    def one(self, tag: str, **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    def has(self, **attributes: str) -> bool:
        classes = self.attributes.get("class", "").split()
        wanted = attributes.pop("cls", None)
        return (wanted is None or wanted in classes) and attributes.items() <= self.attributes.items()

    def section(self, name: str) -> Element:
        """The section with this heading."""
        return self.one("section", **{"aria-labelledby": name})


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open[-1].tag == tag, f"<{self.open[-1].tag}> is closed by </{tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def parse(page: str) -> Element:
    """The document; fails where an element is not closed in its place."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is not closed"
    return parser.open[0]
