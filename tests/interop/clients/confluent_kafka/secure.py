"""The command of tests/interop/support/secure_clients.ts, on confluent-kafka (librdkafka)."""

import json
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition


def main():
    bootstrap, topic, text = sys.argv[1:]
    errors = []
    config = configuration(bootstrap, json.loads(text)) | {"error_cb": errors.append}
    failures = []
    producer = Producer(config | {"message.timeout.ms": 8000})
    producer.produce(topic, b"hello", on_delivery=lambda error, _: failures.append(error) if error else None)
    deadline = time.monotonic() + 10
    # It goes on trying also where it is told that its credentials are wrong.
    while len(producer) > 0 and not errors and time.monotonic() < deadline:
        producer.poll(0.1)
    if failures or len(producer) > 0:
        sys.exit(f"{[str(error) for error in errors]} {failures}")
    consumer = Consumer(config | {"group.id": "none", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    message = consumer.poll(10)
    print(message.value().decode() if message is not None and message.error() is None else f"failed: {errors}")
    consumer.close()


def configuration(bootstrap, security):
    names = {
        "protocol": "security.protocol",
        "mechanism": "sasl.mechanism",
        "username": "sasl.username",
        "password": "sasl.password",
        "ca": "ssl.ca.location",
    }
    config = {names[key]: value for key, value in security.items() if key in names}
    if "certificate" in security:
        config |= {"ssl.certificate.location": security["certificate"], "ssl.key.location": security["certificate"]}
    if "hostIsUnchecked" in security:
        config["ssl.endpoint.identification.algorithm"] = "none"
    if "token" in security:
        config["oauth_cb"] = lambda _: (security["token"], time.time() + 300)
        for key in ["sasl.username", "sasl.password"]:
            del config[key]
    return config | {"bootstrap.servers": bootstrap}


main()
