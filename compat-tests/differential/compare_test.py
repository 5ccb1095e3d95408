#!/usr/bin/env python3
"""When a broker that differs from Kafka passes all the same: only where Kafka itself answers in more than one way.

    compare_test.py [unittest arguments]        starts no broker
"""

import importlib.machinery
import importlib.util
import pathlib
import unittest

from compare import Normaliser
from scenario import Scenario, Step, fresh_prefix

LOADER = importlib.machinery.SourceFileLoader("run", str(pathlib.Path(__file__).resolve().parent / "run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", LOADER))
LOADER.exec_module(run)


def scenario(alone=False):
    return Scenario("join_group.first", lambda side: None, "JoinGroup", (9,), texts=False, alone=alone)


class AllThatKafkaAnswers(unittest.TestCase):
    def compare(self, kafka, ours, alone=False):
        """`kafka` are its answers to attempt after attempt; the comparison, and how often each side was asked."""
        asked = {"kafka": 0, "ours": 0}
        answers = {"kafka": iter(kafka), "ours": iter([ours])}

        def record(broker, _scenario, _version, _attempt=0):
            asked[broker] += 1
            return [Step("DescribeGroups v6", {"group_state": next(answers[broker])})]
        self.addCleanup(setattr, run, "record", run.record)
        run.record = record
        pair = {"kafka": "kafka", "ours": "ours"}
        return run.compare_with_all_that_kafka_answers(pair, scenario(alone), 9), asked

    def test_the_same_answer_is_asked_for_once(self):
        comparison, asked = self.compare(["Empty"], "Empty")
        self.assertEqual((comparison.lines, comparison.kafka_varies, asked), ([], False, {"kafka": 1, "ours": 1}))

    def test_ours_may_be_like_a_later_answer(self):
        comparison, asked = self.compare(["Dead", "Dead", "Empty"], "Empty")
        self.assertEqual((comparison.lines, comparison.kafka_varies, asked), ([], True, {"kafka": 3, "ours": 1}))

    def test_what_kafka_never_answers_fails(self):
        comparison, asked = self.compare(["Dead", "Empty"] * 3, "Stable")
        self.assertTrue(comparison.lines)
        self.assertEqual(asked, {"kafka": run.KAFKA_RECORDINGS_MAX, "ours": 1})

    def test_what_looks_at_common_state_is_not_repeated(self):
        comparison, asked = self.compare(["Dead", "Empty"], "Empty", alone=True)
        self.assertTrue(comparison.lines)
        self.assertEqual(asked["kafka"], 1)


class NamesOfAnAttempt(unittest.TestCase):
    def test_they_are_those_of_the_first(self):
        first, third = (fresh_prefix(scenario(), 9, attempt) for attempt in (0, 2))
        self.assertNotEqual(first, third)
        self.assertEqual(len(first), len(third))
        normaliser = Normaliser(9092, "/data", texts=False)
        normaliser.names = (third, first)
        self.assertEqual(normaliser({"group_id": third + "group-1", "metadata": b"\0" + third.encode()}),
                         {"group_id": first + "group-1", "metadata": b"\0" + first.encode()})
        self.assertEqual(normaliser({"group_id": "join_group.first"}), {"group_id": "join_group.first"})


if __name__ == "__main__":
    unittest.main()
