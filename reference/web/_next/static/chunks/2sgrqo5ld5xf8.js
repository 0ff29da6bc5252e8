__turbopack_load_page_chunks__("/dashboard", [
  "static/chunks/030j1rho92hzm.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
