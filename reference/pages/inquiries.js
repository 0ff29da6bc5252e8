import PricingCard from "../components/PricingCard";
import { findPlan } from "../components/plans";
import Seo from "../components/Seo";
import { useUserEmail } from "../components/useUserEmail";

const TOPICS = [
  "How many people and agents will use KAMIYO",
  "Which chains and protocols matter to you",
  "What your procurement needs: contract, invoice, security review",
];

// Here the customer has already found sales: the card leads on to checkout.
const ENTERPRISE = { ...findPlan("enterprise"), contact: undefined };

export default function Inquiries() {
  const [userEmail] = useUserEmail();
  return (
    <>
      <Seo
        title="Contact sales - KAMIYO Enterprise"
        description="Talk to us about KAMIYO Enterprise: volume, service levels, security reviews and contracts. We answer within one working day."
        path="/inquiries"
      />
      <section className="hero">
        <h1>Let&rsquo;s talk about Enterprise</h1>
        <p className="lead">Write to us in your own words. We answer within one working day.</p>
      </section>
      <div className="pair">
        <section aria-labelledby="write">
          <h2 id="write">Helpful to know</h2>
          <ul className="plain">
            {TOPICS.map((topic) => (
              <li key={topic}>{topic}</li>
            ))}
          </ul>
          <p className="actions">
            <a className="button" href="mailto:sales@kamiyo.ai?subject=KAMIYO%20Enterprise">
              Write to sales@kamiyo.ai
            </a>
          </p>
        </section>
        <section aria-labelledby="agreed">
          <h2 id="agreed">Already agreed with us?</h2>
          <PricingCard plan={ENTERPRISE} userEmail={userEmail} />
        </section>
      </div>
    </>
  );
}
