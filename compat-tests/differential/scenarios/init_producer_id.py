"""InitProducerId of idempotent producers."""

from scenario import every_version


def init(side, **fields):
    return side.request("InitProducerId", **{"transactional_id": None, "transaction_timeout_ms": 60000} | fields)


@every_version("InitProducerId")
def each_gets_another(side):
    ids = {init(side)["producer_id"] for _ in range(3)}
    side.record("different ids", len(ids))


@every_version("InitProducerId")
def timeouts_do_not_matter_without_a_transaction(side):
    for timeout in (0, -1, 2**31 - 1):
        init(side, transaction_timeout_ms=timeout)


@every_version("InitProducerId")
def an_empty_transactional_id(side):
    init(side, transactional_id="")


@every_version("InitProducerId", since=3)
def with_an_id_and_an_epoch(side):
    producer = init(side)["producer_id"]
    for producer_id, epoch in ((producer, 0), (producer, 5), (producer, -1), (-1, 0), (-2, -2), (producer, 32767),
                               (987654321, 3)):
        init(side, producer_id=producer_id, producer_epoch=epoch)
