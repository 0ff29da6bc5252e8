__turbopack_load_page_chunks__("/dashboard/success", [
  "static/chunks/2ztk6ql78utd_.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
