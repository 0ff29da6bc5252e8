import Link from "next/link";

import Seo from "../components/Seo";

const REASONS = [
  ["Early", "Exploits are confirmed, described and delivered while there is still time to act."],
  ["In your agent", "Claude Desktop asks KAMIYO over MCP, so the answer appears where the question was."],
  ["Verifiable", "Every incident names its chain, its transactions and its sources."],
];

export default function Home() {
  return (
    <>
      <Seo
        title="KAMIYO - Security intelligence for AI agents"
        description="KAMIYO tells your AI agents about exploits while there is still time to act. Connect it to Claude Desktop over MCP in minutes."
        path="/"
      />
      <section className="hero">
        <h1>Security intelligence for AI agents</h1>
        <p className="lead">
          KAMIYO watches for exploits and tells your agents about them while there is still time to act.
        </p>
        <p className="actions">
          <Link className="button" href="/pricing">
            See pricing
          </Link>
          <Link className="button quiet" href="/mcp/setup">
            View Setup Guide
          </Link>
        </p>
      </section>
      <section className="columns" aria-label="Why KAMIYO">
        {REASONS.map(([name, text]) => (
          <div key={name}>
            <h2>{name}</h2>
            <p>{text}</p>
          </div>
        ))}
      </section>
    </>
  );
}
