"""A broker under test for the tests in Python: BrokerProcess as in broker_process.h.

Run with --broker PROGRAM; MAMBA_COMPAT_BROKER=kafka in the environment starts the oracle instead.
"""

import ctypes
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ORACLE = pathlib.Path(__file__).resolve().parent.parent / "oracle" / "kafka"
CANNOT_RUN = 77  # ctest counts this exit code as skipped
PATIENCE = 30.0
_PDEATHSIG = 1


def is_oracle():
    return os.environ.get("MAMBA_COMPAT_BROKER") == "kafka"


def eventually(condition, limit=PATIENCE):
    """Looks at `condition` until it holds; its last value, false after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.01)


def free_port():
    """A free port below the range from which the kernel serves outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def die_with_parent():
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


class Broker:
    """One broker process with a port and a folder of its own; a context manager."""

    def __init__(self, program, settings=None, log_dirs=None, oracle=None):
        self.program = program
        self.oracle = is_oracle() if oracle is None else oracle
        self.launcher = []  # put before the command line: strace and its options
        self.settings = {
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": "0",
            "offsets.topic.num.partitions": "3",
            "offsets.topic.replication.factor": "1",
        } | (settings or {})
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mamba-compat-"))
        self.data = self.folder / "data"
        self.log_dirs = [self.data] if log_dirs is None else log_dirs
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *failure):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        if "MAMBA_COMPAT_KEEP" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        if self.oracle:
            command = [str(ORACLE), "exec", "--dir", str(self.folder), "--port", str(self.port)]
        else:
            file = self.folder / "server.properties"
            dirs = ",".join(map(str, self.log_dirs))
            file.write_text(f"listeners=PLAINTEXT://{self.bootstrap}\nlog.dirs={dirs}\nconsole.listeners=\n")
            command = self.launcher + [self.program, str(file)]
        for key, value in self.settings.items():
            command += ["--override", f"{key}={value}"]
        with open(self.folder / "broker.out", "ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, preexec_fn=die_with_parent)
        if not eventually(lambda: self.serves() or not self.running(), 60) or not self.running():
            raise RuntimeError("the broker does not start: " + self.output()[-3000:])

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def running(self):
        return self.process.poll() is None

    def output(self):
        return (self.folder / "broker.out").read_text(errors="replace")

    def resident_bytes(self):
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def serves(self, timeout=2.0):
        """True when a Metadata request (version 1, no topics) names at least one broker."""
        body = struct.pack(">hhih4si", 3, 1, 1, 4, b"wait", 0)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
                connection.settimeout(timeout)
                connection.sendall(struct.pack(">i", len(body)) + body)
                answer = b""
                while len(answer) < 12:
                    part = connection.recv(4096)
                    if not part:
                        return False
                    answer += part
                return struct.unpack(">i", answer[8:12])[0] > 0
        except OSError:
            return False
