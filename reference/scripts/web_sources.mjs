/** What the pages are built from, in the format of sha256sum: `node scripts/web_sources.mjs >web.sha256`. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = ["components", "pages", "public", "styles"];
const FILES = ["config/plans.json", "next.config.mjs", "package.json"];

export function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

function filesOf(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** One line a file: its digest, two spaces, its path; sorted by path. */
export function digests() {
  const paths = [...FOLDERS.flatMap(filesOf), ...FILES].sort();
  return paths.map((path) => `${sha256(readFileSync(join(ROOT, path)))}  ${path}\n`).join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(digests());
}
