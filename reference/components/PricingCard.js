import Link from "next/link";
import { useEffect, useId, useRef, useState } from "react";

import { formatPrice } from "./plans";

const IDLE = { pending: false, problem: null };
// The API gives up on Stripe after 10 seconds; beyond twice that nobody will answer.
const TIMEOUT_MS = 20_000;
const PROBLEMS = {
  400: "This request was not accepted. Reload the page, check the e-mail address saved on your dashboard, and try again.",
  429: "That was too many attempts. Please wait a minute, then try again.",
};
const OTHER_PROBLEM = "Checkout could not be started. You have not been charged. Please try again.";

/** Asks the API for a Stripe Checkout session and returns the address of its payment page. */
async function createCheckoutSession(tier, userEmail) {
  const response = await fetch("/api/billing/create-checkout-session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      tier,
      user_email: userEmail || undefined,
      success_url: `${window.location.origin}/dashboard/success?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: window.location.href,
    }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw new Error(PROBLEMS[response.status] ?? OTHER_PROBLEM);
  }
  const session = await response.json();
  return paymentPage(session.checkout_url);
}

function paymentPage(address) {
  const url = new URL(address);
  if (!["https:", "http:"].includes(url.protocol)) {
    throw new Error(OTHER_PROBLEM);
  }
  return url.href;
}

function explain(error) {
  const known = [...Object.values(PROBLEMS), OTHER_PROBLEM];
  return known.includes(error.message) ? error.message : OTHER_PROBLEM;
}

/** State of one card's checkout, and the function that starts it; one session however often it is called. */
function useCheckout(tier, userEmail) {
  const [state, setState] = useState(IDLE);
  // A second click can come before React has disabled the button: the guard is synchronous.
  const underWay = useRef(false);

  useEffect(() => {
    // Back from the payment page, the browser may restore this page as it was left: pending.
    const restore = (event) => {
      if (event.persisted) {
        underWay.current = false;
        setState(IDLE);
      }
    };
    window.addEventListener("pageshow", restore);
    return () => {
      underWay.current = false;
      window.removeEventListener("pageshow", restore);
    };
  }, []);

  async function start() {
    if (underWay.current) {
      return;
    }
    underWay.current = true;
    setState({ pending: true, problem: null });
    try {
      const address = await createCheckoutSession(tier, userEmail);
      // Still false only when the visitor went to another page meanwhile.
      if (underWay.current) {
        window.location.assign(address);
      }
    } catch (error) {
      underWay.current = false;
      setState({ pending: false, problem: explain(error) });
    }
  }

  return [state, start];
}

function SubscribeButton({ plan, userEmail, describedBy }) {
  const [{ pending, problem }, start] = useCheckout(plan.tier, userEmail);
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={pending}
        aria-busy={pending}
        aria-describedby={describedBy}
        onClick={start}
      >
        {pending ? "Processing..." : `Subscribe - ${formatPrice(plan.amount)}/mo`}
      </button>
      {problem && (
        <p role="alert" className="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function Price({ amount }) {
  return (
    <p className="price">
      <span className="amount">{formatPrice(amount)}</span> <span className="interval">per month</span>
    </p>
  );
}

function Action({ plan, userEmail, describedBy }) {
  if (plan.contact) {
    return (
      <Link className="button quiet" href={plan.contact} aria-describedby={describedBy}>
        Contact sales
      </Link>
    );
  }
  if (plan.href) {
    return (
      <Link className="button quiet" href={plan.href} aria-describedby={describedBy}>
        Read the API docs
      </Link>
    );
  }
  return <SubscribeButton plan={plan} userEmail={userEmail} describedBy={describedBy} />;
}

/**
 * One plan of config/plans.json with its way in: checkout, a page to write to sales (`contact`),
 * or the documentation (`href`).
 */
export default function PricingCard({ plan, userEmail = "" }) {
  const heading = useId();
  return (
    <article className="card" data-tier={plan.tier} data-recommended={plan.recommended} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{plan.name}</h2>
        {plan.recommended && <p className="badge">Recommended</p>}
      </header>
      {plan.amount !== undefined && <Price amount={plan.amount} />}
      <p className="summary">{plan.description}</p>
      <ul className="features" aria-label={`${plan.name} includes`}>
        {plan.features.map((feature) => (
          <li key={feature}>{feature}</li>
        ))}
      </ul>
      <div className="action">
        <Action plan={plan} userEmail={userEmail} describedBy={heading} />
      </div>
    </article>
  );
}
