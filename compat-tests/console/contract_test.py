#!/usr/bin/env python3
"""Every operation that openapi.json names is asked for, and its answer is as its schema says.

    contract_test.py --broker PROGRAM [unittest arguments]
"""

import base64
import json
import unittest

from console import ConsoleTest, end, eventually, main, quoted
from schema import Schemas

CODECS = ("gzip", "snappy", "lz4", "zstd")


class Contract(ConsoleTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.description = cls.console.get("/openapi.json").json
        cls.schemas = Schemas(cls.description["components"])
        cls.fill()

    @classmethod
    def fill(cls):
        """Topics of every codec with records, a group with two members and one without, a producer's traces."""
        for name, partitions in (("plain", 3), ("spare", 1), ("doomed", 1), *((codec, 1) for codec in CODECS)):
            made = cls.console.post("/api/v1/topics", {"name": name, "partitions": partitions})
            if made.status != 201:
                raise AssertionError(made)
        cluster = cls.console.get("/v3/clusters").json["data"][0]["cluster_id"]
        cls.console.ask("put", f"/v3/clusters/{cluster}/broker-configs/log.retention.ms", {"value": "700000000"})
        records = b"".join(b"key%d:{\"id\": %d}\n" % (i, i) for i in range(300))
        cls.kcat("-P", "-t", "plain", "-K:", "-H", "type=x", input=records)
        cls.kcat("-P", "-t", "spare", "-X", "enable.idempotence=true", input=b"a\nb\n")
        for codec in CODECS:
            cls.kcat("-P", "-t", codec, "-z", codec, input=records)
        for client in ("one", "two"):
            cls.addClassCleanup(end, cls.consumer("readers", "plain", client_id=client))
        for group in ("leavers", "idle", "v3-gone"):
            process = cls.consumer(group, "spare")
            cls.wait_for(lambda: cls.offsets(group), f"{group} commits nothing")
            process.kill()
            process.wait()
        cls.wait_for(lambda: cls.group("readers")["state"].upper() == "STABLE" and cls.group("readers")["members"] == 2
                     and len(cls.offsets("readers")) == 3, "the group is not stable")
        for group in ("leavers", "idle", "v3-gone"):  # killed members stay for their session's time
            members = [{"member_id": m["member_id"]} for m in cls.data(f"/api/v1/groups/{group}/members")]
            if members:
                cls.console.post(f"/api/v1/groups/{group}/members:remove", {"members": members})
            cls.wait_for(lambda: cls.group(group)["members"] == 0, f"{group} keeps its members")

    @classmethod
    def wait_for(cls, condition, sentence):
        def holds():
            try:
                return condition()
            except (KeyError, TypeError):
                return False  # the group is not there yet
        if not eventually(holds):
            raise AssertionError(sentence)

    @classmethod
    def data(cls, path):
        return cls.console.get(path).json["data"]

    @classmethod
    def group(cls, group):
        return cls.console.get(f"/api/v1/groups/{group}").json

    @classmethod
    def offsets(cls, group):
        return [one for one in cls.data(f"/api/v1/groups/{group}/offsets") if one["committed"] is not None]

    def examples(self):
        """By operation: what stands for the names in braces, the query, the body."""
        cluster = self.console.get("/v3/clusters").json["data"][0]["cluster_id"]
        member = self.data("/api/v1/groups/readers/members")[0]["member_id"]
        connections = self.data("/api/v1/clients/connections")
        connection = next(one["id"] for one in connections if one["client_id"] == "two")
        stream = StreamOf(self)
        self.addCleanup(stream.close)
        a, c, v = "/api/v1", "/v3/clusters/{cluster}", {"cluster": cluster}
        topic, group, broker = {"topic": "plain"}, {"group": "readers"}, {"broker": "1", "id": "1"}
        place = topic | {"partition": "0", "base": "0", "offset": "5"}
        edits = {"data": [{"name": "retention.ms", "operation": "SET", "value": "700000000"}]}
        plan = self.console.post("/api/v1/groups/idle/offsets:preview",
                                 {"strategy": {"type": "earliest"}, "partitions": [{"topic": "spare", "partitions": None}]}).json
        steps = [{key: step[key] for key in ("topic", "partition", "before", "after")} for step in plan.get("plan", [])]
        consumer = v | group | {"consumer": member}
        v3_edits = {"data": [{"name": "retention.ms", "value": "800000000"}, {"name": "segment.ms", "operation": "DELETE"}]}
        group_edits = {"data": [{"name": "consumer.session.timeout.ms", "operation": "SET", "value": "50000"}]}
        broker_edits = {"data": [{"name": "log.cleaner.threads", "operation": "SET", "value": "2"}]}
        browse = {"from": {"type": "beginning"}, "to": {"type": "end"}, "partitions": None, "limit": 50, "order": "asc",
                  "isolation": "read_committed", "filter": {}, "preview_bytes": 64, "budget": {"ms": 5000, "bytes": 1 << 26}}
        cut = {"partitions": [{"id": 0, "before_offset": "1"}]}
        record = {"partition": None, "key": {"s": "k"}, "value": {"x": base64.b64encode(b"\xff").decode()},
                  "headers": [["h", {"s": "v"}], ["n", None]], "timestamp_ms": None}
        return {
            f"get {a}/search": ({}, "q=pl", None),
            f"get {a}/events": ({}, "limit=10", None),
            f"post {a}/topics": ({}, "", {"name": "made", "partitions": 2, "configs": {"retention.ms": "1000000"}}),
            f"post {a}/topics:delete-preview": ({}, "", {"topics": ["plain", "nothing"]}),
            f"post {a}/topics:delete": ({}, "", {"topics": ["doomed", "nothing"]}),
            f"post {a}/topics/{{topic}}:clone": (topic, "", {"name": "cloned"}),
            f"post {a}/topics/{{topic}}/partitions:increase": ({"topic": "gzip"}, "", {"count": 2}),
            f"post {a}/topics/{{topic}}/configs:preview": (topic, "", edits),
            f"post {a}/topics/{{topic}}/configs:alter": (topic, "", edits),
            f"post {a}/topics/{{topic}}/records:delete-preview": (topic, "", cut),
            f"post {a}/topics/{{topic}}/records:delete": (topic, "", cut),
            f"post {a}/topics/{{topic}}/records:browse": (topic, "", browse),
            f"get {a}/topics/{{topic}}/records:download": (topic, "format=ndjson", None),
            f"post {a}/topics/{{topic}}/records": (topic, "", {"records": [record], "compression": "zstd", "acks": "all"}),
            f"get {a}/topics/{{topic}}/partitions/{{partition}}/segments/{{base}}/batches": (place, "limit=3", None),
            f"get {a}/groups/{{group}}": (group, "", None),
            f"delete {a}/groups/{{group}}": ({"group": "leavers"}, "", None),
            f"post {a}/groups/{{group}}/offsets:preview": ({"group": "idle"}, "", {
                "strategy": {"type": "earliest"}, "partitions": [{"topic": "spare", "partitions": None}]}),
            f"post {a}/groups/{{group}}/offsets:reset": ({"group": "idle"}, "", {"plan": steps}),
            f"post {a}/groups/{{group}}/offsets:delete": ({"group": "idle"}, "", {"topics": ["spare"]}),
            f"post {a}/groups/{{group}}/members:remove": (group, "", {"members": [{"member_id": member}]}),
            f"get {a}/clients/connections/{{id}}": ({"id": connection}, "", None),
            f"delete {a}/clients/connections/{{id}}": ({"id": connection}, "", None),
            f"post {a}/brokers/{{broker}}/configs:alter": (broker, "", broker_edits | {"scope": "broker"}),
            f"post {a}/cluster/configs:alter": ({}, "", broker_edits),
            f"post {a}/groups/{{group}}/configs:alter": ({"group": "idle"}, "", group_edits),
            f"get {a}/metrics/series": ({}, "names=broker.bytes_in,broker.rss&range=5m&step=10000", None),
            f"get {a}/stream": ({}, "channels=cluster", None),
            f"put {a}/stream/{{id}}": ({"id": stream.id}, "", {"channels": ["topics"], "rows": {"topics": ["plain"]}}),
            f"post {c}/topics/{{topic}}/configs:alter": (v | topic, "", v3_edits),
            f"put {c}/topics/{{topic}}/configs/{{name}}": (v | topic | {"name": "segment.ms"}, "", {"value": "600000"}),
            f"delete {c}/topics/{{topic}}/configs/{{name}}": (v | topic | {"name": "segment.ms"}, "", None),
            f"get {c}/topics/{{topic}}/configs/{{name}}": (v | topic | {"name": "retention.ms"}, "", None),
            f"post {c}/brokers/{{broker}}/configs:alter": (v | broker, "", broker_edits),
            f"get {c}/broker-configs/{{name}}": (v | {"name": "log.retention.ms"}, "", None),
            f"get {c}/brokers/{{broker}}/configs/{{name}}": (v | broker | {"name": "log.retention.ms"}, "", None),
            f"put {c}/brokers/{{broker}}/configs/{{name}}": (v | broker | {"name": "log.cleaner.threads"}, "", {"value": "1"}),
            f"delete {c}/brokers/{{broker}}/configs/{{name}}": (v | broker | {"name": "log.cleaner.threads"}, "", None),
            f"post {c}/broker-configs:alter": (v, "", broker_edits),
            f"put {c}/broker-configs/{{name}}": (v | {"name": "log.cleaner.threads"}, "", {"value": "1"}),
            f"delete {c}/broker-configs/{{name}}": (v | {"name": "log.cleaner.threads"}, "", None),
            f"post {c}/topics": (v, "", {"topic_name": "v3-made", "partitions_count": 2, "configs": [
                {"name": "retention.ms", "value": "1000000"}]}),
            f"patch {c}/topics/{{topic}}": (v | {"topic": "lz4"}, "", {"partitions_count": 2}),
            f"delete {c}/topics/{{topic}}": (v | {"topic": "zstd"}, "", None),
            f"post {c}/topics/{{topic}}/records": (v | topic, "", {
                "key": {"type": "STRING", "data": "k"}, "value": {"type": "JSON", "data": {"a": 1}}}),
            f"get {c}/topics/{{topic}}/partitions/{{partition}}/replicas/{{broker}}": (v | place | broker, "", None),
            f"get {c}/consumer-groups/{{group}}/consumers/{{consumer}}": (consumer, "", None),
            f"get {c}/consumer-groups/{{group}}/consumers/{{consumer}}/assignments": (consumer, "", None),
        }, v | place | group | broker

    def test_every_answer_is_as_it_is_described(self):
        examples, names = self.examples()
        operations = self.console.operations()
        last = {"delete": 2, "put": 1, "patch": 1}  # reads first
        ends_something = ("members:remove", "topics:delete", "offsets:reset", "offsets:delete")
        operations.sort(key=lambda one: (one[1].endswith(ends_something) + last.get(one[0], 0), one[1] == "/api/v1/logout"))
        for method, path, details in operations:
            parameters, query, body = examples.pop(f"{method} {path}", (names, "", None))
            target = path
            for name, value in parameters.items():
                target = target.replace("{" + name + "}", quoted(value))
            with self.subTest(operation=f"{method} {path}"):
                self.assertNotIn("{", target)
                if "requestBody" in details and body is not None:
                    schema = details["requestBody"]["content"]["application/json"]["schema"]
                    self.assertEqual(self.schemas.problems(body, schema, "body"), [])
                if path == "/api/v1/stream":
                    continue  # has no end; StreamOf has looked at it
                answer = self.console.ask(method, target + (f"?{query}" if query else ""),
                                          body if body is not None or method in ("get", "delete") else {})
                described = details["responses"].get(str(answer.status))
                self.assertIsNotNone(described, f"{method} {target}: {answer}")
                self.compare(answer, described.get("content", {}), method, path)
        self.assertEqual(list(examples), [], "examples of what openapi.json does not name")

    def compare(self, answer, content, method, path):
        if not content:
            self.assertEqual(answer.bytes, b"")
            return
        (media, described), = content.items()
        self.assertEqual(answer.headers.get_content_type(), media)
        if media == "text/plain":
            self.assertNotEqual(answer.bytes, b"")
            return
        if media == "application/x-ndjson":
            values = [json.loads(line) for line in answer.bytes.splitlines()]
            self.assertGreater(len(values), 3)
            if described["schema"] == {"type": "string"}:
                return
        else:
            values = [answer.json]
        for value in values:
            problems = self.schemas.problems(value, described["schema"])
            self.assertEqual(problems[:5], [], f"{method} {path}: {answer}")

    def test_what_is_not_there_is_404_in_the_words_of_its_api(self):
        cluster = self.console.get("/v3/clusters").json["data"][0]["cluster_id"]
        for method, path, details in self.console.operations():
            if method != "get" or "{" not in path or path.startswith("/api/v1/stream") or path.endswith("/history"):
                continue
            target = path.replace("{cluster}", cluster)
            for name in ("topic", "group", "broker", "id", "partition", "base", "offset", "name", "consumer"):
                target = target.replace("{" + name + "}", "9999")
            if "{" in path.replace("{cluster}", ""):
                with self.subTest(target=target):
                    answer = self.console.get(target)
                    self.assertEqual(answer.status, 404, answer)
                    schema = "V3Error" if path.startswith("/v3") else "ErrorBody"
                    self.assertEqual(self.schemas.problems(answer.json, {"$ref": "#/components/schemas/" + schema}), [])

    def test_compressed_records_are_read_like_others(self):
        for codec in CODECS[:3]:
            lines = self.console.lines(f"/api/v1/topics/{codec}/records:browse", {"from": {"type": "beginning"}, "limit": 1000})
            records = [line for line in lines if line["t"] == "rec"]
            self.assertEqual(len(records), 300, codec)
            self.assertEqual({record["b"]["codec"] for record in records}, {codec})
            self.assertEqual(records[7]["v"]["s"], 'key7:{"id": 7}')

    def test_description_is_known_by_its_etag(self):
        first = self.console.get("/openapi.json")
        again = self.console.ask("get", "/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((again.status, again.bytes), (304, b""))
        self.assertEqual(first.headers["Content-Type"], "application/json")
        for accepted in ("gzip", None):
            answer = self.console.ask("head", "/openapi.json", headers={"Accept-Encoding": accepted})
            self.assertEqual(answer.headers.get("Content-Encoding"), accepted)


class StreamOf:
    """An open stream of server-sent events, and its first events as openapi.json cannot tell them."""

    LIVE = {"bytes_in", "bytes_out", "records_in", "size", "records", "last_append_ms"}

    def __init__(self, test):
        self.socket = test.console.connect()
        self.socket.sendall(b"GET /api/v1/stream?channels=topics,cluster HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while received.count(b"event: snapshot") < 2 or not received.endswith(b"\n\r\n"):
            part = self.socket.recv(65536)
            test.assertTrue(part, received)
            received += part
        test.assertIn(b"Content-Type: text/event-stream", received)
        hello, topics, *_ = [json.loads(line.removeprefix(b"data: ")) for line in received.splitlines() if line.startswith(b"data: ")]
        self.id = hello["stream_id"]
        rows = topics["data"]
        test.assertEqual(test.schemas.problems(rows, {"$ref": "#/components/schemas/RowsInColumns"}), [])
        test.assertIn("plain", rows["names"])
        test.assertEqual(rows["rows"], list(range(len(rows["names"]))))
        test.assertEqual(set(rows["cols"]), self.LIVE)
        for values in rows["cols"].values():
            test.assertEqual(len(values), len(rows["names"]))

    def close(self):
        self.socket.close()


if __name__ == "__main__":
    main()
