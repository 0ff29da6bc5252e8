__turbopack_load_page_chunks__("/api-docs", [
  "static/chunks/1em4xm6_wbeel.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
