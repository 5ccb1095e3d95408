"""What the matrix knows of its clients and jobs; README.md of this folder is the contract in words."""

import json
import pathlib

CLIENTS = pathlib.Path(__file__).resolve().parent
LANGUAGES = ["Java", "Python", "Go", "Node", "Rust", "C++"]  # the order of the tables
JOBS = [
    "produce-codecs",
    "group-of-three",
    "static-members",
    "commit-resume",
    "seek-by-time",
    "idempotent-restart",
    "pattern-subscription",
    "topic-admin",
    "group-admin",
    "delete-records",
    "large-records",
    "thousand-partitions",
]


class Client:
    """One client.json."""

    def __init__(self, folder):
        self.folder = folder
        try:
            fields = json.loads((folder / "client.json").read_text())
            self.name = fields["client"]
            self.language = fields["language"]
            self.versions = fields["versions"]
            self.needs = fields.get("needs", [])
            self.prepare = fields["prepare"]
            self.run = fields["run"]
        except (ValueError, KeyError) as error:
            raise SystemExit(f"matrix: {folder.name}/client.json: {type(error).__name__} {error}")
        self.jobs = fields.get("jobs", JOBS)
        if self.language not in LANGUAGES:
            raise SystemExit(f"matrix: {folder.name}/client.json: language {self.language} is none of "
                             + ", ".join(LANGUAGES))


def clients():
    """All clients, in the order of the tables."""
    found = [Client(file.parent) for file in CLIENTS.glob("*/client.json")]
    return sorted(found, key=lambda client: (LANGUAGES.index(client.language), client.name))
