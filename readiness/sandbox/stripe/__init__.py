"""A local Stripe: test and live mode of one account, driven by the official SDKs.

`sandbox.StripeSandbox` is what others use. Behind it, each in one place: `server` (HTTP), `api` (one
call from key to answer), `routes` and `resources` (what calls there are), `params` and `form` (what
they take), `store` (what there is), `expand`, `paging`, `idempotency`, `keys`, `errors`, `faults`.
A new resource is a module of `resources` with its ROUTES, its blank in objects.json, its calls in
params.json, and its line in `expand.LINKS`.
"""

from readiness.sandbox.stripe.api import ApiRequest
from readiness.sandbox.stripe.faults import Hangup
from readiness.sandbox.stripe.sandbox import StripeSandbox

__all__ = ["ApiRequest", "Hangup", "StripeSandbox"]
