"""DKIM keys of a domain."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from checks.dns_dkim import DnsDkim
from readiness.api import CannotTell, Reason
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import broken, look, outside, view

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
SECRET = base64.b64encode(PRIVATE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


def txt(text: str) -> str:
    """A TXT record as a zone file has it: strings of 255 characters at most."""
    return "TXT ( " + " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255)) + " )"


GOOD = txt(f"v=DKIM1; k=rsa; p={KEY}")
QUOTED = GOOD.replace('"v=DKIM1; k=rsa;', r'"\"v=DKIM1;')
ZONE = f"""
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
s1._domainkey CNAME s1.domainkey.u1.provider.test.
s2._domainkey {GOOD}
one._domainkey {GOOD}
twice._domainkey {GOOD}
twice._domainkey TXT "v=DKIM1; p="
revoked._domainkey TXT "v=DKIM1; k=rsa; p="
testing._domainkey {txt(f"v=DKIM1; t=y; p={KEY}")}
cut._domainkey TXT "{f"v=DKIM1; k=rsa; p={KEY}"[:255]}"
quoted._domainkey {QUOTED}
secret._domainkey {txt(f"v=DKIM1; k=rsa; p={SECRET}")}
dangling._domainkey CNAME gone.provider.test.
empty._domainkey CNAME typeless.provider.test.
address._domainkey A 192.0.2.1
panel._domainkey.shop.test {GOOD}
pdk1._domainkey.mailgun {GOOD}
k1._domainkey.older {GOOD}
mx._domainkey.oldest {GOOD}
m1._domainkey.manual {GOOD}
resend._domainkey.resend {GOOD}
20251028pm._domainkey.mark {GOOD}
"""
PROVIDER = f"""
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
s1.domainkey.u1 {GOOD}
typeless A 192.0.2.1
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "shop.test") as running:
        running.set_zone(PROVIDER, "provider.test")
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"selectors": ("one",)}, 1),
        ({"selectors": ("s1", "s2", "one")}, 3),
        ({"provider": "sendgrid"}, 2),
        ({"domain": "manual.shop.test", "provider": "sendgrid"}, 1),
        ({"domain": "older.shop.test", "provider": "mailgun"}, 1),
        ({"domain": "oldest.shop.test", "provider": "mailgun"}, 1),
        ({"domain": "resend.shop.test", "provider": "resend"}, 1),
        ({"domain": "mark.shop.test", "provider": "postmark", "selectors": ("20251028pm",)}, 1),
        ({"provider": "resend", "selectors": ("one",)}, 1),
        ({"selectors": ("testing",), "allow_testing": True}, 1),
        ({"selectors": ("one",), "min_bits": 2048}, 1),
    ],
)
def test_pass(world: Outside, options: dict[str, Any], keys: int) -> None:
    outcomes = look(DnsDkim(**{"domain": "shop.test", **options}), world)
    assert not broken(outcomes)
    assert len(outcomes) == keys
    assert all("2048 bits" in outcome.message for outcome in outcomes)
    assert all("TTL 300" in outcome.evidence[0].seen for outcome in outcomes)


@pytest.mark.parametrize(
    ("options", "said", "reason"),
    [
        ({"selectors": ("nowhere",)}, "does not exist: publish", Reason.MISSING),
        ({"selectors": ("panel",)}, "added the domain a second time", Reason.MISSING),
        ({"selectors": ("dangling",)}, "alias of gone.provider.test, which does not exist", Reason.MISSING),
        ({"selectors": ("empty",)}, "alias of typeless.provider.test, which has no TXT", Reason.MISSING),
        ({"selectors": ("address",)}, "no TXT record: publish", Reason.MISSING),
        ({"selectors": ("twice",)}, "2 TXT records", Reason.MISMATCH),
        ({"selectors": ("revoked",)}, "revoked", Reason.MISMATCH),
        ({"selectors": ("testing",)}, "t=y", Reason.MISMATCH),
        ({"selectors": ("cut",)}, "cut strings at 255", Reason.MISMATCH),
        ({"selectors": ("quoted",)}, "quotes", Reason.MISMATCH),
        ({"selectors": ("secret",)}, "PRIVATE", Reason.MISMATCH),
        ({"selectors": ("one",), "min_bits": 3072}, "needed are 3072", Reason.MISMATCH),
        ({"domain": "mailgun.shop.test", "provider": "mailgun"}, "pdk2._domainkey", Reason.MISSING),
        ({"domain": "nowhere.test", "provider": "resend"}, "resend._domainkey.nowhere.test", Reason.MISSING),
    ],
)
def test_fail(world: Outside, options: dict[str, Any], said: str, reason: Reason) -> None:
    bad = [outcome for outcome in look(DnsDkim(**{"domain": "shop.test", **options}), world) if not outcome.ok]
    assert [outcome.reason for outcome in bad] == [reason]
    assert said in bad[0].message
    assert bad[0].evidence


def test_a_private_key_is_in_no_outcome(world: Outside) -> None:
    outcomes = look(DnsDkim(domain="shop.test", selectors=("secret",)), world)
    assert not any(SECRET[at : at + 16] in repr(outcomes) for at in range(60, len(SECRET) - 16, 8))


@pytest.mark.parametrize("provider", [None, "ses", "postmark"])
def test_an_unknown_selector_is_no_pass(world: Outside, provider: Any) -> None:
    with pytest.raises(CannotTell) as error:
        look(DnsDkim(domain="shop.test", provider=provider), world)
    assert "declare the selector" in str(error.value.fix)


@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED, DnsFault.TIMEOUT, DnsFault.WRONG_ANSWER])
def test_error(server: DnsSandbox, world: Outside, fault: DnsFault) -> None:
    server.fault("one._domainkey.shop.test", fault)
    with pytest.raises(CannotTell):
        look(DnsDkim(domain="shop.test", selectors=("one",)), world, timeout=0.4)


def test_what_is_known_is_told_beside_an_error(server: DnsSandbox, world: Outside) -> None:
    server.fault("s1._domainkey.shop.test", DnsFault.SERVFAIL)
    seen = iter(DnsDkim(domain="shop.test", selectors=("s1", "one")).run(view(world)))
    assert next(seen).ok
    with pytest.raises(CannotTell):
        next(seen)


@pytest.mark.parametrize(
    "options",
    [
        {"domain": "https://shop.test"},
        {"domain": "a@shop.test"},
        {"selectors": ("s1._domainkey",)},
        {"selectors": ("",)},
        {"selectors": ("a b",)},
        {"min_bits": 512},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsDkim(**{"domain": "shop.test", **options})


def test_says_what_it_looks_at() -> None:
    assert list(DnsDkim(domain="shop.test", provider="resend").looks_at()) == ["TXT resend._domainkey.shop.test"]  # type: ignore[arg-type]  # the text of a checklist
    assert list(DnsDkim(domain="shop.test").looks_at()) == []
