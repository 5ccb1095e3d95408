"""Api keys that no broker listener serves, and versions that no one speaks."""

from scenario import newest_version
from wire import APIS

HEADER = "0000002a0004" + b"test".hex()  # correlation id 42, client id "test"


def header(key, version):
    return key.to_bytes(2, "big", signed=True) + version.to_bytes(2, "big", signed=True) + bytes.fromhex(HEADER)


@newest_version("ApiVersions")
def unknown_api_keys(side):
    for key in (4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 93, 94, 1000, 32767, -1):
        side.raw(header(key, 0) + bytes(16), f"api key {key}")


@newest_version("ApiVersions")
def versions_that_no_one_speaks(side):
    for name, api in APIS.items():
        if name == "ApiVersions":
            continue
        for version in (api.versions[0] - 1, api.versions[-1] + 1, 32767, -1):
            side.raw(header(api.key, version) + bytes(16), f"{name} v{version}")


@newest_version("ApiVersions")
def frames_without_a_whole_header(side):
    for size in range(10):
        side.raw(header(3, 0)[:size], f"{size} bytes of a header")
