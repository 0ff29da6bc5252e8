__turbopack_load_page_chunks__("/pricing", [
  "static/chunks/0873w9bzni2c-.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
