"""A broker with its console, for the tests in this folder."""

import http.client
import json
import pathlib
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import Broker, die_with_parent, eventually, free_port  # noqa: E402, F401

METHODS = ("get", "post", "put", "patch", "delete")


class Answer:
    def __init__(self, response, head_only=False):
        self.status = response.status
        self.headers = response.headers
        self.bytes = b"" if head_only else response.read()

    @property
    def json(self):
        return json.loads(self.bytes)

    def __repr__(self):
        return f"{self.status} {self.bytes[:500]!r}"


class Console:
    """Asks like a script: no cookie, no Origin."""

    def __init__(self, port):
        self.port = port
        self.host = f"127.0.0.1:{port}"

    def ask(self, method, target, body=None, headers=None, timeout=30):
        """`body`: bytes as they are, anything else as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | (headers or {})
        for _ in range(10):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            try:
                connection.request(method.upper(), target, body, {k: v for k, v in headers.items() if v is not None})
                answer = Answer(connection.getresponse())
            finally:
                connection.close()
            if answer.status != 429 or "Retry-After" not in answer.headers:
                return answer
            time.sleep(float(answer.headers["Retry-After"]))  # as it asked for
        return answer

    def get(self, target, **headers):
        return self.ask("get", target, headers=headers)

    def post(self, target, body=None, **headers):
        return self.ask("post", target, {} if body is None else body, headers)

    def connect(self, timeout=30):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        connection.settimeout(timeout)
        return connection

    def raw(self, data):
        """All that comes back for these bytes."""
        with self.connect() as connection:
            try:
                connection.sendall(data)
            except OSError:
                pass  # cut off while it sent; what was answered is still to be read
            received = b""
            try:
                while part := connection.recv(65536):
                    received += part
            except ConnectionResetError:
                pass
            return received

    def lines(self, target, body):
        """The JSON objects of an NDJSON answer."""
        answer = self.post(target, body)
        if answer.status != 200:
            raise AssertionError(answer)
        return [json.loads(line) for line in answer.bytes.split(b"\n") if line]

    def operations(self):
        """(method, path, details) of all that openapi.json names."""
        description = self.get("/openapi.json").json
        return [(method, path, details) for path, methods in description["paths"].items()
                for method, details in methods.items() if method in METHODS]


class ConsoleTest(unittest.TestCase):
    """A broker and its console for all tests of a class."""

    PROGRAM = ""
    SETTINGS = {}

    @classmethod
    def setUpClass(cls):
        port = free_port()
        settings = {"console.listeners": f"http://127.0.0.1:{port}"} | cls.SETTINGS
        cls.broker = Broker(cls.PROGRAM, settings)
        cls.broker.__enter__()
        cls.addClassCleanup(cls.broker.__exit__)
        cls.console = Console(port)
        if not eventually(lambda: cls.answers()):
            raise RuntimeError("the console does not answer: " + cls.broker.output()[-3000:])

    @classmethod
    def answers(cls):
        try:
            return cls.console.get("/healthz").status == 200
        except OSError:
            return False

    @classmethod
    def kcat(cls, *arguments, input=b"", check=True):
        done = subprocess.run(["kcat", "-b", cls.broker.bootstrap, *arguments], input=input, capture_output=True,
                              timeout=60, preexec_fn=die_with_parent)
        if check and done.returncode != 0:
            raise AssertionError(f"kcat {arguments}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    @classmethod
    def consumer(cls, group, *topics, client_id="kcat"):
        """A member of a group that goes on; give it to addCleanup(end, ...)."""
        return subprocess.Popen(["kcat", "-b", cls.broker.bootstrap, "-X", f"client.id={client_id}", "-X",
                                 "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=100", "-G", group, *topics],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                preexec_fn=die_with_parent)

    def make_topic(self, name, partitions=1, **configs):
        configs = {key.replace("_", "."): value for key, value in configs.items()}
        made = self.console.post("/api/v1/topics", {"name": name, "partitions": partitions, "configs": configs})
        self.assertIn(made.status, (201, 409), made)


def end(process):
    process.kill()
    process.wait()


def quoted(name):
    return urllib.parse.quote(name, safe="")


def main():
    if "--broker" in sys.argv:
        at = sys.argv.index("--broker")
        ConsoleTest.PROGRAM = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    unittest.main(module="__main__", verbosity=1)
