__turbopack_load_page_chunks__("/inquiries", [
  "static/chunks/3g0rmy87o3o6z.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
