import { digests, sha256 } from "./scripts/web_sources.mjs";

/** A static export whose bytes depend on the sources alone, so that it can be committed and compared. */
const nextConfig = {
  output: "export",
  // Below .next, which git ignores; scripts/build_web.sh copies it to web/.
  distDir: ".next/export",
  // Next's own id is random. This one changes with the sources, so what its folder holds may be cached for ever.
  generateBuildId: () => sha256(digests()).slice(0, 16),
  reactStrictMode: true,
  // Else Next looks for a lock file in the folders above to guess the root.
  turbopack: { root: import.meta.dirname },
};

export default nextConfig;
