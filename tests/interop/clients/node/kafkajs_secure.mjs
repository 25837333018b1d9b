// The command of tests/interop/support/secure_clients.ts, on kafkajs.
import { createRequire } from "node:module";
import { execPath, exit } from "node:process";
import { bootstrap, security, tls, topic } from "./secure.mjs";

// The packages were installed beside the Node that runs this.
const require = createRequire(execPath);
const { Kafka, logLevel } = require("kafkajs");

const kafka = new Kafka({
  brokers: [bootstrap],
  ssl: tls,
  sasl: sasl(),
  logLevel: logLevel.NOTHING,
  retry: { retries: 1 },
});
const producer = kafka.producer();
try {
  await producer.connect();
  await producer.send({ topic, messages: [{ value: "hello" }] });
  await producer.disconnect();
} catch (error) {
  console.error(String(error));
  exit(1);
}
const consumer = kafka.consumer({ groupId: `secure-${topic}` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await new Promise((resolve) =>
  consumer.run({
    eachMessage({ message }) {
      console.log(message.value.toString());
      resolve();
    },
  })
);
await consumer.disconnect();

function sasl() {
  const { mechanism, username, password, token } = security;
  if (mechanism === undefined) return undefined;
  if (mechanism === "OAUTHBEARER") return { mechanism: "oauthbearer", oauthBearerProvider: () => ({ value: token }) };
  return { mechanism: mechanism.toLowerCase(), username, password };
}
