"""Random worlds for SPF: records after the grammar, records that are nearly so, and the names that they meet."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass

DOMAINS = ("a.example", "b.example", "c.example", "d.b.example", "e.example")
HOSTS = ("h1.example", "h2.a.example", "h3.example", "mail.b.example", "none.example", "x.none.example", "slow.example")
ADDRESSES = ("192.0.2.1", "192.0.2.77", "198.51.100.9", "203.0.113.200", "2001:db8::1", "2001:db8:1::77", "2001:db9::9")
MACROS = (
    *("d", "i", "ir", "l", "o", "s", "h", "v", "d2", "o1r", "l1r-", "D", "L", "p", "S", "i3r.", "lr+-") * 5,
    "d0",
    "x",
    "c",
    "dR",
)
LENGTHS4 = (*[""] * 20, *("/0", "/8", "/24", "/28", "/32") * 4, "/33", "/024")
LENGTHS6 = (*[""] * 40, *("//0", "//32", "//64", "//128") * 4, "//129", "//08")
NOISE = string.ascii_letters + string.digits + "%{}:/=.-_+~?, \"'\\\t\x00\x7f;@" + "\u00e9"


Zone = Mapping[tuple[str, str], tuple[object, ...] | None]
"""Records by name and type; None where the server never answers."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What the DNS holds, and one message."""

    zone: Zone
    ip: str
    sender: str
    helo: str

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def records(self) -> list[bytes]:
        """Every TXT record."""
        return [
            record
            for (_, rdtype), found in self.zone.items()
            if rdtype == "TXT" and found
            for record in found
            if isinstance(record, bytes)
        ]


