"""What the service made of the events: read from its database, or from a page that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from readiness.address import shown
from readiness.api import CannotTell, HttpRequest, Reason, World
from readiness.expect.jsonpath import compile_path, select
from readiness.expect.values import read_json
from readiness.named_sql import names
from readiness.webhook.purchase import Purchase
from readiness.webhook.stories import Story

Fact = Literal["tokens", "status"]
KNOWN = ("subscription", "customer", "session", "invoice", "email")
"""What a statement or a URL may ask for."""
NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Observe:
    """How the check sees what became of an event."""

    database: str | None = None
    """Variable that holds the database's URL, such as DATABASE_URL: SQLite, or PostgreSQL with the extra [postgres]."""
    url: str | None = None
    """Instead of it, a page that answers JSON: ``http://127.0.0.1:8000/test/subscriptions/{subscription}``. It may ask
    for ``{subscription}``, ``{customer}``, ``{session}``, ``{invoice}`` and ``{email}``."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of that request."""
    tokens: str | None = None
    """How many tokens, or rows, a purchase made: SQL that gives one number, with ``:subscription``, ``:customer``,
    ``:session``, ``:invoice`` or ``:email``; with `url`, a JSONPath to a number or to a list."""
    status: str | None = None
    """Status of the subscription: SQL that gives one text, or a JSONPath to it."""

    def __post_init__(self) -> None:
        if (self.database is None) == (self.url is None):
            raise ValueError("`observe` needs either `database`, the variable that holds its URL, or `url`")
        asked = [text for text in (self.tokens, self.status) if text is not None]
        if not asked:
            raise ValueError("`observe` asks for nothing: write `tokens`, `status` or both")
        for text in asked:
            _check_sql(text) if self.url is None else compile_path(text)
        if self.url is not None:
            _filled(self.url, dict.fromkeys(KNOWN, ""))

    def asks(self, fact: Fact) -> str | None:
        """The statement or path for a fact."""
        return self.tokens if fact == "tokens" else self.status

    def concerns(self, story: Story) -> bool:
        """Whether anything of a story can be seen."""
        tokens = story.tokens is not None and self.tokens is not None
        return tokens or (story.status is not None and self.status is not None)

    def looks_at(self) -> str:
        """Where, for `readiness plan`."""
        return f"${self.database}" if self.url is None else f"GET {shown(self.url)}"

    def see(self, world: World, fact: Fact, purchase: Purchase) -> str:
        """The fact as a text: a number, a status, or what stands in its place. Raises CannotTell, Unreachable."""
        text = self.asks(fact)
        if text is None:
            raise CannotTell(f"`observe` does not say how to see the {fact}")
        found = self._rows(world, text, purchase) if self.url is None else self._page(world, text, purchase)
        return _number(found) if fact == "tokens" else _word(found)

    def source(self, world: World) -> str:
        """Where it was seen, for evidence."""
        return world.database.source(self.database or "") if self.url is None else f"GET {shown(self.url)}"

    def _rows(self, world: World, sql: str, purchase: Purchase) -> list[Any]:
        rows = world.database.query(self.database or "", sql, purchase.names).rows
        return [row[0] for row in rows]

    def _page(self, world: World, path: str, purchase: Purchase) -> list[Any]:
        url = _filled(self.url or "", purchase.names)
        answer = world.http.send(HttpRequest(url=url, headers=tuple(self.headers.items()), fresh=True))
        if answer.status == 404:  # noqa: PLR2004 - Not Found: nothing was made
            return []
        where = shown(self.url or "")
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise CannotTell(f"{where} answers {answer.status}, so that what was made cannot be seen")
        try:
            found = [value for _, value in select(path, read_json(answer.body))]
        except ValueError as error:
            raise CannotTell(f"{where} answers no JSON that {path} could be read from: {error}") from error
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found


def _check_sql(text: str) -> None:
    if not text.lstrip(" (\n").lower().startswith(("select", "with")):
        raise ValueError(f"{text[:60]!r} is no statement that reads: it begins with select or with")
    unknown = [name for name in names(text) if name not in KNOWN]
    if unknown or not names(text):
        asked = f":{unknown[0]} is not known" if unknown else "it would count what others did"
        raise ValueError(f"the statement must ask for one of {', '.join(f':{name}' for name in KNOWN)}; {asked}")


def _filled(url: str, values: Mapping[str, str]) -> str:
    """The URL with its ids."""
    try:
        return url.format_map({name: quote(value, safe="") for name, value in values.items()})
    except (KeyError, ValueError, IndexError, AttributeError):
        places = ", ".join(f"{{{name}}}" for name in KNOWN)
        raise ValueError(f"{shown(url)!r} has another place in braces than {places}") from None


def _number(found: list[Any]) -> str:
    """One number as it is; of several values, how many."""
    if len(found) == 1 and isinstance(found[0], int) and not isinstance(found[0], bool):
        return str(found[0])
    if found and not all(isinstance(value, str | Mapping) for value in found):
        fix = "ask for one number, as in: select count(*) from tokens where subscription = :subscription"
        raise CannotTell("`observe.tokens` gave neither one number nor a list", reason=Reason.MISMATCH, fix=fix)
    return str(len(found))


def _word(found: list[Any]) -> str:
    """The one status, or all of them."""
    words = [NOTHING if value is None else str(value) for value in found]
    return ", ".join(words) or NOTHING
