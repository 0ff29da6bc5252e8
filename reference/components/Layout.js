import Link from "next/link";
import { useRouter } from "next/router";

const LINKS = [
  ["/pricing", "Pricing"],
  ["/api-docs", "API docs"],
  ["/dashboard", "Dashboard"],
];

/** The frame of every page: skip link, header, the page itself, footer. */
export default function Layout({ children }) {
  const { pathname } = useRouter();
  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="site">
        <Link className="brand" href="/">
          KAMIYO
        </Link>
        <nav aria-label="Main">
          {LINKS.map(([href, label]) => (
            <Link key={href} href={href} aria-current={href === pathname ? "page" : undefined}>
              {label}
            </Link>
          ))}
        </nav>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer className="site">
        <p>KAMIYO, security intelligence for AI agents</p>
        <nav aria-label="Footer">
          <Link href="/mcp/setup">Setup guide</Link>
          <Link href="/inquiries">Contact</Link>
        </nav>
      </footer>
    </>
  );
}
