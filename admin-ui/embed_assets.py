"""Makes the front end's files part of the program.

    embed_assets.py DIST OUT

DIST is what the front end's build wrote. OUT gets the compressed files, assets.S, which takes them in,
and assets_table.cpp, which names them. index.html is left uncompressed: its base path is put in when
it is served. The same files give the same bytes.
"""

import gzip
import hashlib
import pathlib
import sys

MIME = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


def main() -> int:
    dist, out = map(pathlib.Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    assembly, table = [], []
    for number, path in enumerate(sorted(p for p in dist.rglob("*") if p.is_file())):
        name = path.relative_to(dist).as_posix()
        if name == "manifest.json" or path.suffix == ".map":
            continue
        raw = path.read_bytes()
        compressed = name != "index.html"
        data = gzip.compress(raw, 9, mtime=0) if compressed else raw
        blob = out / f"asset_{number}.bin"
        blob.write_bytes(data)
        symbol = f"mamba_asset_{number}"
        assembly.append(f'.global {symbol}\n{symbol}:\n.incbin "{blob}"\n')
        etag = hashlib.sha256(raw).hexdigest()[:16]
        mime = MIME.get(path.suffix, "application/octet-stream")
        table.append((symbol, name, mime, etag, len(data), compressed))
    if not any(name == "index.html" for _, name, *_ in table):
        print(f"{dist} has no index.html", file=sys.stderr)
        return 1
    (out / "assets.S").write_text(
        ".section .rodata\n" + "".join(assembly) + '.section .note.GNU-stack,"",%progbits\n')
    lines = ["// Written by admin-ui/embed_assets.py.", '#include "admin-ui/assets.h"', "", 'extern "C" {']
    lines += [f"extern const char {symbol}[];" for symbol, *_ in table]
    lines += ["}", "", "namespace mamba::admin {", "", "std::span<const Asset> assets() {",
              "    static const Asset all[] = {"]
    for symbol, name, mime, etag, size, compressed in table:
        lines.append(f'        {{"{name}", "{mime}", "\\"{etag}\\"", {{{symbol}, {size}}}, {str(compressed).lower()}}},')
    lines += ["    };", "    return all;", "}", "", "}  // namespace mamba::admin", ""]
    (out / "assets_table.cpp").write_text("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
