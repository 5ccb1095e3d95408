"""Fetch sessions (KIP-227): what is remembered, what an answer leaves out, and how a session ends."""

import uuid

from records import batch
from scenario import every_version
from wire import NO_UUID

from scenarios.fetch import fetch, partition, topic_of

NO_TOPIC = uuid.UUID(int=0x4321)


def begin(side, *topics, **fields):
    """A new session's id."""
    return fetch(side, *topics, session_epoch=0, **fields)["session_id"]


def forgotten(side, topic, *partitions):
    return {"topic": topic, "topic_id": side.topic_id(topic), "partitions": list(partitions)}


@every_version("Fetch", since=7)
def an_answer_has_only_news(side):
    topic = side.create_topic(partitions=3)
    side.produce(topic, batch([b"old"]))
    session = begin(side, topic_of(side, topic, *map(partition, range(3))))
    fetch(side, session_id=session, session_epoch=1)
    fetch(side, topic_of(side, topic, partition(0, 1)), session_id=session, session_epoch=2)
    side.produce(topic, batch([b"new"]), partition=2)
    fetch(side, session_id=session, session_epoch=3)
    fetch(side, topic_of(side, topic, partition(2, 1)), session_id=session, session_epoch=4)
    fetch(side, session_id=session, session_epoch=5)


@every_version("Fetch", since=7)
def partitions_come_and_go(side):
    topic, other = side.create_topic(partitions=2), side.create_topic()
    side.produce(topic, batch([b"0"]))
    side.produce(topic, batch([b"1"]), partition=1)
    side.produce(other, batch([b"other"]))
    session = begin(side, topic_of(side, topic, partition()))
    fetch(side, topic_of(side, other, partition()), session_id=session, session_epoch=1)
    fetch(side, topic_of(side, topic, partition(1)), session_id=session, session_epoch=2,
          forgotten_topics_data=[forgotten(side, topic, 0)])
    fetch(side, session_id=session, session_epoch=3, forgotten_topics_data=[forgotten(side, other, 0)])
    fetch(side, session_id=session, session_epoch=4, forgotten_topics_data=[forgotten(side, other, 0, 5)])
    fetch(side, topic_of(side, topic, partition(1, 1)), session_id=session, session_epoch=5)
    fetch(side, session_id=session, session_epoch=6, forgotten_topics_data=[forgotten(side, topic, 1)])


@every_version("Fetch", since=7)
def added_and_forgotten_in_one_request(side):
    topic = side.create_topic(partitions=2)
    side.produce(topic)
    side.produce(topic, partition=1)
    session = begin(side, topic_of(side, topic, partition(1)))
    fetch(side, topic_of(side, topic, partition(0)), session_id=session, session_epoch=1,
          forgotten_topics_data=[forgotten(side, topic, 0)])
    fetch(side, session_id=session, session_epoch=2)


@every_version("Fetch", since=7)
def wrong_epochs(side):
    topic = side.create_topic()
    session = begin(side, topic_of(side, topic, partition()))
    for epoch in (2, 0x7FFFFFFF, 1, 1, 3, 2):
        fetch(side, session_id=session, session_epoch=epoch)


@every_version("Fetch", since=7)
def sessions_that_do_not_exist(side):
    topic = side.create_topic()
    for session in (0, -1):
        fetch(side, topic_of(side, topic, partition()), session_id=session, session_epoch=1)
    for session, epoch in ((-5, -1), (0, -1), (-5, 0), (0, -2), (-7, -2)):
        fetch(side, topic_of(side, topic, partition()), session_id=session, session_epoch=epoch)


@every_version("Fetch", since=7)
def the_end_of_a_session(side):
    topic = side.create_topic()
    session = begin(side, topic_of(side, topic, partition()))
    fetch(side, topic_of(side, topic, partition()), session_id=session, session_epoch=-1)
    fetch(side, session_id=session, session_epoch=1)


@every_version("Fetch", since=7)
def a_new_session_in_place_of_the_old(side):
    topic = side.create_topic()
    first = begin(side, topic_of(side, topic, partition()))
    second = begin(side, topic_of(side, topic, partition()), session_id=first)
    fetch(side, session_id=first, session_epoch=1)
    fetch(side, session_id=second, session_epoch=1)


@every_version("Fetch", since=7)
def a_session_of_nothing(side):
    begin(side)
    topic = side.create_topic()
    begin(side, {"topic": topic, "topic_id": side.topic_id(topic), "partitions": []})


@every_version("Fetch", since=7)
def errors_are_told_each_time(side):
    topic = side.create_topic()
    side.produce(topic)
    session = begin(side, topic_of(side, topic, partition(0, 9), partition(4)))
    for epoch in (1, 2):
        fetch(side, session_id=session, session_epoch=epoch)
    fetch(side, topic_of(side, topic, partition(0, 0)), session_id=session, session_epoch=3)


@every_version("Fetch", since=7)
def unknown_topics(side):
    topic, absent = side.create_topic(), side.fresh("absent")
    unknown = {"topic": absent, "topic_id": NO_TOPIC, "partitions": [partition()]}
    session = begin(side, topic_of(side, topic, partition()), unknown)
    fetch(side, session_id=session, session_epoch=1)
    fetch(side, session_id=session, session_epoch=2, forgotten_topics_data=[
        {"topic": absent, "topic_id": NO_TOPIC, "partitions": [0]}])
    fetch(side, session_id=session, session_epoch=3)


@every_version("Fetch", since=7)
def a_topic_of_a_session_is_deleted(side):
    topic, kept = side.create_topic(), side.create_topic()
    session = begin(side, topic_of(side, topic, partition()), topic_of(side, kept, partition()))
    side.ask("DeleteTopics", topics=[{"name": topic}], timeout_ms=10000)
    side.until(lambda: side.topic_id(topic) == NO_UUID, "the topic to be gone")
    fetch(side, session_id=session, session_epoch=1)
    side.produce(kept)
    fetch(side, session_id=session, session_epoch=2)


@every_version("Fetch", since=7)
def a_log_start_that_moves_is_news(side):
    topic = side.create_topic()
    side.produce(topic)
    side.produce(topic)
    session = begin(side, topic_of(side, topic, partition(0, 2)))
    fetch(side, session_id=session, session_epoch=1)
    side.ask("DeleteRecords", timeout_ms=10000, topics=[{"name": topic, "partitions": [
        {"partition_index": 0, "offset": 1}]}])
    fetch(side, session_id=session, session_epoch=2)
    fetch(side, session_id=session, session_epoch=3)


@every_version("Fetch", since=7)
def a_session_waits_for_news(side):
    topic = side.create_topic(partitions=2)
    session = begin(side, topic_of(side, topic, partition(0), partition(1)))
    waiting = side.start("Fetch", max_wait_ms=20_000, min_bytes=1, session_id=session, session_epoch=1)
    side.produce(topic, batch([b"news"]), partition=1)
    waiting.answer()
    fetch(side, topic_of(side, topic, partition(1, 1)), session_id=session, session_epoch=2, min_bytes=1,
          max_wait_ms=20)


@every_version("Fetch", since=7)
def who_got_records_waits_for_the_others(side):
    topic = side.create_topic(partitions=3)
    for index in range(3):
        side.produce(topic, batch([b"%d" % index * 300]), partition=index)
    session = begin(side, topic_of(side, topic, *map(partition, range(3))), max_bytes=300)
    for epoch in range(1, 5):
        fetch(side, session_id=session, session_epoch=epoch, max_bytes=300)
