__turbopack_load_page_chunks__("/_app", [
  "static/chunks/27ectixqas-mr.js",
  "static/chunks/1dd2xyz1z4t9z.js",
  "static/chunks/0hg0p9mivjqxf.js",
  "static/chunks/25hwf1ceq8rdt.js",
  "static/chunks/43sgv2k87hja9.css",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
