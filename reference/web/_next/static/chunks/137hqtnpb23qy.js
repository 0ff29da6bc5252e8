__turbopack_load_page_chunks__("/dashboard/success", [
  "static/chunks/3n8eoix871tl4.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
