__turbopack_load_page_chunks__("/inquiries", [
  "static/chunks/0n4em72gfakq8.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
