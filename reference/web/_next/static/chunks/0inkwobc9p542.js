__turbopack_load_page_chunks__("/404", [
  "static/chunks/1i_qt7bu87ejx.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
