"""The commands of tests/interop/transactions_test.ts, on aiokafka."""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

TIMEOUT_MS = 60_000
RECORDS = 5


def main():
    verb, *arguments = sys.argv[1:]
    asyncio.run({"transact": transact, "committed": committed}[verb](*arguments))


async def transact(bootstrap, topic, group):
    first = producer(bootstrap, topic)
    consumer = open_consumer(bootstrap, group)
    consumer.subscribe([f"{topic}-input"])
    async with first:
        async with consumer:
            await process(first, consumer, topic, group, "committed")
            await first.commit_transaction()
            await process(first, consumer, topic, group, "aborted")
            await first.abort_transaction()
        await first.begin_transaction()
        await first.send_and_wait(topic, b"fenced", partition=0)
        async with producer(bootstrap, topic) as second:
            async with second.transaction():
                await second.send(topic, b"after", partition=0)
        try:
            await first.commit_transaction()
            print("not fenced")
        except (InvalidProducerEpoch, ProducerFenced):
            print("fenced")


async def process(writer, consumer, topic, group, word):
    """Reads some records, and writes as many, and what was read, as one transaction."""
    await writer.begin_transaction()
    offsets = {}
    for record in await read(consumer, RECORDS):
        await writer.send(topic, f"{word} {record.value.decode()}".encode(), partition=0)
        offsets[TopicPartition(record.topic, record.partition)] = record.offset + 1
    await writer.send_offsets_to_transaction(offsets, group)


async def read(consumer, count):
    records = []
    while len(records) < count:
        fetched = await consumer.getmany(timeout_ms=TIMEOUT_MS, max_records=count - len(records))
        for some in fetched.values():
            records += some
    return records


async def committed(bootstrap, topic, count):
    partition = TopicPartition(topic, 0)
    async with open_consumer(bootstrap, None) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        for record in await read(consumer, int(count)):
            print(record.value.decode())


def producer(bootstrap, transactional_id):
    return AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=transactional_id)


def open_consumer(bootstrap, group):
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )


if __name__ == "__main__":
    main()
