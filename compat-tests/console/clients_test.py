#!/usr/bin/env python3
"""Real clients as the console sees them before they say anything of themselves: a producer that wants no answer, a
consumer that commits nothing.

    clients_test.py --broker PROGRAM [unittest arguments]
"""

import subprocess

from console import ConsoleTest, die_with_parent, end, eventually, main


class Clients(ConsoleTest):
    def kcat_that_stays(self, *arguments):
        process = subprocess.Popen(["kcat", "-b", self.broker.bootstrap, *arguments], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        self.addCleanup(end, process)
        self.addCleanup(process.stdin.close)
        return process

    def rows(self, target):
        return self.console.get("/api/v1" + target).json["data"]

    def test_producer_without_acks_is_the_topics_and_its_requests_are_seen(self):
        self.make_topic("metered")
        producer = self.kcat_that_stays("-P", "-t", "metered", "-X", "acks=0", "-X", "client.id=meter")

        def produces():
            producer.stdin.write(b"x\n" * 100)
            producer.stdin.flush()
            return [row for row in self.rows("/topics/metered/producers") if row["client_id"] == "meter"]

        self.assertTrue(eventually(produces), self.rows("/topics/metered/producers"))
        [row] = produces()
        self.assertIsNone(row["producer_id"])
        self.assertEqual(row["topic"], "metered")
        connection = self.console.get(f"/api/v1/clients/connections/{row['connection_id']}").json
        self.assertEqual(connection["kind"], "PRODUCER")
        self.assertIn("metered", [topic["topic"] for topic in connection["topics"]])
        produced = [request for request in connection["recent"] if request["api"] == "Produce"]
        self.assertTrue(produced, connection["recent"])
        for request in produced:
            self.assertGreater(request["bytes_in"], 0)
            self.assertEqual(request["bytes_out"], 0, "nothing is sent to who wants no answer")
            self.assertIsNone(request["error"])
        count = next(use["count"] for use in connection["api_versions"] if use["api"] == "Produce")
        self.assertGreaterEqual(int(count), len(produced))
        blast = self.console.post("/api/v1/topics:delete-preview", {"topics": ["metered"]}).json
        self.assertEqual(blast["topics"][0]["producers"], ["meter"])

        end(producer)
        self.assertTrue(eventually(lambda: self.rows("/topics/metered/producers") == []), "it is gone, and still listed")

    def test_position_of_a_member_is_seen_before_it_commits(self):
        self.make_topic("read")
        self.kcat("-P", "-t", "read", input=b"x\n" * 10)
        self.kcat_that_stays("-G", "silent", "-X", "client.id=reader", "-X", "enable.auto.commit=false",
                             "-X", "auto.offset.reset=earliest", "read")

        def offsets():
            answer = self.console.get("/api/v1/groups/silent/offsets")
            return answer.json["data"] if answer.status == 200 else []

        self.assertTrue(eventually(lambda: [row["position"] for row in offsets()] == ["10"]), offsets())
        self.kcat("-P", "-t", "read", input=b"y\n" * 5)
        self.assertTrue(eventually(lambda: [row["position"] for row in offsets()] == ["15"]), offsets())
        [row] = offsets()
        self.assertIsNone(row["committed"])
        self.assertEqual((row["topic"], row["partition"], row["end"]), ("read", 0, "15"))
        [member] = self.rows("/groups/silent/members")
        self.assertEqual(row["member_id"], member["member_id"])
        self.assertEqual(member["client_id"], "reader")


if __name__ == "__main__":
    main()
