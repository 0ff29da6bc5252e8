import Seo from "../../components/Seo";

const CONFIG = JSON.stringify(
  {
    mcpServers: {
      kamiyo: {
        command: "npx",
        args: ["-y", "mcp-remote", "https://api.kamiyo.ai/mcp", "--header", "Authorization: Bearer ${KAMIYO_MCP_TOKEN}"],
        env: { KAMIYO_MCP_TOKEN: "the token from your e-mail" },
      },
    },
  },
  null,
  2,
);

export default function Setup() {
  return (
    <>
      <Seo
        title="Setup guide - KAMIYO for Claude Desktop"
        description="Add KAMIYO security intelligence to Claude Desktop in three steps: find your MCP token, edit one file, restart and ask."
        path="/mcp/setup"
      />
      <section className="hero">
        <h1>Add KAMIYO to Claude Desktop</h1>
        <p className="lead">Three steps, about five minutes.</p>
      </section>
      <div className="prose">
        <section aria-labelledby="token">
          <h2 id="token">1. Find your MCP token</h2>
          <p>It is in the welcome e-mail that follows your payment. Treat it like a password.</p>
        </section>
        <section aria-labelledby="config">
          <h2 id="config">2. Edit the configuration</h2>
          <p>In Claude Desktop open Settings, Developer, Edit Config, and add:</p>
          <pre tabIndex={0} aria-label="Claude Desktop configuration">
            {CONFIG}
          </pre>
        </section>
        <section aria-labelledby="ask">
          <h2 id="ask">3. Restart and ask</h2>
          <p>Quit Claude Desktop, start it again, and ask: &ldquo;Which exploits happened today?&rdquo;</p>
        </section>
        <p className="actions">
          <a className="button quiet" href="mailto:support@kamiyo.ai?subject=MCP%20setup">
            Write to support@kamiyo.ai
          </a>
        </p>
      </div>
    </>
  );
}
