"""Fails on an include that points against the order protocol <- log <- broker <- admin-ui.

Also keeps Asio inside the shell and Beast inside the console, so that the cores stay free of
sockets, threads and clocks. Prints every arrow that is wrong.
"""

import pathlib
import re
import sys

# folder -> the project folders that it may include from, besides itself
ALLOWED = {
    "protocol": [],
    "log": ["protocol"],
    "broker": ["protocol", "log"],
    "admin-ui": ["protocol", "log", "broker"],
    "tools": ["protocol"],  # see the broker only through its port
    "compat-tests": [],
}
FOLDERS = set(ALLOWED) | {"tests"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def wrong_arrows(root: pathlib.Path):
    for folder, allowed in ALLOWED.items():
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".cc", ".inc"):
                continue
            inside_net = path.is_relative_to(root / "broker" / "net")
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match.group(1)
                head = target.split("/")[0]
                where = f"{path.relative_to(root)}:{number}: {target}"
                if head in FOLDERS and head != folder and head not in allowed:
                    yield f"{where}: {folder} must not depend on {head}"
                if target.startswith("broker/net/") and folder == "broker" and not inside_net:
                    yield f"{where}: only the shell itself may include broker/net"
                if head == "boost" and folder in ("protocol", "log"):
                    yield f"{where}: the cores know no Boost"
                # Awaitables and posting are the shell's vocabulary for waiting; sockets are not.
                if target.startswith("boost/asio/ip") and folder == "broker" and not inside_net:
                    yield f"{where}: sockets stay in broker/net"
                if target.startswith("boost/beast") and folder != "admin-ui":
                    yield f"{where}: Beast stays in admin-ui"


def main() -> int:
    wrong = list(wrong_arrows(pathlib.Path(sys.argv[1])))
    print("\n".join(wrong) if wrong else "every include follows the dependency order")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
