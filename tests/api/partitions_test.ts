import { assertEquals } from "@std/assert";
import type { BrokerServices } from "../../lib/api/mod.ts";
import { findLog } from "../../lib/api/partitions.ts";
import type { TopicImage } from "../../lib/metadata/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { World } from "../log/support.ts";

Deno.test("a log whose device has failed is not there for any request: what it was does not hold any more", () => {
  const log = new World().create();
  const services = { logs: { get: () => log } } as unknown as BrokerServices;
  const topic = { name: "t", partitions: new Map([[0, {}]]) } as unknown as TopicImage;
  assertEquals(findLog(services, topic, 0), { errorCode: ErrorCode.NONE, log });
  log.goOffline("The disk has failed");
  assertEquals(findLog(services, topic, 0), { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, log: null });
  assertEquals(findLog(services, topic, 1), { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, log: null });
});
