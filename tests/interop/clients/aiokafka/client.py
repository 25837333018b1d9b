"""The commands of tests/interop/support/clients.ts, on aiokafka."""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

TIMEOUT_S = 120
ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}


def main():
    verbs = {"produce": produce, "consume": consume, "admin": admin, "offsets": offsets, "member": member}
    verb, *arguments = sys.argv[1:]
    asyncio.run(verbs[verb](*arguments))


async def produce(bootstrap, topic, compression, file):
    compression_type = None if compression == "none" else compression
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, compression_type=compression_type
    )
    async with producer:
        acknowledged = []
        with open(file, "rb") as lines:
            for line in lines:
                acknowledged.append(await producer.send(topic, line.removesuffix(b"\n"), partition=0))
        await asyncio.gather(*acknowledged)


async def consume(bootstrap, topic, count):
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        seen = 0
        deadline = time.monotonic() + TIMEOUT_S
        while seen < int(count):
            if time.monotonic() > deadline:
                sys.exit(f"only {seen} records came")
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                seen += len(records)
                sys.stdout.buffer.writelines(record.value + b"\n" for record in records)
    sys.stdout.buffer.flush()


async def admin(bootstrap, topic):
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        wanted = NewTopic(topic, num_partitions=3, replication_factor=1, topic_configs={"retention.ms": "3600000"})
        await client.create_topics([wanted])
        print("created")
        await describe(client, topic)
        await client.create_partitions({topic: NewPartitions(5)})
        print("grown")
        await describe(client, topic)
        await client.delete_topics([topic])
        print("deleted")
        print("listed:", await is_listed(client, topic))
    finally:
        await client.close()


async def describe(client, topic):
    print("listed:", await is_listed(client, topic))
    [description] = await client.describe_topics([topic])
    print("partitions:", *sorted(partition["partition"] for partition in description["partitions"]))
    [response] = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [resource] = response.resources
    *_, entries = resource
    print("retention.ms:", next(value for name, value, *_ in entries if name == "retention.ms"))


async def is_listed(client, topic):
    return "true" if topic in await client.list_topics() else "false"


async def offsets(bootstrap, topic):
    hour_ago = int(time.time() * 1000) - 3_600_000
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for i in range(3):
            await producer.send_and_wait(topic, b"x", partition=0, timestamp_ms=hour_ago + 1000 * i)
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        print("earliest:", (await consumer.beginning_offsets([partition]))[partition])
        print("latest:", (await consumer.end_offsets([partition]))[partition])
        for after in (500, 3000):
            found = (await consumer.offsets_for_times({partition: hour_ago + after}))[partition]
            print(f"after {after} ms: {'none' if found is None else found.offset}")


async def member(bootstrap, topic, group, strategy):
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=500,
        partition_assignment_strategy=(ASSIGNORS[strategy],),
    )
    consumer.subscribe([topic], listener=Teller())
    async with consumer:
        while not ended.done():
            fetched = await consumer.getmany(timeout_ms=100)
            for records in fetched.values():
                for record in records:
                    print("record", record.partition, record.offset, record.value.decode(), flush=True)
            if fetched:
                await consumer.commit()


class Teller(ConsumerRebalanceListener):
    """Prints what a member is assigned."""

    def on_partitions_revoked(self, revoked):
        print("assigned", flush=True)

    def on_partitions_assigned(self, assigned):
        print("assigned", *sorted(partition.partition for partition in assigned), flush=True)


if __name__ == "__main__":
    main()
