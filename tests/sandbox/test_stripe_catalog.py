from __future__ import annotations

from decimal import Decimal

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.conftest import Connect


def test_a_seeded_price_is_what_the_sdk_reads(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    product = sandbox.add_product("Team", metadata={"tier": "team"})
    price = client.v1.prices.retrieve(sandbox.add_price(9900, product=product, nickname="monthly"))
    assert (price.unit_amount, price.unit_amount_decimal, price.currency) == (9900, Decimal(9900), "usd")
    assert (price.active, price.livemode, price.type, price.billing_scheme) == (True, False, "recurring", "per_unit")
    assert price.recurring is not None
    assert (price.recurring.interval, price.recurring.interval_count, price.recurring.usage_type) == (
        "month",
        1,
        "licensed",
    )
    assert (price.product, price.nickname, price.tax_behavior) == (product, "monthly", "unspecified")


def test_prices_without_interval_are_one_time(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    price = client.v1.prices.retrieve(sandbox.add_price(500, "jpy", None))
    assert (price.type, price.recurring, price.currency) == ("one_time", None, "jpy")


def test_a_product_and_its_default_price_are_created_together(client: stripe.StripeClient) -> None:
    product = client.v1.products.create(
        {
            "name": "Team",
            "images": ["https://example.test/a.png"],
            "default_price_data": {"currency": "EUR", "unit_amount": 100, "recurring": {"interval": "year"}},
            "expand": ["default_price"],
        }
    )
    price = product.default_price
    assert isinstance(price, stripe.Price)
    assert (price.product, price.currency, product.images) == (product.id, "eur", ["https://example.test/a.png"])
    with pytest.raises(stripe.InvalidRequestError, match="default price"):
        client.v1.prices.update(price.id, {"active": False})


def test_a_price_can_bring_its_product(client: stripe.StripeClient) -> None:
    price = client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount_decimal": Decimal("0.5"),
            "product_data": {"name": "Call"},
            "expand": ["product"],
        }
    )
    assert isinstance(price.product, stripe.Product)
    assert (price.product.name, price.unit_amount, price.unit_amount_decimal) == ("Call", None, Decimal("0.5"))


def test_tiered_and_custom_prices(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    product = sandbox.add_product("Calls")
    tiered = client.v1.prices.create(
        {
            "currency": "usd",
            "product": product,
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "flat_amount": 100}],
            "expand": ["tiers"],
        }
    )
    assert tiered.tiers is not None
    assert [(tier.up_to, tier.unit_amount, tier.flat_amount) for tier in tiered.tiers] == [
        (10, 5, None),
        (None, None, 100),
    ]
    custom = client.v1.prices.create(
        {"currency": "usd", "product": product, "custom_unit_amount": {"enabled": True, "minimum": 100}}
    )
    assert custom.custom_unit_amount is not None
    assert (custom.custom_unit_amount.minimum, custom.custom_unit_amount.maximum) == (100, None)


@pytest.mark.parametrize(
    ("params", "message", "param"),
    [
        ({"unit_amount": 1}, "Missing required param: product", "product"),
        ({"product": "?"}, "Missing required param: unit_amount", "unit_amount"),
        ({"product": "?", "unit_amount": -1}, "Invalid non-negative integer", "unit_amount"),
        ({"product": "?", "unit_amount": 1, "unit_amount_decimal": "1"}, "only specify one", "unit_amount_decimal"),
        ({"product": "?", "unit_amount": 1, "currency": "zzz"}, "Invalid currency: zzz", "currency"),
        ({"product": "?", "billing_scheme": "tiered"}, "Missing required param: tiers", "tiers"),
        (
            {"product": "?", "unit_amount": 1, "recurring": {"interval": "month", "interval_count": 37}},
            "three years",
            "recurring[interval_count]",
        ),
        ({"product": "prod_gone", "unit_amount": 1}, "No such product: 'prod_gone'", "product"),
    ],
    ids=str,
)
def test_prices_that_stripe_refuses(
    sandbox: StripeSandbox, client: stripe.StripeClient, params: dict[str, object], message: str, param: str
) -> None:
    asked = {"currency": "usd", **params}
    if params.get("product") == "?":
        asked["product"] = sandbox.add_product("Team")
    with pytest.raises(stripe.InvalidRequestError, match=message) as refused:
        client.raw_request("post", "/v1/prices", **asked)
    assert (refused.value.http_status, refused.value.param) == (400, param)


