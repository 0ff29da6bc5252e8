#!/bin/sh
# Builds the pages into web/, which the service serves as it is, and notes what web/ was built from
# in web.sha256, so that a machine without Node can see a source that changed since.
#
#   build_web.sh           replace web/ and web.sha256 by a new build
#   build_web.sh --check   build, and compare: exit 1 and name the files where web/ differs
#
# Equal sources give equal bytes. Needs Node 20.11 or newer; packages are installed when they are missing.
set -eu
cd "$(dirname "$0")/.."

case "${1-}" in
"" | --check) ;;
*)
	echo "usage: $0 [--check]" >&2
	exit 2
	;;
esac

installed() {
	node -e '
		const { dependencies } = require("./package.json");
		for (const [name, version] of Object.entries(dependencies))
			if (require(`./node_modules/${name}/package.json`).version !== version) process.exit(1);
	' 2>/dev/null
}

# In the format of sha256sum.
digests() {
	find components config/plans.json next.config.mjs package.json pages public styles -type f | LC_ALL=C sort | node -e '
		const { createHash } = require("node:crypto");
		const { readFileSync } = require("node:fs");
		for (const path of readFileSync(0, "utf8").trim().split("\n"))
			console.log(`${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${path}`);
	'
}

installed || npm install
# A former build must not show through.
rm -rf .next
npm run build

if [ "${1-}" = --check ]; then
	diff -r .next/export web || {
		echo "web/ is not what the sources give: run scripts/build_web.sh and commit web/ and web.sha256" >&2
		exit 1
	}
else
	rm -rf web
	cp -R .next/export web
	digests >web.sha256
fi
