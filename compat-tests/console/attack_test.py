#!/usr/bin/env python3
"""Requests that mean harm: each is refused with a sentence, changes nothing, and others are served on.

    attack_test.py --broker PROGRAM [unittest arguments]

The rules are those of admin-ui/guard.h, the limits those of admin-ui/server.h.
"""

import base64
import json
import re
import socket
import time
import unittest
import urllib.parse

from console import ConsoleTest, end, eventually, main, quoted

MIB = 1024 * 1024
MARKUP = "<img src=x onerror=alert(1)>\"'&\u2028</script>"
EVIL = "http://evil.example"


class Attack(ConsoleTest):
    SETTINGS = {"message.max.bytes": str(8 * MIB), "replica.fetch.max.bytes": str(8 * MIB)}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("kept", "scratch"):
            cls.console.post("/api/v1/topics", {"name": name, "partitions": 2})
        cls.kcat("-P", "-t", "kept", "-p", "0", input=b"one\ntwo\n")
        cls.cluster = cls.console.get("/v3/clusters").json["data"][0]["cluster_id"]

    def setUp(self):
        self.before = self.state()

    def tearDown(self):
        """Nothing has changed, and a client of the broker's port is served."""
        self.assertEqual(self.state(), self.before)
        self.assertTrue(self.broker.running())
        self.kcat("-P", "-t", "kept", "-p", "1", input=b"served\n")
        self.assertEqual(self.kcat("-C", "-t", "kept", "-p", "1", "-o", "-1", "-e", "-q"), b"served\n")

    def state(self):
        topics = [name for name in self.console.get("/api/v1/topics").json["cols"]["topic"] if not name.startswith("__")]
        configs = [(entry["name"], entry["value"]) for entry in self.console.get("/api/v1/topics/kept/configs").json["data"]]
        partitions = self.console.get("/api/v1/topics/kept/partitions").json["data"]
        return topics, configs, partitions[0]["high_watermark"], partitions[0]["log_start"]

    def assert_refused(self, answer, *statuses):
        """In JSON, with a sentence."""
        self.assertIn(answer.status, statuses, answer)
        self.assertEqual(answer.headers.get_content_type(), "application/json")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        body = answer.json
        self.assertTrue(body["message"] if "error_code" in body else body["error"]["message"], answer)

    def target_of(self, path):
        """An address of that path that is there where it can be."""
        values = {"cluster": self.cluster, "topic": "kept", "partition": "0", "offset": "0", "base": "0", "broker": "1"}
        return re.sub(r"{(\w+)}", lambda name: values.get(name[1], "x"), path)

    def changes(self):
        return [(method, self.target_of(path), details) for method, path, details in self.console.operations() if method != "get"]

    # ---- 3.13, points 1 to 3

    def test_other_hosts_are_misdirected(self):
        for host in ("evil.example", f"evil.example:{self.console.port}", "127.0.0.1.evil.example", "", "0.0.0.0", "[::]"):
            for target in ("/", "/api/v1/session", "/healthz", "/metrics", "/assets/x.js", "/v3/clusters"):
                self.assert_refused(self.console.ask("get", target, headers={"Host": host}), 421)
        self.assertEqual(self.console.ask("get", "/healthz", headers={"Host": "localhost"}).status, 200)
        twice = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        self.assertIn(b" 421 ", self.console.raw(twice).split(b"\r\n")[0])

    def test_other_sites_change_nothing(self):
        foreign = ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"})
        for method, target, _ in self.changes():
            for headers in foreign:
                self.assert_refused(self.console.ask(method, target, {}, headers), 403)

    def test_pages_need_their_token(self):
        session = self.console.get("/api/v1/session")
        cookie = session.headers["Set-Cookie"].partition(";")[0]
        for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(attribute, session.headers["Set-Cookie"])
        tokens = ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": session.json["csrf_token"][:-1]}, {"X-CSRF-Token": ""})
        for method, target, _ in self.changes():
            for token in tokens:
                self.assert_refused(self.console.ask(method, target, {}, {"Cookie": cookie} | token), 403)
            self.assert_refused(self.console.ask(method, target, {}, {"Cookie": "sid=" + "0" * 64} | tokens[2]), 403)

    def test_body_has_to_be_json(self):
        types = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", None)
        for method, target, _ in self.changes():
            for kind in types:
                self.assert_refused(self.console.ask(method, target, b"{}", {"Content-Type": kind}), 415)

    def test_get_of_what_changes_is_405(self):
        reads = {path for method, path, _ in self.console.operations() if method == "get"}
        for method, path, _ in self.console.operations():
            if method == "get" or path in reads:
                continue
            for verb in ("get", "head", "options"):
                answer = self.console.ask(verb, self.target_of(path))
                self.assertEqual(answer.status, 405, f"{verb} {path}: {answer}")
                self.assertIn(method.upper(), answer.headers["Allow"])

    def test_no_page_may_frame_or_read_it(self):
        for target in ("/", "/api/v1/session", "/api/v1/nothing", "/metrics", "/openapi.json"):
            for headers in ({}, {"Origin": EVIL}):
                answer = self.console.ask("get", target, headers=headers)
                self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])
                self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
                self.assertFalse([name for name in answer.headers if name.lower().startswith("access-control")])
        preflight = self.console.ask("options", "/api/v1/topics", headers={
            "Origin": EVIL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
        self.assertEqual(preflight.status, 405)

    # ---- bodies

    def test_malformed_bodies_are_refused(self):
        deep = b"[" * 100_000
        bodies = (b"{", b"nonsense", b"[]", b"7", b'"x"', b'{"a":1}}', b"\xff\xfe", b'{"a":"\\ud800"}', b"{'a':1}", deep, b"{" + b'"a":{' * 5000,
                  b'{"name":"\x00"}', b'{"a":1e400}')
        for method, target, details in self.changes():
            if "requestBody" not in details:
                continue
            for body in bodies:
                self.assert_refused(self.console.ask(method, target, body), 400, 404)

    def test_wrong_types_and_unknown_fields_are_named(self):
        values = (True, 1.5, 9223372036854775808, "x" * 100_000, [None], {"a": MARKUP})
        description = self.console.get("/openapi.json").json["components"]["schemas"]
        for method, target, details in self.changes():
            if "requestBody" not in details or target.endswith(("/logout", "/members:remove", ":browse", "offsets:delete")):
                continue
            target = target.replace("/kept", "/scratch")  # where some of it may be as good as any
            schema = details["requestBody"]["content"]["application/json"]["schema"]
            properties = description[schema["$ref"].rpartition("/")[2]].get("properties", {})
            unknown = self.console.ask(method, target, {"nobody_knows_this": 1})
            self.assert_refused(unknown, 400, 404)
            for name in properties:
                for value in values:
                    answer = self.console.ask(method, target, {name: value})
                    self.assertLess(answer.status, 500, f"{method} {target} {name}={value!r:.50}: {answer}")

    def test_browse_and_preview_take_any_rubbish(self):
        rubbish = (7, "x", [], {}, None, -1, 1 << 70, 1e308, MARKUP, {"type": "nothing"}, {"type": "offset", "offsets": {"x": "y"}},
                   {"type": "newest", "n": -1}, {"type": "cursor", "token": "AAAA" * 1000}, {"type": "group", "group": MARKUP},
                   {"type": "time", "ms": -(1 << 63)}, {"key": {"op": "regex", "text": "(" * 1000}},
                   {"key": {"op": "regex", "text": "(a{1000}){1000}"}}, {"expr": "(" * 10_000}, {"expr": "value." + "a." * 10_000 + "b"})
        for field in ("from", "to", "partitions", "limit", "order", "isolation", "filter", "preview_bytes", "budget", "unknown"):
            for value in rubbish:
                answer = self.console.post("/api/v1/topics/kept/records:browse", {"budget": {"ms": 100, "bytes": MIB}} | {field: value})
                if answer.status != 200:  # 503: groups are not known before there has been one
                    self.assert_refused(answer, 400, 404, 503)

    def test_huge_bodies_are_cut_off(self):
        body = b'{"name":"' + b"x" * (2 * MIB) + b'"}'
        self.assert_refused(self.console.post("/api/v1/topics", body), 413)
        head = b"POST /api/v1/topics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for more in (b"Content-Length: 999999999999\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b"x" * 1000,
                     b"Content-Length: 999999999999\r\nExpect: 100-continue\r\n\r\n"):
            self.assertIn(b" 413 ", self.console.raw(head + more).split(b"\r\n")[0])

    # ---- RELIABILITY 6.5: paths, HTTP

    def test_tricks_with_paths_lead_nowhere(self):
        outside = ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd",
                   "/assets/..%2f..%2f..%2fetc%2fpasswd", "/assets/..\\..\\etc\\passwd", "//etc/passwd", "/assets//etc/passwd", "/./etc/passwd",
                   "/assets/" + "x" * 10_000, "/assets/index.html", "/server.properties", "/data/meta.properties")
        for target in outside:
            answer = self.console.get(target)
            self.assertIn(answer.status, (200, 404), f"{target}: {answer}")
            self.assertNotIn(b"root:", answer.bytes)
            self.assertNotIn(b"listeners=", answer.bytes)
            if answer.status == 200:
                self.assertIn(b"<html", answer.bytes.lower())  # the page, whose own router says what it is
        for target in ("/%00", "/api/v1/topics/a%00b", "/api/v1/%zz", "/%", "/api/v1/topics?x=%00", "/api/v1/topics?%=x"):
            self.assert_refused(self.console.get(target), 400)
        for name in ("%2e%2e", "..", ".", "", "%2F", "a%2Fb", "%5c", "%0d%0aX:%20y", "%ff", "x" * 5000, quoted(MARKUP)):
            for suffix in ("", "/partitions", "/configs", "/partitions/0/records/0", "/records:download"):
                answer = self.console.get(f"/api/v1/topics/{name}{suffix}")
                self.assert_refused(answer, 404, 400)
                self.assertNotIn("X", answer.headers)
            answer = self.console.post("/api/v1/topics", {"name": urllib.parse.unquote(name)})
            self.assert_refused(answer, 400)
        for number in ("-1", "2", "999999999999", "0x0", "1e0", "+1", " 1", "%30x"):
            self.assert_refused(self.console.get(f"/api/v1/topics/kept/partitions/{quoted(number)}/records/0"), 404, 400)
            if number != "2":
                self.assert_refused(self.console.get(f"/api/v1/topics/kept/partitions/0/records/{quoted(number)}"), 404, 400)

    def test_header_floods_are_refused(self):
        flood = b"".join(b"X-%d: y\r\n" % i for i in range(5000))
        for request in (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + flood, b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a" * 100_000,
                        b"GET /" + b"a" * 100_000):
            self.assertIn(b" 431 ", self.console.raw(request + b"\r\n\r\n").split(b"\r\n")[0])

    def test_requests_within_requests_are_refused(self):
        head = b"POST /api/v1/topics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
        inner = b"DELETE /v3/clusters/" + self.cluster.encode() + b"/topics/kept HTTP/1.1\r\nHost: localhost\r\n\r\n"
        both = head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner
        twice = head + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner
        odd = head + b"Transfer-Encoding: xchunked\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner
        bare = head.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n" + inner
        for request in (both, twice, odd, bare):
            answers = re.findall(rb"HTTP/1.1 (\d+)", self.console.raw(request))
            self.assertLessEqual(len(answers), 1, answers)
            self.assertNotIn(b"204", answers)

    def test_slow_senders_and_stuck_readers_are_in_nobodys_way(self):
        slow = []
        for i in range(20):
            connection = self.console.connect()
            connection.sendall(b"POST /api/v1/topics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"[:40 + i])
            slow.append(connection)
        for _ in range(3):  # 30 MB that nobody takes
            connection = self.console.connect()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(b"GET /api/v1/topics/kept/records:download HTTP/1.1\r\nHost: localhost\r\n\r\n" +
                               b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 300)
            slow.append(connection)
        began = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.console.get("/api/v1/topics").status, 200)
        self.assertLess(time.monotonic() - began, 5)
        for connection in slow[:20]:  # cut off after 10 s, however they drip
            connection.settimeout(20)
            self.assertEqual(connection.recv(100), b"")
        for connection in slow:
            connection.close()

    def test_connections_have_a_bound_and_come_back(self):
        held = [self.console.connect() for _ in range(100)]
        self.assertTrue(self.broker.serves())
        for connection in held:
            connection.close()
        self.assertTrue(eventually(self.answers))

    # ---- what is in records, and who names them

    def test_markup_stays_text(self):
        name = MARKUP
        process = self.consumer("<b>group</b>", "kept", client_id="<script>alert(1)</script>")
        self.addCleanup(end, process)
        self.make_topic("markup")
        self.kcat("-P", "-t", "markup", "-p", "0", "-H", "<svg/onload>=" + name, "-K:", input=(name + ":" + name + "\n").encode())
        record = self.console.get("/api/v1/topics/markup/partitions/0/records/0").json
        self.assertEqual((record["k"]["s"], record["v"]["s"]), (name, name))
        self.assertEqual(record["h"], [["<svg/onload>", {"n": len(name.encode()), "s": name}]])

        def seen():
            groups = self.console.get("/api/v1/groups").json["cols"]["group"]
            clients = [one["client_id"] for one in self.console.get("/api/v1/clients/connections").json["data"]]
            return "<b>group</b>" in groups and "<script>alert(1)</script>" in clients
        self.assertTrue(eventually(seen))
        for target in ("/api/v1/groups", "/api/v1/clients/connections", "/api/v1/groups/" + quoted("<b>group</b>"),
                       "/api/v1/search?q=" + quoted("<b>"), "/v3/clusters/" + self.cluster + "/consumer-groups", "/api/v1/events"):
            answer = self.console.get(target)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.headers.get_content_type(), "application/json")
            answer.json  # is whole
        metrics = self.console.get("/metrics")
        self.assertEqual(metrics.headers.get_content_type(), "text/plain")
        self.assertNotIn(b"script", metrics.bytes)  # a client id is no label
        for part, kind in (("value", "application/octet-stream"), ("key", "application/octet-stream")):
            raw = self.console.get(f"/api/v1/topics/markup/partitions/0/records/0?raw={part}")
            self.assertEqual((raw.bytes.decode(), raw.headers.get_content_type()), (name, kind))
            self.assertTrue(raw.headers["Content-Disposition"].startswith("attachment"))
        self.delete("markup")

    def test_formulas_stay_text_in_csv(self):
        self.make_topic("cells")
        self.kcat("-P", "-t", "cells", "-K:", input=b"=1+1:@SUM(A1)\n+1:-1\n\t=x:\"a\",b\n")
        answer = self.console.get("/api/v1/topics/cells/records:download?format=csv&request=" + quoted('{"from":{"type":"beginning"}}'))
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
        self.assertNotRegex(answer.bytes.decode(), r'(^|,)"?[=+@\t-][^\d]')
        self.delete("cells")

    # ---- 3.13, point 4

    def test_numbers_and_odd_texts_are_kept_to_the_byte(self):
        values = [b'{"a":9223372036854775807}', b'{"a":-9223372036854775808}', b'{"a":0.1000}', b'{"a":1e400}', b'{"a":12345678901234567890}',
                  b'{"a":1,"a":2}', b'{"a":"\\ud800"}', b'{"a":"\\uDC00x"}', b'[1.0,1.00,-0,1E5]', b' { "a" : 1 } ', b"\xff\xfe\x00", b"",
                  b'{"long":"' + b"x" * (5 * MIB) + b'"}']
        self.make_topic("torture", max_message_bytes=str(8 * MIB))
        for value in values:
            file = self.broker.folder / "value"
            file.write_bytes(value)
            if value:
                self.kcat("-P", "-t", "torture", "-p", "0", "-X", f"message.max.bytes={8 * MIB}", str(file))
            else:
                produced = self.console.post("/api/v1/topics/torture/records", {"records": [{"partition": 0, "value": {"s": ""}}]})
                self.assertEqual(produced.status, 200, produced)
        browse = {"from": {"type": "beginning"}, "order": "asc", "limit": 100, "preview_bytes": 65536}
        records = [line for line in self.console.lines("/api/v1/topics/torture/records:browse", browse) if line["t"] == "rec"]
        self.assertEqual([int(record["o"]) for record in records], list(range(len(values))))
        for offset, value in enumerate(values):
            one = self.console.get(f"/api/v1/topics/torture/partitions/0/records/{offset}")
            self.assertEqual(self.bytes_of(one.json["v"]), value)
            self.assertEqual(one.json["v"]["n"], len(value))
            if not records[offset]["v"].get("cut"):
                self.assertEqual(self.bytes_of(records[offset]["v"]), value)
            raw = self.console.get(f"/api/v1/topics/torture/partitions/0/records/{offset}?raw=value")
            self.assertEqual(raw.bytes, value)
        download = self.console.get("/api/v1/topics/torture/records:download?format=ndjson&request=" +
                                    quoted('{"from":{"type":"beginning"},"limit":1000}'))
        lines = [json.loads(line) for line in download.bytes.splitlines()]
        self.assertEqual([self.bytes_of(line["v"]) for line in lines], values)
        self.delete("torture")

    @staticmethod
    def bytes_of(part):
        return part["s"].encode() if "s" in part else base64.b64decode(part["x"])

    def delete(self, topic):
        deleted = self.console.post("/api/v1/topics:delete", {"topics": [topic]})
        self.assertEqual(deleted.json["results"], [{"target": topic, "status": 204}])


if __name__ == "__main__":
    main()