@pytest.mark.parametrize("amount", ["many", "NaN", "Infinity"])
def test_decimals_are_numbers(sandbox: StripeSandbox, client: stripe.StripeClient, amount: str) -> None:
    asked = {"currency": "usd", "product": sandbox.add_product("Team"), "unit_amount_decimal": amount}
    with pytest.raises(stripe.InvalidRequestError, match=f"Invalid decimal: {amount}"):
        client.raw_request("post", "/v1/prices", **asked)


def test_prices_in_further_currencies(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    price = client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": 9900,
            "product": sandbox.add_product("Team"),
            "currency_options": {"eur": {"unit_amount": 8900}},
        }
    )
    client.v1.prices.update(price.id, {"currency_options": {"gbp": {"unit_amount": 7900, "tax_behavior": "inclusive"}}})
    options = client.v1.prices.retrieve(price.id, {"expand": ["currency_options"]}).currency_options
    assert options is not None
    assert {code: option["unit_amount"] for code, option in options.to_dict().items()} == {
        "usd": 9900,
        "eur": 8900,
        "gbp": 7900,
    }


def test_a_product_id_of_ones_own_is_taken_once(client: stripe.StripeClient) -> None:
    size: stripe.params.ProductCreateParamsPackageDimensions = {"height": 1.5, "length": 2, "weight": 3, "width": 4}
    made = client.v1.products.create({"id": "team", "name": "Team", "package_dimensions": size})
    assert made.package_dimensions is not None
    assert (made.id, made.package_dimensions.height) == ("team", 1.5)
    with pytest.raises(stripe.InvalidRequestError, match="Product already exists"):
        client.v1.products.create({"id": "team", "name": "Team"})
    price = client.v1.prices.create({"product": "team", "currency": "usd", "unit_amount": 1})
    assert client.v1.products.update("team", {"default_price": price.id}).default_price == price.id


