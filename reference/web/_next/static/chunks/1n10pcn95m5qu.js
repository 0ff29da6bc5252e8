__turbopack_load_page_chunks__("/", [
  "static/chunks/3urtsnprni239.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
