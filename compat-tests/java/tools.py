"""Kafka's own command-line tools, unmodified, in one virtual machine for a whole test run."""

import importlib.machinery
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from broker import CANNOT_RUN, ORACLE  # noqa: E402


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
        jars = f"{self.oracle.fetch()}/*"
        self.folder = tempfile.mkdtemp(prefix="mamba-tools-")
        subprocess.run(["javac", "-nowarn", "-cp", jars, "-d", self.folder,
                        str(HERE / "ToolServer.java")], check=True)
        self.process = subprocess.Popen(
            ["java"] + self.oracle.TOOL_FLAGS +
            [f"-Dlog4j2.configurationFile={ORACLE.parent / 'log4j2.properties'}",
             "-cp", f"{self.folder}:{jars}", "ToolServer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, name, *arguments, stdin=""):
        words = [self.oracle.TOOLS[name], *map(str, arguments)]
        call = "\t".join(words) + "\f" + stdin.replace("\n", "\v") + "\n"
        self.process.stdin.write(call.encode())
        self.process.stdin.flush()
        status, size = self.process.stdout.readline().split()
        return int(status), self.process.stdout.read(int(size)).decode(errors="replace")

    def run_alone(self, name, *arguments):
        """For tools that work in their machine's shutdown hook: one of their own."""
        done = subprocess.run([str(ORACLE), "tool", name, *map(str, arguments)], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout
