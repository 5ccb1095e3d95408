"""Kafka's own command-line tools, unmodified, in one virtual machine for a whole test run."""

import contextlib
import importlib.machinery
import importlib.util
import pathlib
import selectors
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from broker import CANNOT_RUN, ORACLE  # noqa: E402

COMMAND_SECONDS_MAX = 90


def _oracle():
    loader = importlib.machinery.SourceFileLoader("oracle", str(ORACLE))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("oracle", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


class Tools:
    """run("topics", "--list") gives (exit status, what it printed)."""

    def __init__(self):
        if shutil.which("javac") is None or shutil.which("java") is None:
            print("skipped: needs a JDK (Debian: openjdk-17-jdk-headless)")
            sys.exit(CANNOT_RUN)
        self.oracle = _oracle()
        self.process = subprocess.Popen(
            ["java"] + self.oracle.TOOL_FLAGS +
            [f"-Dlog4j2.configurationFile={ORACLE.parent / 'log4j2.properties'}",
             "-cp", f"{self.oracle.fetch()}/*", str(HERE / "ToolServer.java")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def close(self):
        with contextlib.suppress(BrokenPipeError):  # it has been killed
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:  # a tool that never ends
            self.process.kill()
            self.process.wait()

    def run(self, name, *arguments, stdin=""):
        words = [self.oracle.TOOLS[name], *map(str, arguments)]
        call = "\t".join(words) + "\f" + stdin.replace("\n", "\v") + "\n"
        self.process.stdin.write(call.encode())
        self.process.stdin.flush()
        with selectors.DefaultSelector() as answer:
            answer.register(self.process.stdout, selectors.EVENT_READ)
            if not answer.select(COMMAND_SECONDS_MAX):
                self.process.kill()
                raise TimeoutError(f"no end after {COMMAND_SECONDS_MAX} s: {name} {' '.join(words[1:])}")
        status, size = self.process.stdout.readline().split()
        return int(status), self.process.stdout.read(int(size)).decode(errors="replace")

    def start(self, name, *arguments):
        """The tool as a process of its own, its output in a pipe."""
        return subprocess.Popen([str(ORACLE), "tool", name, *map(str, arguments)], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)

    def run_alone(self, name, *arguments):
        """For tools that work in their machine's shutdown hook: one of their own."""
        with self.start(name, *arguments) as process:
            try:
                output, _ = process.communicate(timeout=COMMAND_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return process.returncode, output
