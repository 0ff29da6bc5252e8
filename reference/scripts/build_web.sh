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
	node scripts/web_sources.mjs >web.sha256
fi
