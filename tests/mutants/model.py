"""Mutants and correct variants, as data: small changes of the demo's stage."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BeforeValidator, ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

DATA = Path(__file__).with_name("data")


def _words(value: object) -> object:
    return (value,) if isinstance(value, str) else value


T = TypeVar("T", bound="Change")
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Endpoint:
    """A webhook endpoint beside the one that belongs to the service; newer, so it is listed first."""

    url: str
    count: int = 1
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Change:
    """What differs from the stage; paths are relative to its tree, `<sk_live>` and its like become random keys."""

    name: str
    served: bool = False
    """Whether only the running service can show it."""
    only: Words = ("*",)
    """Globs of the items that are asked, where the place does not allow for all."""
    environment: str = "development"
    edit: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each file, old texts and their new ones."""
    append: dict[str, str] = field(default_factory=dict)
    write: dict[str, str] = field(default_factory=dict)
    delete: Words = ()
    chmod: dict[str, int] = field(default_factory=dict)
    crlf: Words = ()
    """Files that get the line ends of Windows."""
    track: Words = ()
    """Makes the stage a git repository and adds everything, these files even where they are ignored."""
    history: dict[str, str] = field(default_factory=dict)
    """Makes the stage a git repository with these files in an earlier commit only."""
    shallow: bool = False
    """The repository is a clone without what came before."""
    documented: bool = False
    """docs/openapi.json was made again, as a careful developer does."""
    tls: Literal["self-signed", "expired", ""] = ""
    """API and pages are another server's, with such a certificate."""
    env: dict[str, str | None] = field(default_factory=dict)
    """Of the service and of the checklist; null takes the variable away."""
    service_env: dict[str, str | None] = field(default_factory=dict)
    """Of the service alone."""
    vars: dict[str, str] = field(default_factory=dict)
    """Of the checklist."""
    zone: dict[str, str] = field(default_factory=dict)
    """Old texts of the zone file and their new ones."""
    price: dict[str, dict[str, Any]] = field(default_factory=dict)
    """For each variable with a price id, fields of that price at Stripe."""
    product: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The same of the price's product."""
    account: dict[str, Any] = field(default_factory=dict)
    """Fields of the account at Stripe."""
    endpoint: dict[str, Any] = field(default_factory=dict)
    """Fields of the webhook endpoint."""
    more_endpoints: tuple[Endpoint, ...] = ()
    destination: dict[str, Any] = field(default_factory=dict)
    """An event destination beside the endpoint."""
    portal: dict[str, bool] = field(default_factory=dict)
    """Features of the customer portal; `active` is the portal itself."""
    tax: dict[str, Any] = field(default_factory=dict)
    """Fields of the tax settings."""
    registrations: dict[str, Any] = field(default_factory=dict)
    """Fields of every tax registration."""
    revoke: Words = ()
    """Variables whose key Stripe refuses from now on."""
    same_price: dict[str, str] = field(default_factory=dict)
    """Variables that get the value of another one."""
    service_price: dict[str, str] = field(default_factory=dict)
    """The same, of the service alone."""

    @property
    def changes_files(self) -> bool:
        """Whether the tree is another one."""
        made = self.edit or self.append or self.write or self.history
        return bool(made or self.delete or self.chmod or self.crlf or self.track)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Mutant(Change):
    """A defect."""

    item: Words
    """Ids of items; each must fail, an error is not enough."""
    also: Words = ()
    """Globs of critical items that may fail with them."""


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Variant(Change):
    """A correct tree that differs from the reference; nothing may fail, nothing may be an error."""


def mutants() -> tuple[Mutant, ...]:
    """All defects, those that need no service first."""
    return _sorted(TypeAdapter(tuple[Mutant, ...]).validate_python(_rows("mutants")))


def variants() -> tuple[Variant, ...]:
    """All correct trees, those that need no service first."""
    return _sorted(TypeAdapter(tuple[Variant, ...]).validate_python(_rows("variants")))


def _rows(kind: str) -> list[Any]:
    return [row for path in sorted(DATA.glob(f"{kind}-*.yaml")) for row in yaml.safe_load(path.read_text("utf-8"))]


def _sorted(changes: tuple[T, ...]) -> tuple[T, ...]:
    names = [change.name for change in changes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two changes are called {', '.join(sorted(twice))}")
    return tuple(sorted(changes, key=lambda change: change.served))
