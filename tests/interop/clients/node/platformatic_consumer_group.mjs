// The command `member` of tests/interop/support/clients.ts, on @platformatic/kafka
// and the consumer protocol of groups (KIP-848).
import { createRequire } from "node:module";
import { argv, execPath, stdin } from "node:process";

// The package was installed beside the Node that runs this.
const { Consumer } = createRequire(execPath)("@platformatic/kafka");

const [, bootstrap, topic, groupId] = argv.slice(2);
const consumer = new Consumer({
  clientId: "interop",
  bootstrapBrokers: [bootstrap],
  retries: 10,
  groupId,
  groupProtocol: "consumer",
});

let told = "";
// Each heartbeat may have brought another assignment.
consumer.on("consumer:heartbeat:end", () => {
  const assigned = consumer.assignments?.find((of) => of.topic === topic);
  const partitions = (assigned?.partitions ?? []).toSorted((a, b) => a - b);
  const line = ["assigned", ...partitions].join(" ");
  if (line !== told) console.log(told = line);
});
const stream = await consumer.consume({
  topics: [topic],
  autocommit: false,
  mode: "committed",
  fallbackMode: "earliest",
});
stdin.resume();
stdin.on("end", () => consumer.close(true));
for await (const message of stream) {
  console.log(`record ${message.partition} ${message.offset} ${message.value}`);
  await message.commit();
}
