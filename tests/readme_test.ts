/** What the README says is held to the code. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { REGISTRY } from "../lib/api/registry.ts";
import { announcedVersions } from "../lib/protocol/messages/mod.ts";
import { type Client, CLIENTS, COMPRESSION_TYPES } from "./interop/support/clients.ts";
import { SECURE_CLIENTS } from "./interop/support/secure_clients.ts";

const README = await Deno.readTextFile(new URL("../README.md", import.meta.url));

Deno.test("the README's table of APIs is the registry", () => {
  const served = REGISTRY.map((api) => {
    const [first, last] = announcedVersions(api);
    return `${api.name} ${first}–${last}`;
  });
  const told = [...README.matchAll(/\| +(\w+) +\| +(\d+–\d+) +(?=\|)/g)].map(([, name, versions]) =>
    `${name} ${versions}`
  );
  assertEquals(told.toSorted(), served.toSorted());
});

Deno.test("the registry has each API once, by ascending key, as Apache Kafka tells them", () => {
  const keys = REGISTRY.map(({ key }) => key);
  assertEquals(keys, [...new Set(keys)].toSorted((a, b) => a - b));
});

Deno.test("the README's two commands are those of the script", async () => {
  const script = await Deno.readTextFile(new URL("../your_program.sh", import.meta.url));
  assertStringIncludes(README, "./your_program.sh test");
  assertStringIncludes(script, "test [file or folder …]");
});

Deno.test("the README's table of clients has each program of the interop tests, with the version that they install", () => {
  const clients = CLIENTS.map((client) => {
    return [client.name, versionOf(client.name), codecs(client), client.consumes ? "yes" : "in groups"];
  });
  const others = ["Kafka Streams", "Kafka Connect", "Apache Kafka's tools"].map((
    name,
  ) => [name, versionOf(name), "", ""]);
  assertEquals(clientTable().map(({ client, version, codecs, reads }) => [client, version, codecs, reads]), [
    ...clients,
    ...others,
  ]);
});

Deno.test("the README's table of clients tells which of them are tried with TLS and SASL", () => {
  const tried = SECURE_CLIENTS.map(({ name, cannot }) => [name, cannot === undefined ? "all" : `all but ${cannot}`]);
  const told = clientTable().filter(({ secured }) => secured !== "").map(({ client, secured }) => [client, secured]);
  assertEquals(told, tried);
});

Deno.test("the README's table of clients claims nothing that no interop test shows", async () => {
  const shows = async (test: string, words: string) =>
    assertStringIncludes(await Deno.readTextFile(new URL(`./interop/${test}_test.ts`, import.meta.url)), words);
  for (const { client, transactions, newerGroups } of clientTable()) {
    const named = `client("${client}")`;
    if (transactions !== "") {
      await shows(client === "Kafka Streams" ? "streams" : "transactions", TRANSACTIONS[client] ?? named);
    }
    if (newerGroups.includes("consumer")) {
      await shows("consumer_groups", MEMBERS[client] ?? named);
    }
    if (newerGroups.includes("share")) await shows("share_groups", "ShareMember");
    if (newerGroups.includes("streams")) await shows("streams", '"streams"');
  }
});

/** Where a test of transactions names no client: kcat is told by an option, Kafka Streams by its guarantee. */
const TRANSACTIONS: Readonly<Record<string, string>> = {
  "kcat": "transactional.id=",
  "Kafka Streams": "exactly_once_v2",
};

/** Clients with a program of its own for groups of the consumer protocol. */
const MEMBERS: Readonly<Record<string, string>> = {
  "Java client": "client: javaMember",
  "@platformatic/kafka": "client: platformaticMember",
};

/** Where the version of a program is said: a file of tests/interop, and what stands before it. */
const PINS: Readonly<Record<string, readonly [string, string]>> = {
  "franz-go": ["clients/franz_go/go.mod", "twmb/franz-go v"],
  "sarama": ["clients/sarama/go.mod", "IBM/sarama v"],
  "kafka-go": ["clients/kafka_go/go.mod", "segmentio/kafka-go v"],
  "Java client": ["clients/java/pom.xml", "<artifactId>kafka-clients</artifactId>\n      <version>"],
  "confluent-kafka": ["clients/requirements.txt", "confluent-kafka=="],
  "kafka-python": ["clients/requirements.txt", "kafka-python=="],
  "aiokafka": ["clients/requirements.txt", "aiokafka=="],
  "kafkajs": ["clients/node/package.json", '"kafkajs": "'],
  "@platformatic/kafka": ["clients/node/package.json", '"@platformatic/kafka": "'],
  "Kafka Streams": ["clients/streams/pom.xml", "<artifactId>kafka-streams</artifactId>\n      <version>"],
  "Kafka Connect": ["pom.xml", "<artifactId>connect-file</artifactId>\n      <version>"],
  "Apache Kafka's tools": ["pom.xml", "<artifactId>kafka-tools</artifactId>\n      <version>"],
};

function versionOf(name: string): string {
  // It comes from the system's packages.
  if (name === "kcat") return "Debian's";
  const [file, before] = PINS[name];
  const text = Deno.readTextFileSync(new URL(`./interop/${file}`, import.meta.url));
  return /^[\d.]+/.exec(text.slice(text.indexOf(before) + before.length))?.[0] ?? "no version";
}

function codecs({ compressionTypes }: Client): string {
  return compressionTypes.length === COMPRESSION_TYPES.length ? "all" : compressionTypes.join(", ");
}

function clientTable() {
  const [, rows] = /<!-- clients:.*\n\n.*\n.*\n((?:\|.*\n)+)/.exec(README)!;
  return rows.trimEnd().split("\n").map((row) => {
    const [client, version, codecs, reads, groups, transactions, newerGroups, secured] = row.split("|").slice(1)
      .map((cell) => cell.trim());
    return { client, version, codecs, reads, groups, transactions, newerGroups, secured };
  });
}
