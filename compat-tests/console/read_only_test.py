#!/usr/bin/env python3
"""What a read-only console refuses, and one that shows no records.

    read_only_test.py --broker PROGRAM [unittest arguments]
"""

import re

from console import ConsoleTest, eventually, main

HIDDEN = ("/records:browse", "/records:download", "/records/{offset}", "/batches/{offset}/records")


class ReadOnly(ConsoleTest):
    SETTINGS = {"console.read.only": "true", "console.records.view": "false", "auto.create.topics.enable": "true"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kcat("-P", "-t", "orders", input=b"a\nb\n")

    def target_of(self, path):
        cluster = self.console.get("/v3/clusters").json["data"][0]["cluster_id"]
        values = {"cluster": cluster, "topic": "orders", "partition": "0", "offset": "0", "base": "0", "broker": "1"}
        return re.sub(r"{(\w+)}", lambda name: values.get(name[1], "x"), path)

    def test_session_says_so(self):
        session = self.console.get("/api/v1/session").json
        self.assertTrue(session["read_only"])
        self.assertNotIn("records", session["features"])

    def test_every_change_is_refused(self):
        reads = {"delete-preview", "preview", "browse", "verify"}
        changes = 0
        for method, path, _ in self.console.operations():
            if method == "get" or path.rpartition(":")[2].removeprefix("records-") in reads or path.endswith(("/logout", "/stream/{id}")):
                continue
            answer = self.console.ask(method, self.target_of(path), {})
            self.assertEqual(answer.status, 403, f"{method} {path}: {answer}")
            self.assertIn(b"read-only", answer.bytes)
            changes += 1
        self.assertGreater(changes, 20)

    def test_refused_changes_are_in_the_audit(self):
        def is_told():
            self.console.post("/api/v1/topics:delete", {"topics": ["orders"]})
            newest = self.console.get("/api/v1/audit?limit=1").json["data"][0]
            return newest["action"] == "POST /api/v1/topics:delete"

        # Ten a second are told, and the other tests here refuse more than that.
        self.assertTrue(eventually(is_told))
        newest = self.console.get("/api/v1/audit?limit=1").json["data"][0]
        self.assertEqual(newest["status"], 403)
        self.assertEqual(newest["request"], {"topics": ["orders"]})

    def test_previews_are_served(self):
        body = {"data": [{"name": "retention.ms", "operation": "SET", "value": "1"}]}
        self.assertEqual(self.console.post("/api/v1/topics/orders/configs:preview", body).status, 200)
        self.assertEqual(self.console.post("/api/v1/topics:delete-preview", {"topics": ["orders"]}).status, 200)
        self.assertEqual(self.console.post("/api/v1/topics/orders/records:delete-preview",
                                           {"partitions": [{"id": 0, "before": "high_watermark"}]}).status, 200)

    def test_records_are_not_shown(self):
        for method, path, _ in self.console.operations():
            if path.startswith("/api/v1") and path.endswith(HIDDEN):
                answer = self.console.ask(method, self.target_of(path), {} if method == "post" else None)
                self.assertEqual(answer.status, 403, f"{method} {path}: {answer}")
        self.assertEqual(self.console.get("/api/v1/topics/orders/partitions/0/segments").status, 200)


if __name__ == "__main__":
    main()
