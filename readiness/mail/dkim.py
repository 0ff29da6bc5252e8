"""DKIM keys as they are published (RFC 6376 3.6.1, RFC 8301, RFC 8463): whether a verifier can use one.

>>> from readiness.mail.dkim import inspect_key
>>> key = inspect_key(["v=DKIM1; k=rsa; p="])
>>> key.valid, key.revoked, [problem.code for problem in key.problems]
(False, True, ['revoked'])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Self, TypeAlias

from readiness.light import dataclass
from readiness.mail.providers import MIN_BITS
from readiness.mail.publickey import PublicKey, read_public_key
from readiness.mail.tags import SPACE, Problem, Tags, decoded, pasted, quoted, read_tags, without_pasted

TxtRecord: TypeAlias = str | bytes | Sequence[str | bytes]
"""One TXT record: its content, or the strings that it is made of."""
KINDS = ("rsa", "ed25519")
"""RFC 6376 3.6.1 and RFC 8463; in small letters."""
MOST_BITS = 4096
"""Verifiers need not be able to use larger RSA keys (RFC 8301 3.2)."""
ONE_STRING = 255
"""Characters of one string of a TXT record, at which panels cut (RFC 1035 3.3)."""
_STRINGS = re.compile(r'\s*"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")+\s*', re.DOTALL)
_PEM = re.compile(r"PRIVATE\s+KEY")
_PRIVATE = "a PRIVATE key is published: anybody can sign as this domain; make a new pair and publish its public half"
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class DkimKey:
    """What is published for one selector, and whether verifiers can use it."""

    valid: bool
    """No problem: a verifier can use the key. Test mode is told by `testing` alone."""
    record: str | None
    """The record that was inspected; None where there is none, and no private key."""
    key_type: str | None
    """``rsa`` or ``ed25519``: what the key is; where it cannot be read, what ``k=`` says."""
    bits: int | None
    """Of the RSA modulus, 256 for Ed25519; None where the key cannot be read."""
    encoding: str | None
    """``SubjectPublicKeyInfo``, ``RSAPublicKey`` or ``raw``."""
    revoked: bool
    """``p=`` is empty: signatures with this selector are void."""
    testing: bool
    """``t=y``: verifiers treat signed mail like unsigned mail."""
    strict: bool
    """``t=s``: the ``i=`` of a signature must not be a subdomain of its ``d=``."""
    hashes: tuple[str, ...]
    """``h=``; empty: every one."""
    services: tuple[str, ...]
    """``s=``; ``*`` without it."""
    private: bool
    """A private key was published."""
    tags: tuple[tuple[str, str], ...]
    """All tags in order, without ``p``."""
    problems: tuple[Problem, ...]
    """Why verifiers cannot use it, each with a stable code."""
    notes: tuple[str, ...]
    """What is legal and worth knowing."""


def inspect_key(txt_records: Iterable[TxtRecord], *, min_bits: int = MIN_BITS) -> DkimKey:
    """Inspect all TXT records that are published at ``<selector>._domainkey.<domain>``.

    A record is its content, or a sequence of its strings; a text of two or more quoted strings, as a
    zone file has it, is joined too. Quotes in anything else belong to the content and are a problem.
    Exactly one record has to be there (RFC 6376 3.6.2.2). Raises nothing for any content.
    """
    texts = [_joined(record) for record in txt_records]
    looks = [_Look.at(text) for text in texts]
    secret = next((look for look in looks if look.private), None)
    if secret:
        return _made(secret, [Problem(code="private_key", message=_PRIVATE)])
    if not looks:
        return _made(_Look.at(""), [Problem(code="missing", message="there is no TXT record")])
    look = next((one for one in looks if one.is_key), looks[0])
    return _made(look, [*_several(len(looks)), *look.problems(min_bits)])


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One record, taken apart."""

    text: str
    tags: Tags
    public: PublicKey
    private: bool

    @classmethod
    def at(cls, text: str) -> Self:
        """What was meant counts: a key is measured although quotes stand around it."""
        tags = read_tags(without_pasted(text) if pasted(text) else text)
        public = read_public_key(tags.get("p") or "", _kind(tags) or "")
        return cls(text=text, tags=tags, public=public, private=public.private or bool(_PEM.search(text)))

    @property
    def is_key(self) -> bool:
        """Whether it wants to be a DKIM key."""
        version = self.tags.get("v")
        return version == "DKIM1" or (version is None and self.tags.get("p") is not None)

    def problems(self, min_bits: int) -> Iterator[Problem]:
        """All of them."""
        stray = pasted(self.text)
        yield from (stray,) if stray else ()
        yield from self.tags.problems
        yield from _version(self.tags, self.text)
        yield from _uses(self.tags)
        yield from _key(self, min_bits)


