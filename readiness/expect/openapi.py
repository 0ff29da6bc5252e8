"""An OpenAPI document (3.0, 3.1): its routes, what it says of their answers, and how two documents differ.

https://spec.openapis.org/oas/latest.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from readiness.api import Outcome
from readiness.expect.exchange import Exchange, status_words
from readiness.expect.schema import Schema
from readiness.expect.values import plain, same, short

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ROUTE = re.compile(r"(?:GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE) /\S*")
DEEPEST = 50
"""References that one reference may lead through."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path."""

    route: str
    """``POST /api/billing/create-checkout-session``."""
    value: Mapping[str, Any]
    document: Document = field(repr=False)

    @property
    def words(self) -> str:
        """All that is said of it and of its answers, for people."""
        said = [self.value.get("summary"), self.value.get("description")]
        said += [self.document.followed(answer).get("description") for answer in self.answers.values()]
        return "\n".join(str(part) for part in said if part)

    @property
    def described(self) -> bool:
        """Whether anything is said of the operation itself."""
        return any(str(self.value.get(key) or "").strip() for key in ("summary", "description"))

    @property
    def answers(self) -> Mapping[str, Any]:
        """By status, class of statuses (``4XX``) or ``default``."""
        found = self.value.get("responses")
        return {str(status): answer for status, answer in found.items()} if isinstance(found, Mapping) else {}

    def answer(self, status: int) -> Mapping[str, Any] | None:
        """What is said of a status: itself first, then its class, then all others."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.answers:
                return self.document.followed(self.answers[key])
        return None

    def kinds(self, status: int) -> Mapping[str, Any]:
        """What is said of a status, by media type without its parameters."""
        content = (self.answer(status) or {}).get("content")
        found = content.items() if isinstance(content, Mapping) else ()
        return {kind.partition(";")[0].strip().lower(): value for kind, value in found}

    def schema(self, status: int, media_type: str) -> Mapping[str, Any] | None:
        """The schema of a body, with the parts that it refers to; None where nothing is said."""
        chosen = self.kinds(status).get(media_type)
        schema = chosen.get("schema") if isinstance(chosen, Mapping) else None
        if not isinstance(schema, Mapping) or not schema:
            return None
        parts = self.document.value.get("components", {})
        found = {**schema, "components": parts}
        return _modern(found) if self.document.version.startswith("3.0") else found


@dataclass(frozen=True, kw_only=True)
class Document:
    """All of it."""

    value: Mapping[str, Any]

    @classmethod
    def of(cls, value: Any) -> Document:
        """Raises ValueError with a sentence for what is no OpenAPI document."""
        if not isinstance(value, Mapping):
            raise ValueError("it is no object")  # noqa: TRY004 - a fact about the document, not about our code
        made = cls(value=value)
        if not made.version.startswith("3."):
            raise ValueError(f"its `openapi` is {short(value.get('openapi'))}, not 3.x")
        if not isinstance(value.get("paths"), Mapping):
            raise ValueError("it has no `paths`")  # noqa: TRY004 - likewise
        if lost := next(made.lost(), None):
            raise ValueError(f"its reference {lost} leads nowhere")
        return made

    @property
    def version(self) -> str:
        """``3.1.0``."""
        return str(self.value.get("openapi", ""))

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """By route."""
        return {operation.route: operation for operation in self._operations()}

    def _operations(self) -> Iterator[Operation]:
        for path, methods in self.value["paths"].items():
            for method, value in self.followed(methods).items():
                if method in METHODS and isinstance(value, Mapping):
                    yield Operation(route=f"{method.upper()} {path}", value=value, document=self)

    def find(self, method: str, url: str) -> Operation | None:
        """The operation that a request is for; a path without parameters comes first (OpenAPI 4.8.8.2)."""
        raw = urlsplit(url).path or "/"
        whole = {raw, unquote(raw)}
        paths = {*whole, *(path.removeprefix(base) for path in whole for base in self._bases())}
        fitting = [
            operation
            for route, operation in self.operations.items()
            if route.partition(" ")[0] == method and any(_template(route).fullmatch(one) for one in paths)
        ]
        return min(fitting, key=lambda operation: operation.route.count("{"), default=None)

    def _bases(self) -> Iterator[str]:
        for server in self.value.get("servers") or ():
            if isinstance(server, Mapping) and (base := urlsplit(str(server.get("url", ""))).path.rstrip("/")):
                yield base

    def followed(self, node: Any) -> Mapping[str, Any]:
        """What a node stands for, references followed; empty where it is no object."""
        for _ in range(DEEPEST):
            if not isinstance(node, Mapping):
                return {}
            if not isinstance(node.get("$ref"), str):
                return node
            node = self._at(node["$ref"])
        return {}

    def lost(self) -> Iterator[str]:
        """References into the document that lead nowhere."""
        for key, value in _pairs(self.value):
            if key == "$ref" and isinstance(value, str) and value.startswith("#") and self._at(value) is None:
                yield value

    def _at(self, reference: str) -> Any:
        found: Any = self.value
        for part in reference.removeprefix("#").split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        return found


def documented(exchange: Exchange, document: Document) -> Iterator[Outcome]:
    """Whether a real answer is one of the documented ones: by status, content type and schema."""
    status = exchange.response.status
    operation = document.find(exchange.request.method, exchange.request.url)
    if operation is None or operation.answer(status) is None:
        observed = f"{status_words(status)} of {operation.route if operation else 'a route that is not there'}"
        yield exchange.say("the answer", ok=False, expected="a documented one", observed=observed)
        return
    media_type = (exchange.response.header("content-type") or "").partition(";")[0].strip().lower()
    kinds = operation.kinds(status)
    ok = not kinds or not exchange.response.body or any(fnmatchcase(media_type, kind) for kind in kinds)
    expected = f"documented, as {' or '.join(kinds)}" if kinds else "documented"
    observed = f"{status_words(status)}, {media_type or 'without a content type'}"
    yield exchange.say("the answer", ok=ok, expected=expected, observed=observed)
    schema = operation.schema(status, media_type)
    if schema and media_type.endswith("json"):
        yield from Schema(written=schema, called=f"of {operation.route}").judge(exchange)


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two documents differ, as JSON pointers; the order of lists does not matter."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}):
            below = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in one or key not in other:
                yield f"{below} is only in the {'second' if key not in one else 'first'}"
            else:
                yield from differences(one[key], other[key], below)
    elif not same(_sorted(one), _sorted(other)):
        yield f"{place} is {short(one)} and {short(other)}"


def without(document: Any, places: Sequence[str]) -> Any:
    """The document without what stands at these JSON pointers."""
    kept = plain(document)
    for place in places:
        *way, last = (part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:])
        node = kept
        for part in way:
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.pop(last, None)
    return kept


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def _template(route: str) -> re.Pattern[str]:
    """``/session/{id}`` as a pattern; a parameter is one segment."""
    parts = re.split(r"(\{[^{}]*\})", route.partition(" ")[2])
    made = (re.escape(part) if index % 2 == 0 else "[^/]+" for index, part in enumerate(parts))
    return re.compile("".join(made))


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            yield from node.items()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _modern(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema says it: ``nullable`` and boolean bounds are gone there."""
    if isinstance(schema, list):
        return [_modern(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {key: _modern(part) for key, part in schema.items() if key != "nullable"}
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(bound), bool):
            strict = made.pop(bound)
            if strict and limit in made:
                made[bound] = made.pop(limit)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made
