import Link from "next/link";
import { useRouter } from "next/router";
import { useEffect, useState } from "react";

import { findPlan, formatPrice } from "../../components/plans";
import Seo from "../../components/Seo";

const LOADING = { phase: "loading" };
const TIMEOUT_MS = 20_000;
const STEPS = [
  ["Check email for MCP token", "It arrives within a few minutes. Look into the spam folder, too."],
  ["Add KAMIYO to Claude Desktop", "The setup guide has the lines to copy."],
  ["Start using security intelligence", "Ask your agent which exploits happened today."],
];
const NO_ORDER = "This address names no order. Open the link from the payment page again, or look into your e-mail.";
const UNKNOWN_ORDER = "We could not find this order. If you have paid, your receipt and token still arrive by e-mail.";
const UNFINISHED = {
  open: "This payment is not finished, and you have not been charged. You can start again from the pricing page.",
  expired: "This checkout has expired, and you have not been charged. You can start again from the pricing page.",
};
const OUT_OF_REACH =
  "We could not load your order just now. If you have paid, nothing is lost: your receipt and token arrive by e-mail.";

/** The order of a Stripe Checkout session as a state of the page; never throws. */
async function fetchOrder(sessionId) {
  try {
    const response = await fetch(`/api/billing/checkout-session/${encodeURIComponent(sessionId)}`, {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 404) {
      return failure(UNKNOWN_ORDER);
    }
    return response.ok ? received(await response.json()) : failure(OUT_OF_REACH, true);
  } catch {
    return failure(OUT_OF_REACH, true);
  }
}

function received(order) {
  if (!order?.session_id) {
    return failure(OUT_OF_REACH, true);
  }
  return order.status in UNFINISHED ? failure(UNFINISHED[order.status]) : { phase: "done", order };
}

function failure(problem, again = false) {
  return { phase: "error", problem, again };
}

/** Follows the session of the page's address: loading, then its order or a problem. */
function useOrder() {
  const { isReady, query } = useRouter();
  const [state, setState] = useState(LOADING);
  const [attempt, setAttempt] = useState(0);
  // A name that is repeated in the query is an array; the first one counts.
  const sessionId = [query.session_id].flat()[0];

  useEffect(() => {
    if (!isReady) {
      return undefined;
    }
    let current = true;
    const outcome = sessionId ? fetchOrder(sessionId) : Promise.resolve(failure(NO_ORDER));
    outcome.then((next) => current && setState(next));
    return () => {
      current = false;
    };
  }, [isReady, sessionId, attempt]);

  function retry() {
    setState(LOADING);
    setAttempt(attempt + 1);
  }

  return [state, retry];
}

function Loading() {
  return (
    <section className="hero" role="status" aria-busy="true">
      <h1>Loading your order</h1>
      <p className="lead">One moment, please.</p>
      <p className="progress" aria-hidden="true" />
    </section>
  );
}

function Problem({ problem, onRetry }) {
  return (
    <section className="hero">
      <h1>Your order could not be shown</h1>
      <p role="alert" className="alert">
        {problem}
      </p>
      <p className="actions">
        <Link className="button" href="/dashboard">
          Go to Dashboard
        </Link>
        {onRetry ? (
          <button type="button" className="button quiet" onClick={onRetry}>
            Try again
          </button>
        ) : (
          <Link className="button quiet" href="/pricing">
            See pricing
          </Link>
        )}
      </p>
    </section>
  );
}

function Receipt({ order }) {
  return (
    <dl className="receipt">
      {Number.isInteger(order.amount_total) && order.currency && (
        <div>
          <dt>Total</dt>
          <dd>{formatPrice(order.amount_total, order.currency)}</dd>
        </div>
      )}
      {order.customer_email && (
        <div>
          <dt>E-mail</dt>
          <dd>{order.customer_email}</dd>
        </div>
      )}
      <div>
        <dt>Order ID</dt>
        <dd>
          <code>{order.session_id}</code>
        </dd>
      </div>
    </dl>
  );
}

function Order({ order }) {
  const name = findPlan(order.tier)?.name ?? order.tier;
  const paid = order.payment_status !== "unpaid";
  return (
    <>
      <section className="hero done">
        <h1>{paid ? "Payment successful" : "Order received"}</h1>
        <p className="lead" role="status">
          {paid
            ? `Thank you. You are subscribed to KAMIYO ${name}.`
            : `Thank you. Your bank is still confirming the payment for KAMIYO ${name}; the token follows as soon as it has.`}
        </p>
      </section>
      <section className="prose" aria-labelledby="next">
        <h2 id="next">Next steps</h2>
        <ol className="steps">
          {STEPS.map(([step, hint]) => (
            <li key={step}>
              <strong>{step}</strong>
              <span>{hint}</span>
            </li>
          ))}
        </ol>
        <p className="actions">
          <Link className="button" href="/dashboard">
            Go to Dashboard
          </Link>
          <Link className="button quiet" href="/mcp/setup">
            View Setup Guide
          </Link>
        </p>
        <Receipt order={order} />
      </section>
    </>
  );
}

function Body({ state, onRetry }) {
  if (state.phase === "loading") {
    return <Loading />;
  }
  if (state.phase === "error") {
    return <Problem problem={state.problem} onRetry={state.again ? onRetry : null} />;
  }
  return <Order order={state.order} />;
}

export default function Success() {
  const [state, retry] = useOrder();
  return (
    <>
      <Seo
        title="Your order - KAMIYO"
        description="Your KAMIYO subscription: what you ordered, and the three steps to start using it."
        path="/dashboard/success"
        noindex
      />
      <Body state={state} onRetry={retry} />
    </>
  );
}
