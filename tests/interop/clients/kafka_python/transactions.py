"""The commands of tests/interop/transactions_test.ts, on kafka-python."""

import sys

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import InvalidProducerEpochError, ProducerFencedError

TIMEOUT_S = 60
RECORDS = 5


def main():
    verb, *arguments = sys.argv[1:]
    {"transact": transact, "committed": committed}[verb](*arguments)


def transact(bootstrap, topic, group):
    first = producer(bootstrap, topic)
    consumer = open_consumer(bootstrap, group)
    consumer.subscribe([f"{topic}-input"])
    process(first, consumer, topic, "committed")
    first.commit_transaction()
    process(first, consumer, topic, "aborted")
    first.abort_transaction()
    consumer.close()
    first.begin_transaction()
    first.send(topic, b"fenced", partition=0).get(TIMEOUT_S)
    second = producer(bootstrap, topic)
    second.begin_transaction()
    second.send(topic, b"after", partition=0)
    second.commit_transaction()
    try:
        first.commit_transaction()
        print("not fenced")
    except (InvalidProducerEpochError, ProducerFencedError):
        print("fenced")
    first.close()
    second.close()


def process(writer, consumer, topic, word):
    """Reads some records, and writes as many, and what was read, as one transaction."""
    writer.begin_transaction()
    offsets = {}
    for record in read(consumer, RECORDS):
        writer.send(topic, f"{word} {record.value.decode()}".encode(), partition=0)
        offsets[TopicPartition(record.topic, record.partition)] = OffsetAndMetadata(record.offset + 1, "", -1)
    writer.send_offsets_to_transaction(offsets, consumer.group_metadata())


def read(consumer, count):
    records = []
    while len(records) < count:
        for some in consumer.poll(TIMEOUT_S * 1000, max_records=count - len(records)).values():
            records += some
    return records


def committed(bootstrap, topic, count):
    partition = TopicPartition(topic, 0)
    consumer = open_consumer(bootstrap, None)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    for record in read(consumer, int(count)):
        print(record.value.decode())
    consumer.close()


def producer(bootstrap, transactional_id):
    opened = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=transactional_id)
    opened.init_transactions()
    return opened


def open_consumer(bootstrap, group):
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )


if __name__ == "__main__":
    main()
