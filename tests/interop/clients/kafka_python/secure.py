"""The command of tests/interop/support/secure_clients.ts, on kafka-python."""

import json
import logging
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.net.sasl.oauth import AbstractTokenProvider

TIMEOUT_S = 8
# It tries so long also where it is told that its credentials are wrong.
BOOTSTRAP_TIMEOUT_MS = 1500


def main():
    # Why it cannot connect is in its log alone.
    logging.basicConfig(level=logging.ERROR)
    bootstrap, topic, text = sys.argv[1:]
    config = configuration(bootstrap, json.loads(text))
    try:
        producer = KafkaProducer(max_block_ms=TIMEOUT_S * 1000, **config)
        producer.send(topic, b"hello").get(TIMEOUT_S)
        producer.close()
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
    consumer = KafkaConsumer(enable_auto_commit=False, consumer_timeout_ms=TIMEOUT_S * 1000, **config)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    print(next(consumer).value.decode())
    consumer.close()


def configuration(bootstrap, security):
    names = {
        "protocol": "security_protocol",
        "mechanism": "sasl_mechanism",
        "username": "sasl_plain_username",
        "password": "sasl_plain_password",
        "ca": "ssl_cafile",
    }
    config = {names[key]: value for key, value in security.items() if key in names}
    if "certificate" in security:
        config |= {"ssl_certfile": security["certificate"], "ssl_keyfile": security["certificate"]}
    if "token" in security:
        config["sasl_oauth_token_provider"] = Token(security["token"])
        for key in ["sasl_plain_username", "sasl_plain_password"]:
            del config[key]
    return config | {"bootstrap_servers": bootstrap, "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS}


class Token(AbstractTokenProvider):
    def __init__(self, text):
        super().__init__()
        self._text = text

    def token(self):
        return self._text


main()