def make_world(seed: int) -> World:
    """The same for the same seed, on every machine."""
    return _Maker(random.Random(seed)).world()  # noqa: S311 - repeatable, not secret


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def world(self) -> World:
        zone: dict[tuple[str, str], tuple[object, ...] | None] = {}
        for domain in DOMAINS:
            zone[domain, "TXT"] = self.texts()
        for name in (*DOMAINS, *HOSTS):
            self.host(zone, name)
        zone["exp.example", "TXT"] = (self.rng.choice((b"no %{i}", b"%{c} %{d}", b"%{x}", b"\xe9", b"%{L}", b"")),)
        ip = self.rng.choice(ADDRESSES)
        for reverse in ("1.2.0.192.in-addr.arpa", "77.2.0.192.in-addr.arpa"):
            if self.rng.random() < 0.6:
                names = [*HOSTS, *DOMAINS]
                zone[reverse, "PTR"] = tuple(self.rng.sample(names, self.rng.choice((1, 2, 12))))
        sender = self.rng.choice(("user", "first.last", "a+b-c", "UP", "x_y")) + "@a.example"
        helo = self.rng.choice(("h1.example", "mail.b.example", "A.example", "localhost"))
        return World(zone=zone, ip=ip, sender=sender, helo=helo)

    def host(self, zone: dict[tuple[str, str], tuple[object, ...] | None], name: str) -> None:
        if "none." in name:
            return
        if name == "slow.example":
            zone.update({(name, rdtype): None for rdtype in ("A", "AAAA", "MX", "TXT", "PTR")})
            return
        four = [one for one in ADDRESSES if "." in one]
        six = [one for one in ADDRESSES if ":" in one]
        if self.rng.random() < 0.8:
            zone[name, "A"] = tuple(self.rng.sample(four, self.rng.randint(1, 3)))
        if self.rng.random() < 0.5:
            zone[name, "AAAA"] = tuple(self.rng.sample(six, self.rng.randint(1, 2)))
        if self.rng.random() < 0.5:
            count = self.rng.choice((1, 1, 2, 3, 10, 11))
            hosts = [self.rng.choice((*HOSTS[:4], *HOSTS, "")) for _ in range(count)]
            zone[name, "MX"] = tuple((number, host) for number, host in enumerate(hosts))

    def texts(self) -> tuple[object, ...] | None:
        chance = self.rng.random()
        if chance < 0.02:
            return None
        if chance < 0.04:
            return ()
        records = [self.record().encode("utf-8", "surrogateescape")]
        if chance < 0.06:
            records.append(self.record().encode("utf-8", "surrogateescape"))
        if chance < 0.15:
            records.append(b"some-verification=1")
        return tuple(records)

    def record(self) -> str:
        version = self.rng.choices(("v=spf1", "V=SpF1", "v=spf10", "v=spf2", "v=spf1."), (60, 3, 1, 1, 1))[0]
        terms = [self.term() for _ in range(self.rng.choice((0, 1, 2, 2, 3, 3, 4, 6, 13)))]
        last = self.rng.choice(("-all", "~all", "?all", "+all", "all", "", "", f"redirect={self.domain()}"))
        text = " ".join([version, *terms, last])
        return self.damaged(text) if self.rng.random() < 0.15 else text

    def damaged(self, text: str) -> str:
        for _ in range(self.rng.randint(1, 3)):
            at = self.rng.randrange(len(text))
            noise = self.rng.choice(NOISE)
            text = self.rng.choice(
                (
                    text[:at] + text[at + 1 :],
                    text[:at] + noise + text[at:],
                    text[:at] + noise + text[at + 1 :],
                    text[:at] + text[at:].swapcase(),
                    text[:at] + text[at : at + 6] + text[at:],
                )
            )
        return text

    def term(self) -> str:
        qualifier = self.rng.choices(("", "+", "-", "~", "?"), (60, 5, 15, 10, 10))[0]
        kind = self.rng.choice(("a", "mx", "ip4", "ip6", "include", "exists", "ptr", "a", "ip4", "include", "modifier"))
        if kind == "modifier":
            return self.modifier()
        made: str = getattr(self, f"make_{kind}")()
        return qualifier + (made.upper() if self.rng.random() < 0.03 else made)

    def make_a(self) -> str:
        return "a" + self.optional(f":{self.domain()}") + self.rng.choice(LENGTHS4) + self.rng.choice(LENGTHS6)

    def make_mx(self) -> str:
        return "mx" + self.optional(f":{self.domain()}") + self.rng.choice(LENGTHS4) + self.rng.choice(LENGTHS6)

    def make_ptr(self) -> str:
        return "ptr" + self.optional(f":{self.domain()}")

    def make_include(self) -> str:
        return f"include:{self.domain()}" if self.rng.random() < 0.99 else "include"

    def make_exists(self) -> str:
        return f"exists:{self.domain()}" if self.rng.random() < 0.98 else "exists"

    def make_ip4(self) -> str:
        wrong = ("10.0.0", "256.1.1.1", "192.0.2.01")
        address = self.rng.choice((*("192.0.2.0", "198.51.100.9", "203.0.113.0", "0.0.0.0") * 10, *wrong))  # noqa: S104 - of a record
        return f"ip4:{address}{self.rng.choice(LENGTHS4)}"

    def make_ip6(self) -> str:
        address = self.rng.choice(
            (*("2001:db8::", "2001:DB9::9", "::", "::ffff:192.0.2.1", "2001:db8:1::77") * 6, "1::2::3")
        )
        return f"ip6:{address}{self.rng.choice(LENGTHS6)[1:]}"

    def modifier(self) -> str:
        value = self.rng.choices(("exp.example", "%{d}", self.domain(), "", "x", "%{i}x", "%"), (9, 3, 9, 1, 1, 1, 1))[
            0
        ]
        return f"{self.rng.choice(('exp', 'exp', 'redirect', 'ra', 'moo', 'Exp', 'x-y.z_1'))}={value}"

    def domain(self) -> str:
        chance = self.rng.random()
        if chance < 0.6:
            return self.rng.choice(DOMAINS)
        if chance < 0.88:
            return self.rng.choice(HOSTS)
        if chance < 0.985:
            macro = "%{" + self.rng.choice(MACROS) + "}"
            return self.rng.choice(
                (macro, f"{macro}.example", f"x.{macro}", f"%%{macro}.b.example", f"{macro}%-.example")
            )
        return self.rng.choice(
            (
                "a..example",
                "example",
                "1.2.3.4",
                "a.-b",
                "a_b.example",
                "a.example.",
                ".example",
                "%_",
                "x" * 64 + ".example",
            )
        )

    def optional(self, text: str) -> str:
        return text if self.rng.random() < 0.7 else ""
