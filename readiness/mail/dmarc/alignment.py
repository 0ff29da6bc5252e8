"""Whether an authenticated domain counts for a From domain (RFC 9989 4.4 and 4.10.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from readiness.api import CannotTell
from readiness.mail.dmarc.record import Alignment, DmarcRecord
from readiness.mail.dmarc.walk import walk
from readiness.mail.names import ascii_name
from readiness.mail.resolver import AnyResolver, as_resolver


def organizational_domain(domain: str, resolver: AnyResolver = None) -> str:
    """The organizational domain of a domain (RFC 9989 4.10.2). Raises CannotTell and ValueError."""
    found = walk(domain, as_resolver(resolver))
    organization = found.organizational_domain
    if organization is None:
        raise CannotTell(f"the organizational domain of {domain} is not known: no answer for _dmarc.{found.unanswered}")
    return organization


def is_aligned(author: str, identifier: str, mode: Alignment, resolver: AnyResolver = None) -> bool:
    """Whether an authenticated domain counts for mail from `author` (RFC 9989 4.4).

    Relaxed mode asks the DNS where the two differ. Raises CannotTell and ValueError.
    """
    one, other = ascii_name(author), ascii_name(identifier)
    if one == other or mode is Alignment.STRICT:
        return one == other
    ask = as_resolver(resolver)
    return organizational_domain(one, ask) == organizational_domain(other, ask)


def alignments(
    author: str,
    record: DmarcRecord,
    *,
    dkim_domains: Iterable[str] = (),
    return_paths: Iterable[str] = (),
    resolver: AnyResolver = None,
) -> Mapping[str, bool]:
    """Each signing domain and return path in words, and whether it is aligned as the record asks.

    Raises CannotTell and ValueError.
    """
    declared = [(f"DKIM d={domain}", domain, record.adkim) for domain in dkim_domains]
    declared += [(f"the return path {domain}", domain, record.aspf) for domain in return_paths]
    return {name: is_aligned(author, domain, mode, resolver) for name, domain, mode in declared}
