"""Whether the destinations of aggregate reports agreed to receive them (RFC 9990 4)."""

from __future__ import annotations

from readiness.light import dataclass
from readiness.mail.dmarc.record import DmarcRecord, is_record
from readiness.mail.dmarc.uris import ReportUri, read_uris
from readiness.mail.dmarc.walk import walk
from readiness.mail.names import MOST, ascii_name
from readiness.mail.resolver import AnyResolver, Resolver, as_resolver
from readiness.mail.tags import decoded, read_tags


@dataclass(frozen=True, kw_only=True)
class Destination:
    """One valid destination of ``rua``."""

    uri: ReportUri
    external: bool
    """It belongs to another organization than the record."""
    authorized: bool
    """Reports are sent: it is our own, or it agreed."""
    asked: str | None
    """The name at which an external destination says so."""


def destinations(record: DmarcRecord, found_at: str, resolver: AnyResolver = None) -> tuple[Destination, ...]:
    """The valid destinations of a record that stands at ``_dmarc.<found_at>``.

    Raises CannotTell where the resolver fails, and ValueError for what is no domain name.
    """
    ask, publisher = as_resolver(resolver), ascii_name(found_at)
    return tuple(_destination(uri, uri.domain, publisher, ask) for uri in record.rua if uri.valid and uri.domain)


def _destination(uri: ReportUri, host: str, publisher: str, resolver: Resolver) -> Destination:
    if host == publisher or _organization(host, resolver) == _organization(publisher, resolver):
        return Destination(uri=uri, external=False, authorized=True, asked=None)
    name = f"{publisher}._report._dmarc.{host}"
    authorized = len(name) <= MOST and _agrees(name, host, resolver)
    return Destination(uri=uri, external=True, authorized=authorized, asked=name)


def _organization(domain: str, resolver: Resolver) -> str:
    found = walk(domain, resolver)
    return found.organizational_domain or found.domain


def _agrees(name: str, host: str, resolver: Resolver) -> bool:
    """A record is there, and every other mailbox that it names is at the same host."""
    texts = [decoded(record) for record in resolver.query(name, "TXT").records]
    agreed = [read_tags(text, fold=True) for text in texts if is_record(text)]
    others = [uri for tags in agreed for uri in read_uris(tags.get("rua"))]
    return bool(agreed) and all(uri.domain == host for uri in others)
