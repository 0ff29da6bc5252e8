"""What the present key may do at Stripe, asked by reading alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness.api import CannotTell, Env, KeyRefused, Reason
from readiness.billing.access import Access
from readiness.world.stripe import StripeClient


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What is known of one permission."""

    ok: bool
    text: str


def answers(needed: Sequence[Access], env: Env, *, offline: bool) -> Iterator[tuple[Access | None, Granted]]:
    """Each permission with what is known of it; without a permission, what is known of the key."""
    client = StripeClient(env)
    try:
        key = client.credentials.key()
    except KeyRefused as refused:
        yield None, Granted(ok=False, text=f"{refused.message}; {refused.fix}")
        key = ""
    if not key.startswith("rk_") or offline:
        more = (
            "a secret key may do everything; a restricted key needs no more than this" if key.startswith("sk_") else ""
        )
        yield from _listed(needed, more or "needed; not looked at")
        return
    try:
        yield from ((access, _probe(client, access)) for access in needed)
    except CannotTell as cannot:
        yield None, Granted(ok=False, text=f"cannot be looked at: {cannot.message}")
    finally:
        client.close()


def _listed(needed: Sequence[Access], text: str) -> Iterator[tuple[Access, Granted]]:
    for access in needed:
        yield access, Granted(ok=True, text=text)


def _probe(client: StripeClient, access: Access) -> Granted:
    """Ask for the least. Raises CannotTell for anything but a refusal of this permission."""
    if access.probe is None:
        return Granted(ok=True, text="needed; not looked at, for asking would change something")
    resource, is_list = access.probe
    try:
        if is_list:
            client.list(resource, most=1)
        else:
            client.retrieve(resource)
    except KeyRefused:
        raise
    except CannotTell as cannot:
        if cannot.reason is not Reason.DENIED:
            raise
        return Granted(ok=False, text="the restricted key lacks it; add it in Stripe's dashboard")
    return Granted(ok=True, text="the key has it")
