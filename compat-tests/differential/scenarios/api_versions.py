"""ApiVersions: what is advertised, and what a client of another time gets."""

from scenario import every_version, newest_version
from wire import APIS


@every_version("ApiVersions")
def advertised(side):
    side.request("ApiVersions", client_software_name="differential", client_software_version="1.0")


@every_version("ApiVersions", since=3)
def software_names_that_are_not_allowed(side):
    for name, version in (("", "1.0"), ("a b", "1.0"), ("differential", ""), ("-x", "1"), ("x", "1_0"),
                          ("x.", "1"), ("x-y.z", "1.0-rc.1"), ("ü", "1")):
        side.request("ApiVersions", client_software_name=name, client_software_version=version)


@newest_version("ApiVersions")
def a_version_of_the_future(side):
    frame = APIS["ApiVersions"].frame(4, {"client_software_name": "x", "client_software_version": "1"})
    for version in (5, 99, -1):
        side.raw(frame[:2] + version.to_bytes(2, "big", signed=True) + frame[4:], f"version {version}")


@newest_version("ApiVersions")
def names_that_end_too_early(side):
    frame = APIS["ApiVersions"].frame(3, {"client_software_name": "x", "client_software_version": "1"})
    side.raw(frame[:-2], "cut off")
