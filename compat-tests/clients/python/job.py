"""What the jobs of all Python clients share: their setting, waiting, and how a job ends."""

import faulthandler
import os
import subprocess
import sys
import time
import traceback

BOOTSTRAP = os.environ["BOOTSTRAP"]
PREFIX = os.environ["PREFIX"]
VERSION = os.environ["CLIENT_VERSION"]
PATIENCE = 60.0


class Unsupported(Exception):
    """The library has no such feature; the text says which."""


def name(suffix):
    """A name of this job's own, for a topic or a group."""
    return f"{PREFIX}-{suffix}"


def expect(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


def expect_equal(what, got, wanted):
    expect(got == wanted, f"{what} is {got!r:.200}, not {wanted!r:.200}")


class Deadline:
    """A bound on waiting: `check` fails with a sentence once it has passed."""

    def __init__(self, seconds=PATIENCE):
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    def check(self, what):
        expect(time.monotonic() < self.end, f"{what} did not come within {self.seconds:.0f} s")


def wait_for(condition, what, seconds=PATIENCE):
    deadline = Deadline(seconds)
    while not (value := condition()):
        deadline.check(what)
        time.sleep(0.02)
    return value


def broker_control(command):
    subprocess.run([os.environ["BROKER_CONTROL"], command], check=True)


def expect_numbered(by_partition, count):
    """The values are 0..count-1, each once, and in order within each partition."""
    for partition, numbers in by_partition.items():
        expect(numbers == sorted(numbers), f"partition {partition} is out of order")
    found = sorted(number for numbers in by_partition.values() for number in numbers)
    missing = set(range(count)) - set(found)
    expect(not missing, f"{len(missing)} records are lost, the first is {min(missing, default=0)}")
    expect(len(found) == count, f"{len(found) - count} records are there twice")


class Ownership:
    """Who of a group owns what. The eager protocol lets go of all before a new generation assigns, so no
    partition ever has two owners."""

    def __init__(self):
        self.owned = {}
        self.conflict = None

    def assign(self, member, partitions):
        for other, theirs in self.owned.items():
            if other != member and theirs & set(partitions):
                self.conflict = f"{member} and {other} both own {sorted(theirs & set(partitions))}"
        self.owned[member] = set(partitions)

    def revoke(self, member):
        self.owned[member] = set()

    def covers(self, members, count):
        """These members, all of them, own all `count` partitions."""
        sizes = [len(self.owned.get(member, ())) for member in members]
        return all(sizes) and sum(sizes) == count


def run(jobs, call=lambda job: job()):
    """Runs the job that the command line names, a function of `jobs` (a module's globals)."""
    faulthandler.dump_traceback_later(115)  # where a job hangs that is about to be ended
    job = jobs[sys.argv[1].replace("-", "_")]
    try:
        left_out = call(job)
    except Unsupported as reason:
        print(reason, flush=True)
        sys.exit(77)
    except BaseException as error:
        traceback.print_exc()
        sentence = " ".join(str(error).split())
        print(sentence if isinstance(error, AssertionError) else f"{type(error).__name__}: {sentence}", flush=True)
        sys.exit(1)
    print(left_out or "", flush=True)
