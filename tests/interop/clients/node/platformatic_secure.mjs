// The command of tests/interop/support/secure_clients.ts, on @platformatic/kafka.
import { createRequire } from "node:module";
import { execPath, exit } from "node:process";
import { bootstrap, security, tls, topic } from "./secure.mjs";

// The package was installed beside the Node that runs this.
const require = createRequire(execPath);
const { Consumer, MessagesStreamModes, Producer, stringDeserializers, stringSerializers } = require(
  "@platformatic/kafka",
);

const { mechanism, username, password, token } = security;
const credentials = mechanism === "OAUTHBEARER" ? { mechanism, token } : { mechanism, username, password };
const options = {
  clientId: "secure",
  bootstrapBrokers: [bootstrap],
  autocreateTopics: true,
  retries: 1,
  retryDelay: 100,
  timeout: 5000,
  ...(tls === undefined ? {} : { tls: { ...tls, servername: "localhost" } }),
  ...(mechanism === undefined ? {} : { sasl: credentials }),
};
try {
  const producer = new Producer({ ...options, retries: 5, serializers: stringSerializers });
  await producer.send({ messages: [{ topic, value: "hello" }] });
  await producer.close();
} catch (error) {
  console.error([...new Set(messages(error))].join("; "));
  exit(1);
}
const consumer = new Consumer({ ...options, groupId: `secure-${topic}`, deserializers: stringDeserializers });
const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST });
for await (const { value } of stream) {
  console.log(value);
  break;
}
exit(0);

function messages(error) {
  return [error.message, ...(error.errors ?? []).flatMap(messages), ...(error.cause ? messages(error.cause) : [])];
}
