__turbopack_load_page_chunks__("/dashboard/success", [
  "static/chunks/1m-9yojkpk7k7.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
