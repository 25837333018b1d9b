"""The command of tests/interop/support/secure_clients.ts, on aiokafka."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import AbstractTokenProvider
from aiokafka.helpers import create_ssl_context

TIMEOUT_S = 8


async def main():
    bootstrap, topic, text = sys.argv[1:]
    config = configuration(bootstrap, json.loads(text))
    producer = AIOKafkaProducer(**config)
    try:
        await asyncio.wait_for(producer.start(), TIMEOUT_S)
        await asyncio.wait_for(producer.send_and_wait(topic, b"hello"), TIMEOUT_S)
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
    finally:
        await producer.stop()
    async with AIOKafkaConsumer(enable_auto_commit=False, **config) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        message = await asyncio.wait_for(consumer.getone(), TIMEOUT_S)
        print(message.value.decode())


def configuration(bootstrap, security):
    names = {
        "protocol": "security_protocol",
        "mechanism": "sasl_mechanism",
        "username": "sasl_plain_username",
        "password": "sasl_plain_password",
    }
    config = {names[key]: value for key, value in security.items() if key in names}
    if "ca" in security:
        certificate = security.get("certificate")
        config["ssl_context"] = create_ssl_context(cafile=security["ca"], certfile=certificate, keyfile=certificate)
    if "token" in security:
        config["sasl_oauth_token_provider"] = Token(security["token"])
        for key in ["sasl_plain_username", "sasl_plain_password"]:
            del config[key]
    return config | {"bootstrap_servers": bootstrap}


class Token(AbstractTokenProvider):
    def __init__(self, text):
        self._text = text

    async def token(self):
        return self._text


asyncio.run(main())
