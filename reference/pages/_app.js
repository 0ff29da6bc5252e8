import Head from "next/head";

import Layout from "../components/Layout";
// A later file may refine an earlier one.
import "../styles/base.css";
import "../styles/frame.css";
import "../styles/text.css";
import "../styles/controls.css";
import "../styles/plans.css";
import "../styles/order.css";

export default function App({ Component, pageProps }) {
  return (
    <Layout>
      <Head>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
      </Head>
      <Component {...pageProps} />
    </Layout>
  );
}
