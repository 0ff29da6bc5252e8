import Seo from "../components/Seo";

const ENDPOINTS = [
  ["POST", "/api/billing/create-checkout-session", "Creates a Stripe Checkout session for personal, team or enterprise."],
  ["GET", "/api/billing/checkout-session/{session_id}", "Status, tier, amount and masked e-mail address of a session."],
  ["POST", "/api/billing/create-portal-session", "Planned; answers 501 for now."],
  ["GET", "/api/billing/checkout-health", "Whether checkout is configured and working."],
];

const REQUEST = `POST /api/billing/create-checkout-session
Content-Type: application/json

{
  "tier": "team",
  "user_email": "ada@example.com",
  "success_url": "https://kamiyo.ai/dashboard/success?session_id={CHECKOUT_SESSION_ID}",
  "cancel_url": "https://kamiyo.ai/pricing"
}`;

const X402_STEPS = [
  "Call an endpoint without payment. It answers 402 and says the price, the asset and the address.",
  "Sign the payment with your wallet and repeat the call with the payment header.",
  "The payment is settled and the answer is returned. No account is needed.",
];

export default function ApiDocs() {
  return (
    <>
      <Seo
        title="API documentation - KAMIYO"
        description="How to create checkout sessions with the KAMIYO billing API, what it answers, and how calls are paid one by one with x402."
        path="/api-docs"
      />
      <section className="hero">
        <h1>API documentation</h1>
        <p className="lead">JSON over HTTPS. Errors have the form {"{ error, detail, request_id }"}.</p>
      </section>
      <section className="prose" aria-labelledby="billing">
        <h2 id="billing">Billing</h2>
        <dl className="endpoints">
          {ENDPOINTS.map(([method, path, text]) => (
            <div key={path}>
              <dt>
                <code>{`${method} ${path}`}</code>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <pre tabIndex={0} aria-label="Example request">
          {REQUEST}
        </pre>
      </section>
      <section className="prose" aria-labelledby="x402">
        <h2 id="x402">Pay per call with x402</h2>
        <ol className="steps">
          {X402_STEPS.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
    </>
  );
}
