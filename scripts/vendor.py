"""Copy the third-party files that the page loads from node_modules to static/vendor."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
CHARTS = "lightweight-charts/dist/lightweight-charts.standalone.production"
FILES = {
    "socket.io.esm.min.js": "socket.io-client/dist/socket.io.esm.min.js",
    "socket.io.min.js": "socket.io-client/dist/socket.io.min.js",
    "lightweight-charts.mjs": f"{CHARTS}.mjs",
    "lightweight-charts.js": f"{CHARTS}.js",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
}
LICENSES = {
    "LICENSE.socket.io-client.txt": "socket.io-client/LICENSE",
    "LICENSE.inter.txt": "@fontsource-variable/inter/LICENSE",
    "LICENSE.lightweight-charts.txt": "lightweight-charts/LICENSE",
}


def main() -> int:
    """Replace static/vendor. Returns 0, or 1 and one sentence if a package changed its layout."""
    draft = VENDOR.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, source in (FILES | LICENSES).items():
        origin = ROOT / "node_modules" / source
        if not origin.is_file():
            print(f"{origin.relative_to(ROOT)} is missing.", file=sys.stderr)
            return 1
        shutil.copyfile(origin, draft / name)
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.rename(VENDOR)
    return 0


if __name__ == "__main__":
    sys.exit(main())