def test_updates_change_only_what_they_name(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    product = sandbox.add_product("Team", description="old", metadata={"a": "1", "b": "2"})
    changed = client.v1.products.update(product, {"description": "", "metadata": {"a": "", "c": "3"}, "active": False})
    assert (changed.name, changed.description, changed.active) == ("Team", None, False)
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert client.v1.products.update(product, {"metadata": ""}).metadata.to_dict() == {}


def test_amounts_never_change(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Received unknown parameter: unit_amount"):
        client.raw_request("post", f"/v1/prices/{sandbox.add_price(100)}", unit_amount=200)


def test_archiving_by_the_api_and_behind_its_back(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    price = sandbox.add_price(100)
    assert client.v1.prices.update(price, {"active": False}).active is False
    other = sandbox.add_price(200)
    sandbox.archive(other)
    sandbox.patch(other, unit_amount=990, currency="eur")
    seen = client.v1.prices.retrieve(other)
    assert (seen.active, seen.unit_amount, seen.currency) == (False, 990, "eur")


def test_patch_refuses_what_is_not_there(sandbox: StripeSandbox) -> None:
    with pytest.raises(KeyError, match="no object price_none"):
        sandbox.patch("price_none", active=False)
    with pytest.raises(KeyError, match="price has no field amount"):
        sandbox.patch(sandbox.add_price(100), amount=1)
    with pytest.raises(KeyError, match="account has no field charges"):
        sandbox.patch_account(charges=False)


def test_lookup_keys_are_unique_until_transferred(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    first = sandbox.add_price(100, lookup_key="team")
    product = sandbox.add_product("Other")
    asked: stripe.params.PriceCreateParams = {
        "currency": "usd",
        "unit_amount": 2,
        "product": product,
        "lookup_key": "team",
    }
    with pytest.raises(stripe.InvalidRequestError, match=f"{first}`. already uses"):
        client.v1.prices.create(asked)
    second = client.v1.prices.create({**asked, "transfer_lookup_key": True})
    assert [price.id for price in client.v1.prices.list({"lookup_keys": ["team"]})] == [second.id]


def test_lists_are_paged_by_cursor_newest_first(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    ids = [sandbox.add_price(100 + number) for number in range(25)]
    first = client.v1.prices.list()
    assert [price.id for price in first] == ids[:14:-1]
    assert (first.has_more, first.url, len(first.data)) == (True, "/v1/prices", 10)
    assert [price.id for price in client.v1.prices.list({"limit": 4}).auto_paging_iter()] == ids[::-1]
    backwards = client.v1.prices.list({"limit": 3, "ending_before": ids[0]})
    assert [price.id for price in backwards] == [ids[3], ids[2], ids[1]]
    assert [price.id for price in backwards.auto_paging_iter()] == ids[1:]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"starting_after": "price_no"}, "starting_after"),
        ({"starting_after": "a", "ending_before": "b"}, "ending_before"),
    ],
)
def test_impossible_pages(client: stripe.StripeClient, params: dict[str, object], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.raw_request("get", "/v1/prices", **params)
    assert refused.value.param == param


def test_lists_are_filtered(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    product = sandbox.add_product("Team")
    month, year = sandbox.add_price(1, product=product), sandbox.add_price(2, interval="year")
    once = sandbox.add_price(3, "eur", None)
    sandbox.archive(once)

    def found(**params: object) -> list[str]:
        answer = client.deserialize(client.raw_request("get", "/v1/prices", **params), api_mode="V1")
        assert isinstance(answer, stripe.ListObject)
        return [price.id for price in answer.data]

    assert found(product=product) == [month]
    assert found(active="false") == [once]
    assert found(type="recurring") == [year, month]
    assert found(recurring={"interval": "year"}) == [year]
    assert found(currency="eur") == [once]
    created = client.v1.prices.retrieve(month).created
    assert found(created={"lt": created}) == []
    assert found(created={"gte": created, "lte": created + 60}) == [once, year, month]
    assert found(created=created - 1) == []
    products = client.v1.products.list({"ids": [product, "prod_none"]})
    assert [thing.id for thing in products] == [product]


def test_expansion_of_lists_and_its_limits(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    price = sandbox.add_price(100, product=sandbox.add_product("Team"))
    (listed,) = client.v1.prices.list({"expand": ["data.product", "data.currency_options"]})
    assert isinstance(listed.product, stripe.Product)
    assert listed.currency_options is not None
    assert "currency_options" not in client.v1.prices.retrieve(price)
    for path in (
        "nickname",
        "prod",
        "product.name",
        "data.product",
        "product.default_price.product.default_price.product",
    ):
        with pytest.raises(stripe.InvalidRequestError, match="expand") as refused:
            client.v1.prices.retrieve(price, {"expand": [path]})
        assert refused.value.http_status == 400


def test_what_is_not_there(connect: Connect, sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    live = sandbox.add_price(100, livemode=True)
    with pytest.raises(stripe.InvalidRequestError) as other:
        client.v1.prices.retrieve(live)
    assert (other.value.http_status, other.value.code, other.value.param) == (404, "resource_missing", "price")
    assert other.value.user_message == (
        f"No such price: '{live}'; a similar object exists in live mode, "
        "but a test mode key was used to make this request."
    )
    test = sandbox.add_product("Team")
    with pytest.raises(stripe.InvalidRequestError, match="exists in test mode, but a live mode key was used"):
        connect(sandbox.live_secret_key).v1.products.retrieve(test)
    with pytest.raises(stripe.InvalidRequestError, match=r"^Request req_\w+: No such price: 'price_none'$"):
        client.v1.prices.retrieve("price_none")


def test_the_modes_are_two_worlds(connect: Connect, sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    live = connect(sandbox.live_secret_key)
    sandbox.add_price(100)
    created = live.v1.products.create({"name": "Live"})
    assert created.livemode is True
    assert [thing.id for thing in live.v1.products.list()] == [created.id]
    assert live.v1.prices.list().data == []
    assert live.v1.accounts.retrieve_current().id == client.v1.accounts.retrieve_current().id == sandbox.account_id


def test_the_account_is_ready_until_it_is_broken(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    account = client.v1.accounts.retrieve_current()
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (True, True, True)
    sandbox.patch_account(charges_enabled=False)
    assert client.v1.accounts.retrieve_current().charges_enabled is False


def test_customers(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"email": "a@example.test", "name": "A", "metadata": {"k": "v"}})
    assert client.v1.customers.retrieve(made.id).to_dict() == made.to_dict()
    client.v1.customers.create({"email": "b@example.test"})
    assert [customer.id for customer in client.v1.customers.list({"email": "a@example.test"})] == [made.id]
