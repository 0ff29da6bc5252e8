import Link from "next/link";
import { useState } from "react";

import Seo from "../../components/Seo";
import { useUserEmail } from "../../components/useUserEmail";

function EmailForm() {
  const [email, save] = useUserEmail();
  const [notice, setNotice] = useState("");

  function submit(event) {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get("email");
    save(value);
    setNotice(value ? "Saved in this browser." : "Forgotten.");
  }

  return (
    <form onSubmit={submit}>
      <label htmlFor="email">Your e-mail address</label>
      <p id="email-hint" className="summary">
        Fills in checkout for you. It stays in this browser; save it empty to forget it.
      </p>
      <div className="field">
        {/* Its key makes React show the stored address once it is read. */}
        <input
          key={email}
          id="email"
          name="email"
          type="email"
          autoComplete="email"
          defaultValue={email}
          aria-describedby="email-hint"
        />
        <button type="submit" className="button quiet">
          Save
        </button>
      </div>
      <p role="status" className="summary">
        {notice}
      </p>
    </form>
  );
}

export default function Dashboard() {
  return (
    <>
      <Seo
        title="Dashboard - KAMIYO"
        description="Set up KAMIYO in Claude Desktop, choose a plan and keep the e-mail address that checkout uses."
        path="/dashboard"
        noindex
      />
      <section className="hero">
        <h1>Dashboard</h1>
        <p className="lead">Everything you need to use KAMIYO in your agent.</p>
        <p className="actions">
          <Link className="button" href="/mcp/setup">
            View Setup Guide
          </Link>
          <Link className="button quiet" href="/pricing">
            See plans
          </Link>
        </p>
      </section>
      <div className="prose">
        <EmailForm />
      </div>
    </>
  );
}
