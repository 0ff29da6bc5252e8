self.__BUILD_MANIFEST = {
  "/": [
    "static/chunks/1n10pcn95m5qu.js"
  ],
  "/404": [
    "static/chunks/0inkwobc9p542.js"
  ],
  "/_error": [
    "static/chunks/30s1ogbkohehr.js"
  ],
  "/api-docs": [
    "static/chunks/2agasdobgl57e.js"
  ],
  "/dashboard": [
    "static/chunks/2sgrqo5ld5xf8.js"
  ],
  "/dashboard/success": [
    "static/chunks/2_crzkpeudhtw.js"
  ],
  "/inquiries": [
    "static/chunks/3085lhord5oq0.js"
  ],
  "/mcp/setup": [
    "static/chunks/2ng6amoetbfub.js"
  ],
  "/pricing": [
    "static/chunks/1-qu--qb0rxww.js"
  ],
  "__rewrites": {
    "afterFiles": [],
    "beforeFiles": [],
    "fallback": []
  },
  "sortedPages": [
    "/",
    "/404",
    "/_app",
    "/_error",
    "/api-docs",
    "/dashboard",
    "/dashboard/success",
    "/inquiries",
    "/mcp/setup",
    "/pricing"
  ]
};self.__TURBOPACK_PAGE_BOOTSTRAP = {"/404":{"otherChunks":["static/chunks/1i_qt7bu87ejx.js"],"runtimeModuleIds":[783,7676]},"/api-docs":{"otherChunks":["static/chunks/1em4xm6_wbeel.js"],"runtimeModuleIds":[783,3755]},"/":{"otherChunks":["static/chunks/3urtsnprni239.js"],"runtimeModuleIds":[783,1899]},"/inquiries":{"otherChunks":["static/chunks/0n4em72gfakq8.js"],"runtimeModuleIds":[783,8165]},"/pricing":{"otherChunks":["static/chunks/0873w9bzni2c-.js"],"runtimeModuleIds":[783,8792]},"/mcp/setup":{"otherChunks":["static/chunks/17u08txqm70ck.js"],"runtimeModuleIds":[783,7713]},"/dashboard":{"otherChunks":["static/chunks/030j1rho92hzm.js"],"runtimeModuleIds":[783,7554]},"/dashboard/success":{"otherChunks":["static/chunks/18m8klxxw2dh-.js"],"runtimeModuleIds":[783,8873]},"/_app":{"otherChunks":["static/chunks/27ectixqas-mr.js","static/chunks/1dd2xyz1z4t9z.js","static/chunks/0hg0p9mivjqxf.js","static/chunks/25hwf1ceq8rdt.js","static/chunks/43sgv2k87hja9.css"],"runtimeModuleIds":[783,6703]},"/_error":{"otherChunks":["static/chunks/0fj1dcyjnd88o.js"],"runtimeModuleIds":[783,184]}};self.__TURBOPACK_CHUNK_LOADING_GLOBAL = "TURBOPACK";self.__BUILD_MANIFEST_CB && self.__BUILD_MANIFEST_CB()