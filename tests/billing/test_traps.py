"""Objects of the SDK that code takes for dicts."""

from __future__ import annotations

import ast
import textwrap

import pytest

from readiness.billing.traps import traps

HEAD = "import stripe, json\n"


def found(code: str, head: str = HEAD) -> list[str]:
    return [trap.text for trap in traps(ast.parse(head + textwrap.dedent(code)))]


@pytest.mark.parametrize(
    "use",
    [
        "event.get('type')",
        "event['data']['object'].get('metadata')",
        "event.data.object.metadata.get('tier')",
        "event.items()",
        "dict(event)",
        "json.dumps(event.data.object)",
        "json.dumps(event['data']['object'])",
        "stripe.checkout.Session.retrieve('cs_1').get('status')",
    ],
)
def test_what_raises(use: str) -> None:
    assert found(
        f"def hook(body, sig):\n    event = stripe.Webhook.construct_event(body, sig, S)\n    x = {use}\n"
    ) == [use]


def test_through_names_and_awaits() -> None:
    code = """
    async def hook(body, sig):
        event = stripe.Webhook.construct_event(body, sig, S)
        session = event["data"]["object"]
        tier = session["metadata"].get("tier")
        bought = await stripe.Subscription.retrieve_async(session["subscription"])
        return bought.get("status")
    """
    assert found(code) == ["session['metadata'].get('tier')", "bought.get('status')"]


@pytest.mark.parametrize(
    "body",
    [
        "event = stripe.Webhook.construct_event(body, sig, S).to_dict()\n    event.get('type')",
        "event = stripe.Webhook.construct_event(body, sig, S)\n    event = json.loads(body)\n    event.get('type')",
        "event = stripe.Webhook.construct_event(body, sig, S)\n    event['type'].lower(); event.data.object.id",
        "event = stripe.Webhook.construct_event(body, sig, S)\n    json.dumps(event['id']); json.dumps(event.type)",
        "event = stripe.Webhook.construct_event(body, sig, S)\n    name = event['id']\n    json.dumps(name)",
        "event = gateway.construct_event(body, sig)\n    event.get('type')",
        "body.get('type'); sig.items()",
        "for event in stripe.Event.list():\n        event.get('type')",
        "event, rest = stripe.Webhook.construct_event(body, sig, S), 1\n    event.get('type')",
        "again = again\n    again.get('type')",
    ],
)
def test_what_may_be_right(body: str) -> None:
    assert found(f"def hook(body, sig):\n    {body}\n") == []


def test_a_function_within_another_is_told_once() -> None:
    code = """
    def make():
        def hook(body, sig):
            event = stripe.Webhook.construct_event(body, sig, S)
            return event.get("type")
        return hook
    """
    assert found(code) == ["event.get('type')"]


def test_a_file_without_the_sdk() -> None:
    code = "def hook(b, s):\n    event = stripe.Webhook.construct_event(b, s, S)\n    event.get('x')\n"
    assert found(code, "from shop import stripe\n") == []
    assert found(code.replace("stripe.Webhook", "Webhook"), "from stripe import Webhook\n") == ["event.get('x')"]
