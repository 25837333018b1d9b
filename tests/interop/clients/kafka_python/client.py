"""The commands of tests/interop/support/clients.ts, on kafka-python."""

import sys
import threading
import time

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

TIMEOUT_S = 120


def main():
    verbs = {"produce": produce, "consume": consume, "admin": admin, "offsets": offsets, "member": member}
    verb, *arguments = sys.argv[1:]
    verbs[verb](*arguments)


def produce(bootstrap, topic, compression, file):
    compression_type = None if compression == "none" else compression
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type=compression_type)
    acknowledged = []
    with open(file, "rb") as lines:
        for line in lines:
            acknowledged.append(producer.send(topic, line.removesuffix(b"\n"), partition=0))
    producer.flush(TIMEOUT_S)
    for future in acknowledged:
        future.get(0)
    producer.close()


def consume(bootstrap, topic, count):
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    seen = 0
    deadline = time.monotonic() + TIMEOUT_S
    while seen < int(count):
        if time.monotonic() > deadline:
            sys.exit(f"only {seen} records came")
        for records in consumer.poll(1000, max_records=10_000).values():
            seen += len(records)
            sys.stdout.buffer.writelines(record.value + b"\n" for record in records)
    sys.stdout.buffer.flush()
    consumer.close()


def admin(bootstrap, topic):
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    wanted = {"num_partitions": 3, "replication_factor": 1, "configs": {"retention.ms": "3600000"}}
    client.create_topics({topic: wanted})
    print("created")
    describe(client, topic)
    client.create_partitions({topic: 5})
    print("grown")
    describe(client, topic)
    client.delete_topics([topic])
    print("deleted")
    print("listed:", is_listed(client, topic))
    client.close()


def describe(client, topic):
    print("listed:", is_listed(client, topic))
    [description] = client.describe_topics([topic])
    print("partitions:", *sorted(partition["partition_index"] for partition in description["partitions"]))
    configs = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    print("retention.ms:", configs["topic"][topic]["retention.ms"]["value"])


def is_listed(client, topic):
    return "true" if topic in client.list_topics() else "false"


def offsets(bootstrap, topic):
    hour_ago = int(time.time() * 1000) - 3_600_000
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for i in range(3):
        producer.send(topic, b"x", partition=0, timestamp_ms=hour_ago + 1000 * i).get(TIMEOUT_S)
    producer.close()
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    print("earliest:", consumer.beginning_offsets([partition])[partition])
    print("latest:", consumer.end_offsets([partition])[partition])
    for after in (500, 3000):
        found = consumer.offsets_for_times({partition: hour_ago + after})[partition]
        print(f"after {after} ms: {'none' if found is None else found.offset}")
    consumer.close()


def member(bootstrap, topic, group):
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=500,
    )
    consumer.subscribe([topic], listener=Teller(consumer))
    while not ended.is_set():
        # Where a poll ends in the midst of joining, this client sometimes never hears of its assignment, whatever the broker.
        fetched = consumer.poll(1000)
        for records in fetched.values():
            for record in records:
                print("record", record.partition, record.offset, record.value.decode(), flush=True)
        if fetched:
            consumer.commit()
    consumer.close()


class Teller(ConsumerRebalanceListener):
    """Prints what a member is assigned."""

    def __init__(self, consumer):
        self.consumer = consumer

    def on_partitions_revoked(self, revoked):
        print("assigned", flush=True)

    def on_partitions_assigned(self, assigned):
        print("assigned", *sorted(partition.partition for partition in self.consumer.assignment()), flush=True)


if __name__ == "__main__":
    main()
