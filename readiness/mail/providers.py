"""What mail providers ask their customers to publish, as profiles that expand into expectations of one domain.

A profile says what is the same for every customer; what the provider makes up for each of them (the
number in SendGrid's ``em1234``, the tokens of Amazon SES) is left open and has to be declared::

    >>> expand(Provider.POSTMARK, "shop.example", selectors=["20251028pm"]).return_path
    'pm-bounces.shop.example'
    >>> expand(Provider.SENDGRID, "shop.example").selectors
    (('s1', 's2'), ('m1',))

Every field can be overridden: a declared value always wins over the profile's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from readiness.light import dataclass

MIN_BITS = 1024
"""The smallest RSA key that verifiers may accept (RFC 8301 3.2)."""


class Provider(StrEnum):
    """A mail provider whose set-up is known."""

    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    SES = "ses"
    POSTMARK = "postmark"
    RESEND = "resend"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is the same for every customer of a provider."""

    selectors: tuple[tuple[str, ...], ...] = ()
    """Sets of DKIM selectors, the present way to set up first, older ones after it; a domain has one of the sets.

    Empty: they differ from customer to customer.
    """
    return_path: str | None = None
    """The labels in front of the From domain, ``""`` for the domain itself; None: they differ."""
    return_path_cname: str | None = None
    """The domain in which the return path's CNAME ends, where the provider asks for a CNAME."""
    return_path_mx: str | None = None
    """The domain in which the return path's MX hosts lie, where bounces go to the provider by MX."""
    spf_include: str | None = None
    """What the SPF record at the return path includes, where the customer publishes one."""
    selectors_hint: str = ""
    """Where a customer finds the selectors."""
    return_path_hint: str = ""
    """Where a customer finds the return path."""


PROFILES: Mapping[Provider, Profile] = MappingProxyType(
    {
        # https://www.twilio.com/docs/sendgrid/ui/account-and-settings/how-to-set-up-domain-authentication
        Provider.SENDGRID: Profile(
            selectors=(("s1", "s2"), ("m1",)),
            return_path_cname="sendgrid.net",
            return_path_hint="the CNAME emNNNN of SendGrid's Sender Authentication page",
        ),
        # https://documentation.mailgun.com/docs/mailgun/user-manual/domains/domains-verify
        Provider.MAILGUN: Profile(
            selectors=(("pdk1", "pdk2"), ("k1",), ("mx",), ("smtp",)), return_path="", spf_include="mailgun.org"
        ),
        # https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html, .../mail-from.html
        Provider.SES: Profile(
            return_path_mx="amazonses.com",
            spf_include="amazonses.com",
            selectors_hint="the three tokens of Easy DKIM on the identity's page of the SES console",
            return_path_hint="the custom MAIL FROM domain on the identity's page of the SES console",
        ),
        # https://postmarkapp.com/support/article/1091-how-do-i-set-up-dkim-for-my-domain
        Provider.POSTMARK: Profile(
            return_path="pm-bounces",
            return_path_cname="pm.mtasv.net",
            selectors_hint="the date that ends in pm, such as 20251028pm, on the domain's page of Postmark",
        ),
        # https://resend.com/docs/dashboard/domains/introduction
        Provider.RESEND: Profile(
            selectors=(("resend",),),
            return_path="send",
            return_path_mx="amazonses.com",
            spf_include="amazonses.com",
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """What one From domain has to publish; what is None or empty is neither declared nor known."""

    domain: str
    """The From domain."""
    selectors: tuple[tuple[str, ...], ...]
    """Sets of DKIM selectors, of which the domain has one; a declared set is the only one."""
    return_path: str | None
    """The domain of the envelope sender, where SPF is evaluated."""
    return_path_cname: str | None
    return_path_mx: str | None
    spf_include: str | None
    selectors_hint: str
    return_path_hint: str


def expand(
    provider: Provider | str | None,
    domain: str,
    *,
    selectors: Iterable[str] = (),
    return_path: str | None = None,
    return_path_cname: str | None = None,
    return_path_mx: str | None = None,
    spf_include: str | None = None,
) -> Expectations:
    """The profile of a provider for one From domain; what is given here wins over the profile.

    Without a provider only what is given is known. Raises ValueError for a provider without a profile.
    """
    profile = Profile() if provider is None else PROFILES[Provider(provider)]
    declared = tuple(selectors)
    return Expectations(
        domain=domain,
        selectors=(declared,) if declared else profile.selectors,
        return_path=return_path or _below(domain, profile.return_path),
        return_path_cname=return_path_cname or profile.return_path_cname,
        return_path_mx=return_path_mx or profile.return_path_mx,
        spf_include=spf_include or profile.spf_include,
        selectors_hint=profile.selectors_hint,
        return_path_hint=profile.return_path_hint,
    )


def _below(domain: str, labels: str | None) -> str | None:
    if labels is None:
        return None
    return f"{labels}.{domain}" if labels else domain
