__turbopack_load_page_chunks__("/mcp/setup", [
  "static/chunks/17u08txqm70ck.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
