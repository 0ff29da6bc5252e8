import Head from "next/head";

export const SITE = "https://kamiyo.ai";

/** Title, description, canonical address and Open Graph of a page; `path` begins with a slash. */
export default function Seo({ title, description, path, noindex = false }) {
  const address = new URL(path, SITE).href;
  const image = `${SITE}/og.png`;
  return (
    <Head>
      <title>{title}</title>
      <meta name="description" content={description} />
      {noindex && <meta name="robots" content="noindex, nofollow" />}
      <link rel="canonical" href={address} />
      <meta property="og:type" content="website" />
      <meta property="og:site_name" content="KAMIYO" />
      <meta property="og:title" content={title} />
      <meta property="og:description" content={description} />
      <meta property="og:url" content={address} />
      <meta property="og:image" content={image} />
      <meta property="og:image:width" content="1200" />
      <meta property="og:image:height" content="630" />
      <meta property="og:image:alt" content="KAMIYO: security intelligence for AI agents" />
      <meta name="twitter:card" content="summary_large_image" />
    </Head>
  );
}
