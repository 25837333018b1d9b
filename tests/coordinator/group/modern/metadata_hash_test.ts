import { assertEquals } from "@std/assert";
import { MetadataHashes } from "../../../../lib/coordinator/group/modern/metadata_hash.ts";
import { MetadataImage, metadataRecord } from "../../../../lib/metadata/mod.ts";

/** Made with `Utils.computeTopicHash` and `computeGroupHash` of Apache Kafka 4.3.1; broker 1 has a rack. */
const TOPICS = [
  { name: "orders", id: "AQIDBAUGBwgREhMUFRYXGA", partitions: 1, broker: 2, hash: -7000375844134347792n },
  { name: "payments", id: "AgQGCAoMDhAiJCYoKiwuMA", partitions: 3, broker: 1, hash: 5304761769893310305n },
  { name: "a.b_c-d", id: "AwYJDA8SFRgzNjk8P0JFSA", partitions: 50, broker: 1, hash: -5122750050061426830n },
  { name: "events", id: "BAgMEBQYHCBESExQVFhcYA", partitions: 1000, broker: 2, hash: -7492015819242248438n },
];
const HASH_OF_ALL = 6355708203337932422n;

function image(): MetadataImage {
  const image = new MetadataImage();
  for (const [brokerId, rack] of [[1, "rack-a"], [2, null]] as const) {
    image.replay(metadataRecord("RegisterBrokerRecord", { brokerId, rack }));
  }
  for (const { name, id: topicId, partitions, broker } of TOPICS) {
    image.replay(metadataRecord("TopicRecord", { name, topicId }));
    for (let partitionId = 0; partitionId < partitions; partitionId++) {
      image.replay(metadataRecord("PartitionRecord", { topicId, partitionId, replicas: [broker] }));
    }
  }
  return image;
}

Deno.test("the hash of a group's topics is that of Apache Kafka, with and without racks", () => {
  for (const { name, hash } of TOPICS) assertEquals(new MetadataHashes().of([name], image()), hash, name);
  assertEquals(new MetadataHashes().of(TOPICS.map(({ name }) => name), image()), HASH_OF_ALL);
});

Deno.test("topics that are not there do not count, and no topics hash to 0", () => {
  assertEquals(new MetadataHashes().of(["absent"], image()), 0n);
  assertEquals(new MetadataHashes().of(["absent", "orders"], image()), TOPICS[0].hash);
});

Deno.test("a topic's hash is remembered until it changes", () => {
  const hashes = new MetadataHashes();
  const topics = image();
  const before = hashes.of(["orders"], topics);
  topics.replay(metadataRecord("PartitionRecord", { topicId: TOPICS[0].id, partitionId: 1, replicas: [2] }));
  assertEquals(hashes.of(["orders"], topics), before);
  hashes.forget(["orders"]);
  assertEquals(hashes.of(["orders"], topics) === before, false);
});
