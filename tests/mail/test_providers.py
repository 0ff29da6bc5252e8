"""Profiles of mail providers."""

from __future__ import annotations

import doctest

import pytest

from readiness.mail import providers
from readiness.mail.providers import PROFILES, Provider, expand


def test_every_provider_has_a_profile() -> None:
    assert set(PROFILES) == set(Provider)


@pytest.mark.parametrize(
    ("provider", "selectors", "return_path", "include"),
    [
        ("sendgrid", (("s1", "s2"), ("m1",)), None, None),
        ("mailgun", (("pdk1", "pdk2"), ("k1",), ("mx",), ("smtp",)), "shop.example", "mailgun.org"),
        ("ses", (), None, "amazonses.com"),
        ("postmark", (), "pm-bounces.shop.example", None),
        ("resend", (("resend",),), "send.shop.example", "amazonses.com"),
        (None, (), None, None),
    ],
)
def test_expectations(
    provider: str | None, selectors: tuple[tuple[str, ...], ...], return_path: str | None, include: str | None
) -> None:
    found = expand(provider, "shop.example")
    assert (found.selectors, found.return_path, found.spf_include) == (selectors, return_path, include)


def test_what_is_left_open_says_where_to_find_it() -> None:
    for profile in PROFILES.values():
        assert profile.selectors or profile.selectors_hint
        assert profile.return_path is not None or profile.return_path_hint


def test_what_is_declared_wins() -> None:
    found = expand(
        Provider.RESEND,
        "shop.example",
        selectors=["one", "two"],
        return_path="bounce.shop.example",
        return_path_cname="cname.test",
        return_path_mx="mx.test",
        spf_include="spf.test",
    )
    assert found.selectors == (("one", "two"),)
    assert (found.return_path, found.spf_include) == ("bounce.shop.example", "spf.test")
    assert (found.return_path_cname, found.return_path_mx) == ("cname.test", "mx.test")


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(ValueError, match="pigeon"):
        expand("pigeon", "shop.example")


def test_the_examples_of_the_module() -> None:
    assert doctest.testmod(providers).failed == 0
