__turbopack_load_page_chunks__("/dashboard/success", [
  "static/chunks/18m8klxxw2dh-.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
