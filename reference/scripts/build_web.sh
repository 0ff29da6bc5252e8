#!/bin/sh
# Builds the pages into web/, which the service serves as it is.
#
#   build_web.sh           replace web/ by a new build
#   build_web.sh --check   build, and compare with web/: exit 1 and name the files where they differ
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
		echo "web/ is not what the sources give: run scripts/build_web.sh and commit web/" >&2
		exit 1
	}
else
	rm -rf web
	cp -R .next/export web
fi
