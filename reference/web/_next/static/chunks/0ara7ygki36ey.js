__turbopack_load_page_chunks__("/pricing", [
  "static/chunks/3sf1v77ky4tqd.js",
  "static/chunks/turbopack-2u1d16houkiyo.js"
])
