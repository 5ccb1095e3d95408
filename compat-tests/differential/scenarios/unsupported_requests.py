"""Api keys that no broker listener serves, and versions that no one speaks."""

from scenario import every_version, newest_version
from wire import APIS

CLIENT_ID_AT = 8
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


def every_byte_spoiled(api_name):
    """Each byte behind the correlation id of a request is overwritten; most are malformed then."""
    def scenario(side):
        frame = APIS[api_name].frame(side.version, {})
        side.raw(frame[:-1], f"{api_name} without its last byte")
        side.raw(frame + bytes([0, 1, 2]), f"{api_name} with bytes left over")
        for at in range(CLIENT_ID_AT, len(frame)):
            for byte in (0xff, 0x7f):
                side.raw(frame[:at] + bytes([byte]) + frame[at + 1:], f"{api_name} with {byte} at {at}")
    scenario.__name__ = f"every_byte_spoiled_{api_name}"
    scenario.__module__ = __name__
    return every_version(api_name)(scenario)


# Those whose answers are the same bytes on both sides.
for name in ("CreateTopics", "DeleteTopics", "CreatePartitions", "DescribeConfigs", "AlterConfigs",
             "IncrementalAlterConfigs", "ListPartitionReassignments"):
    every_byte_spoiled(name)
