"""The commands of tests/interop/transactions_test.ts, on confluent-kafka (librdkafka)."""

import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

TIMEOUT_S = 60
RECORDS = 5


def main():
    verb, *arguments = sys.argv[1:]
    {"transact": transact, "committed": committed}[verb](*arguments)


def transact(bootstrap, topic, group):
    first = producer(bootstrap, topic)
    consumer = open_consumer(bootstrap, group)
    consumer.subscribe([f"{topic}-input"])
    first.init_transactions(TIMEOUT_S)
    process(first, consumer, topic, "committed")
    first.commit_transaction(TIMEOUT_S)
    process(first, consumer, topic, "aborted")
    first.abort_transaction(TIMEOUT_S)
    consumer.close()
    first.begin_transaction()
    first.produce(topic, b"fenced", partition=0)
    first.flush(TIMEOUT_S)
    second = producer(bootstrap, topic)
    second.init_transactions(TIMEOUT_S)
    second.begin_transaction()
    second.produce(topic, b"after", partition=0)
    second.commit_transaction(TIMEOUT_S)
    try:
        first.commit_transaction(TIMEOUT_S)
        print("not fenced")
    except KafkaException as exception:
        error = exception.args[0]
        print("fenced" if error.fatal() else f"not fenced: {error}")


def process(writer, consumer, topic, word):
    """Reads some records, and writes as many, and what was read, as one transaction."""
    writer.begin_transaction()
    for message in read(consumer, RECORDS):
        writer.produce(topic, f"{word} {message.value().decode()}".encode(), partition=0)
    offsets = consumer.position(consumer.assignment())
    writer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), TIMEOUT_S)


def read(consumer, count):
    messages = []
    while len(messages) < count:
        for message in consumer.consume(count - len(messages), TIMEOUT_S):
            if message.error() is not None:
                sys.exit(str(message.error()))
            messages.append(message)
    return messages


def committed(bootstrap, topic, count):
    consumer = open_consumer(bootstrap, "none")
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    for message in read(consumer, int(count)):
        print(message.value().decode())
    consumer.close()


def producer(bootstrap, transactional_id):
    return Producer({"bootstrap.servers": bootstrap, "transactional.id": transactional_id})


def open_consumer(bootstrap, group):
    return Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
    })


if __name__ == "__main__":
    main()
