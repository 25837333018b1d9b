"""The commands of tests/interop/support/clients.ts, on confluent-kafka (librdkafka)."""

import sys
import threading
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic, ResourceType

TIMEOUT_S = 120


def main():
    verbs = {"produce": produce, "consume": consume, "admin": admin, "offsets": offsets, "member": member}
    verb, *arguments = sys.argv[1:]
    verbs[verb](*arguments)


def produce(bootstrap, topic, compression, file):
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "compression.type": compression})
    failures = []

    def delivered(error, _message):
        if error is not None:
            failures.append(error)

    with open(file, "rb") as lines:
        for line in lines:
            send(producer, topic, line.removesuffix(b"\n"), delivered)
    left = producer.flush(TIMEOUT_S)
    if failures or left:
        sys.exit(f"{len(failures)} records failed, {left} are unsent: {failures[:1]}")


def send(producer, topic, value, delivered):
    while True:
        try:
            producer.produce(topic, value, partition=0, on_delivery=delivered)
            producer.poll(0)
            return
        except BufferError:
            producer.poll(1)


def consume(bootstrap, topic, count):
    consumer = open_consumer(bootstrap)
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    seen = 0
    deadline = time.monotonic() + TIMEOUT_S
    while seen < int(count):
        if time.monotonic() > deadline:
            sys.exit(f"only {seen} records came")
        for message in consumer.consume(10_000, 1):
            if message.error() is not None:
                sys.exit(str(message.error()))
            seen += 1
            sys.stdout.buffer.write(message.value() + b"\n")
    sys.stdout.buffer.flush()
    consumer.close()


def open_consumer(bootstrap):
    # The library asks for a group's name; nothing joins it, since partitions are assigned and nothing is committed.
    return Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False})


def admin(bootstrap, topic):
    client = AdminClient({"bootstrap.servers": bootstrap})
    done(client.create_topics([NewTopic(topic, 3, 1, config={"retention.ms": "3600000"})]))
    print("created")
    describe(client, topic)
    done(client.create_partitions([NewPartitions(topic, 5)]))
    print("grown")
    describe(client, topic)
    done(client.delete_topics([topic]))
    print("deleted")
    print(f"listed: {is_listed(client, topic)}")


def describe(client, topic):
    print(f"listed: {is_listed(client, topic)}")
    partitions = sorted(client.list_topics(topic).topics[topic].partitions)
    print("partitions:", *partitions)
    [config] = done(client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))
    print(f"retention.ms: {config['retention.ms'].value}")


def is_listed(client, topic):
    return "true" if topic in client.list_topics().topics else "false"


def done(futures):
    return [future.result(TIMEOUT_S) for future in futures.values()]


def offsets(bootstrap, topic):
    hour_ago = int(time.time() * 1000) - 3_600_000
    producer = Producer({"bootstrap.servers": bootstrap})
    for i in range(3):
        producer.produce(topic, b"x", timestamp=hour_ago + 1000 * i)
        producer.flush(TIMEOUT_S)
    consumer = open_consumer(bootstrap)
    earliest, latest = consumer.get_watermark_offsets(TopicPartition(topic, 0))
    print(f"earliest: {earliest}")
    print(f"latest: {latest}")
    for after in (500, 3000):
        [found] = consumer.offsets_for_times([TopicPartition(topic, 0, hour_ago + after)], TIMEOUT_S)
        print(f"after {after} ms: {found.offset if found.offset >= 0 else 'none'}")
    consumer.close()


def member(bootstrap, topic, group, strategy="range", protocol="classic"):
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    # In the consumer protocol these are the broker's to say, and the strategy is an assignor of the broker.
    if protocol == "consumer":
        ours = {"group.protocol": "consumer", "group.remote.assignor": strategy}
    else:
        ours = {"heartbeat.interval.ms": 500, "partition.assignment.strategy": strategy}
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        **ours,
    })
    owned = set()

    def change(partitions, is_owned):
        for partition in partitions:
            (owned.add if is_owned else owned.discard)(partition.partition)
        print("assigned", *sorted(owned), flush=True)

    consumer.subscribe(
        [topic],
        on_assign=lambda _, partitions: change(partitions, True),
        on_revoke=lambda _, partitions: change(partitions, False),
    )
    while not ended.is_set():
        messages = consumer.consume(100, 0.1)
        for message in messages:
            if message.error() is not None:
                sys.exit(str(message.error()))
            print("record", message.partition(), message.offset(), message.value().decode(), flush=True)
        if messages:
            consumer.commit(asynchronous=False)
    consumer.close()


if __name__ == "__main__":
    main()
