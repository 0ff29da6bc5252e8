import JsonLd from "../components/JsonLd";
import PricingCard from "../components/PricingCard";
import { currency, plans, subscriptions } from "../components/plans";
import Seo, { SITE } from "../components/Seo";
import { useUserEmail } from "../components/useUserEmail";

const URL = `${SITE}/pricing`;
const DESCRIPTION =
  "Monthly plans for KAMIYO security intelligence over MCP: Personal, Team and Enterprise. Cancel at any time, or pay per call with x402.";

function offer({ name, amount, description }) {
  const price = (amount / 100).toFixed(2);
  return {
    "@type": "Offer",
    name,
    description,
    url: URL,
    price,
    priceCurrency: currency,
    availability: "https://schema.org/InStock",
    priceSpecification: {
      "@type": "UnitPriceSpecification",
      price,
      priceCurrency: currency,
      billingDuration: 1,
      billingIncrement: 1,
      unitCode: "MON",
    },
  };
}

const PRODUCT = {
  "@context": "https://schema.org",
  "@type": "Product",
  name: "KAMIYO MCP",
  description: DESCRIPTION,
  url: URL,
  image: `${SITE}/og.png`,
  brand: { "@type": "Brand", name: "KAMIYO" },
  offers: subscriptions.map(offer),
};

export default function Pricing() {
  const [userEmail] = useUserEmail();
  return (
    <>
      <Seo title="Pricing - KAMIYO security intelligence" description={DESCRIPTION} path="/pricing" />
      <JsonLd data={PRODUCT} />
      <section className="hero">
        <h1>Simple monthly pricing</h1>
        <p className="lead">
          Start with one agent and grow when your team does. Prices in US dollars, billed every month; cancel at any
          time.
        </p>
      </section>
      <section className="plans" aria-label="Plans">
        {plans.map((plan) => (
          <PricingCard key={plan.tier} plan={plan} userEmail={userEmail} />
        ))}
      </section>
      <p className="note">
        Payment is handled by Stripe: card details never reach our servers. Tax is added at checkout where it applies.
      </p>
    </>
  );
}
