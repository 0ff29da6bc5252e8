import Link from "next/link";

import Seo from "../components/Seo";

export default function NotFound() {
  return (
    <>
      <Seo title="Page not found - KAMIYO" description="There is no page at this address." path="/404" noindex />
      <section className="hero">
        <h1>There is no page here</h1>
        <p className="lead">The address may be misspelt, or the page has moved.</p>
        <p className="actions">
          <Link className="button" href="/">
            Go to the start page
          </Link>
        </p>
      </section>
    </>
  );
}