def _kind(tags: Tags) -> str | None:
    """What ``k=`` says, where verifiers know it."""
    kind = tags.get("k")
    return "rsa" if kind is None else kind if kind in KINDS else None


def _several(count: int) -> Iterator[Problem]:
    if count > 1:
        message = f"there are {count} TXT records, of which each verifier takes another one: leave one"
        yield Problem(code="two_records", message=message)


def _joined(record: TxtRecord) -> str:
    if not isinstance(record, str | bytes):
        strings = getattr(record, "strings", record)
        return "".join(decoded(one) for one in strings)
    if isinstance(record, str) and _STRINGS.fullmatch(record):
        return re.sub(r"\\(.)", r"\1", "".join(_STRING.findall(record)), flags=re.DOTALL)
    return decoded(record)


def _made(look: _Look, problems: list[Problem]) -> DkimKey:
    tags, public = look.tags, look.public
    return DkimKey(
        valid=not problems,
        record="(a private key)" if look.private else look.text or None,
        key_type=public.type or (tags.get("k") or "rsa" if tags.get("p") is not None else None),
        bits=public.bits,
        encoding=public.encoding,
        revoked=tags.get("p") == "",
        testing="y" in _list(tags, "t"),
        strict="s" in _list(tags, "t"),
        hashes=_list(tags, "h"),
        services=_list(tags, "s") or ("*",),
        private=look.private,
        tags=() if look.private else tuple(pair for pair in tags.pairs if pair[0] != "p"),
        problems=tuple(problems),
        notes=tuple(_notes(tags, public)),
    )


def _list(tags: Tags, name: str) -> tuple[str, ...]:
    value = tags.get(name)
    return () if value is None else tuple(part.strip(SPACE) for part in value.split(":"))


def _version(tags: Tags, text: str) -> Iterator[Problem]:
    version = tags.get("v")
    if version is None and tags.get("p") is None:
        yield Problem(code="not_dkim", message=f"{quoted(text)} is no DKIM key: it has no p=")
    elif version not in (None, "DKIM1"):
        hint = ": a semicolon is missing behind DKIM1" if version and version.startswith("DKIM1 ") else ""
        yield Problem(code="version", message=f"the version is {quoted(version or '')}, not DKIM1{hint}")
    elif version is not None and tags.names[0] != "v":
        yield Problem(code="version", message="v=DKIM1 is there, but not as the first tag, so that the record is void")
    elif tags.get("p") is None:
        yield Problem(code="no_key", message="the record has no p=, and so no key")


def _uses(tags: Tags) -> Iterator[Problem]:
    kind, hashes, services = tags.get("k"), _list(tags, "h"), _list(tags, "s")
    if not _kind(tags):
        yield Problem(code="key_type", message=f"the key type k={quoted(kind or '')[1:-1]} is neither rsa nor ed25519")
    if hashes and "sha256" not in hashes:
        found = quoted(":".join(hashes))[1:-1]
        message = f"h={found} leaves out sha256, the only hash that verifiers accept (RFC 8301)"
        yield Problem(code="hash", message=message)
    if services and not {"*", "email"} & set(services):
        yield Problem(code="service", message=f"s={quoted(':'.join(services))[1:-1]} is not for email")


def _key(look: _Look, min_bits: int) -> Iterator[Problem]:
    value, public = look.tags.get("p"), look.public
    if value == "":
        yield Problem(code="revoked", message="p= is empty: the key is revoked")
    for problem in public.problems if value else ():
        cut = problem.code == "truncated" and len(look.text) % ONE_STRING == 0
        hint = f"; the record has {len(look.text)} characters: panels cut strings at {ONE_STRING}" if cut else ""
        yield Problem(code=problem.code, message=problem.message + hint)
    if public.type == "rsa" and (public.bits or 0) < min_bits:
        why = "verifiers refuse smaller ones (RFC 8301)" if min_bits <= MIN_BITS else "the minimum of this item"
        yield Problem(code="weak", message=f"the RSA key has {public.bits} bits, needed are {min_bits}: {why}")


def _notes(tags: Tags, public: PublicKey) -> Iterator[str]:
    if tags.get("v") is None:
        yield "v=DKIM1 is not there; it is recommended"
    if public.encoding == "RSAPublicKey":
        yield "the key is a bare RSAPublicKey; most verifiers expect a SubjectPublicKeyInfo (openssl -pubout)"
    if (public.bits or 0) > MOST_BITS:
        yield f"verifiers need not accept RSA keys of more than {MOST_BITS} bits"
    if re.search(r"\s", tags.get("p") or ""):
        yield "p= holds white space, which is legal and ignored"
