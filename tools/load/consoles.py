"""People who look at the console while a broker works, as their browsers do: an event stream each, and what their
page fetches again and again."""

import http.client
import os
import threading
import time

CLUSTER = "cluster"

# Of each page: the channels of its stream, and what it fetches every so many seconds.
PAGES = (
    ((CLUSTER,), {"/cluster": 5, "/events?limit=100": 15}),
    ((CLUSTER, "topics"), {"/topics?view=summary": 10}),
    ((CLUSTER, "groups"), {"/groups?view=summary": 10}),
    ((CLUSTER, "waiting"), {"/requests/latency": 5, "/requests/waiting": 2, "/requests/slow": 5, "/storage/fsync": 5}),
    ((CLUSTER,), {"/clients/connections": 2, "/clients/producers": 5, "/clients/software": 5}),
)


def step_back():
    """The calling thread works when nobody else does: those who look sit at other machines."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class Consoles:
    """One console a page, open until stop()."""

    def __init__(self, port):
        self._port = port
        self._stopped = threading.Event()
        self.bytes = 0
        self.answers = 0
        self._await_listener()
        self._threads = [threading.Thread(target=look, args=(page,), daemon=True)
                         for page in PAGES for look in (self._watch, self._poll)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _await_listener(self, seconds_max=10):
        deadline = time.monotonic() + seconds_max
        while True:
            try:
                return self._ask("/session").read()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _ask(self, target, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        connection.request("GET", f"/api/v1{target}", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{target}: {answer.status} {answer.read()[:200]}")
        return answer

    def _watch(self, page):
        step_back()
        channels, _ = page
        stream = self._ask(f"/stream?channels={','.join(channels)}", Accept="text/event-stream")
        while not self._stopped.is_set():  # an event a second
            self.bytes += len(stream.readline())

    def _poll(self, page):
        step_back()
        _, targets = page
        due = dict.fromkeys(targets, 0.0)
        while not self._stopped.is_set():
            target = min(due, key=due.get)
            if self._stopped.wait(max(due[target] - time.monotonic(), 0)):
                return
            self.bytes += len(self._ask(target, **{"Accept-Encoding": "gzip"}).read())
            self.answers += 1
            due[target] = time.monotonic() + targets[target]
