__turbopack_load_page_chunks__("/inquiries", [
  "static/chunks/3rlron55a3uu1.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
