"""Makes the seeds of fuzz_request and fuzz_response from the wire vectors: per message one vector of its
newest version, the longest of at most 250 bytes. Needs zstd.

    python3 tests/fuzz/make_message_corpus.py
"""

import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SEED_BYTES_MAX = 250


def read_vectors(path):
    data = subprocess.run(["zstd", "-dc", str(path)], check=True, capture_output=True).stdout
    at = 0
    while at < len(data):
        name = data[at + 1:at + 1 + data[at]].decode()
        at += 1 + data[at]
        version, size = struct.unpack_from(">hI", data, at)
        yield name, version, data[at + 6:at + 6 + size]
        at += 6 + size


def main():
    vectors = {}
    for name, version, body in read_vectors(HERE.parent / "protocol/data/wire_vectors.bin.zst"):
        vectors.setdefault(name, {}).setdefault(version, []).append(body)
    for target, suffix in (("fuzz_request", "Request"), ("fuzz_response", "Response")):
        # The order of every_message() in tests/fuzz/fuzz_message.h: by name, the others too for answers.
        names = sorted(n for n in vectors if n.endswith(suffix)
                       or (suffix == "Response" and not n.endswith(("Request", "Response"))))
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for index, name in enumerate(names):
            oldest, newest = min(vectors[name]), max(vectors[name])
            seed = max((b for b in vectors[name][newest] if len(b) <= SEED_BYTES_MAX), key=len)
            (folder / name).write_bytes(struct.pack(">HB", index, newest - oldest) + seed)


if __name__ == "__main__":
    main()
