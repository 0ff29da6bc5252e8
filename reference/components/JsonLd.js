/** Structured data; `<` is escaped so that no text in it can end the script element. */
export default function JsonLd({ data }) {
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: json }} />;
}
