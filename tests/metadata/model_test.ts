/**
 * Whatever is done to the metadata, and however often the broker stops, crashes and starts: what was answered is there.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ZERO_UUID } from "../../lib/bytes/mod.ts";
import { Metadata } from "../../lib/metadata/metadata.ts";
import type { Disk } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { memoryDisk, metadataOptions, newTopic, seededRandom } from "./support.ts";

type Step =
  | { readonly type: "create"; readonly topic: string; readonly partitions: number }
  | { readonly type: "delete"; readonly topic: string }
  | { readonly type: "grow"; readonly topic: string; readonly partitions: number }
  | { readonly type: "configure"; readonly topic: string; readonly value: string | null }
  | { readonly type: "take producer ids" }
  | { readonly type: "stop" }
  | { readonly type: "crash" };

const topic = fc.constantFrom("a", "b", "c.d", "c_d", "e/f");
const partitions = fc.integer({ min: 0, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("create" as const), topic, partitions }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("delete" as const), topic }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("grow" as const), topic, partitions }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("configure" as const),
      topic,
      value: fc.constantFrom("1", "22", "x", null),
    }),
  },
  fc.constant({ type: "take producer ids" as const }),
  fc.constant({ type: "stop" as const }),
  fc.constant({ type: "crash" as const }),
);

/** What must be there: for each topic its id, its partitions and its one config. */
type Model = Map<string, { readonly id: string; partitions: number; retentionMs: string | undefined }>;

Deno.test("what was answered survives stops, crashes and snapshots", async () => {
  const steps = fc.array(step, { maxLength: 60, size: "max" });
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 100, max: 2000 }), play), { numRuns: 60 });
});

/** @param bytesBetweenSnapshots so few that there are several snapshots */
async function play(steps: readonly Step[], bytesBetweenSnapshots: number): Promise<void> {
  const disk = memoryDisk();
  const logSettings = {
    maxBytesBetweenSnapshots: bytesBetweenSnapshots,
    retentionBytes: 3 * bytesBetweenSnapshots,
    segmentBytes: 3000,
  };
  // One source for all starts: ids must differ from one to the next, as with true chance.
  const random = seededRandom(bytesBetweenSnapshots);
  let owner = processOn(disk);
  const start = () => Metadata.open(metadataOptions(owner.disk, { logSettings, random }));
  const model: Model = new Map();
  let nextProducerId = 0n;
  let metadata = await start();
  for (const step of steps) {
    if (step.type === "stop" || step.type === "crash") {
      if (step.type === "stop") await metadata.close();
      owner.kill();
      owner = processOn(disk);
      metadata = await start();
    } else if (step.type === "take producer ids") {
      const { firstProducerId, size } = await metadata.allocateProducerIds();
      assertEquals(firstProducerId, nextProducerId);
      nextProducerId += BigInt(size);
    } else await change(metadata, step, model);
    assertEquals(seen(metadata), model);
  }
  await metadata.close();
}

/** What a killed process has opened: it takes everything, does nothing, and never resolves. */
const FILE_OF_THE_DEAD = new Proxy({}, { get: () => () => new Promise(() => {}) });

/** A process that uses a disk, and leaves it alone from the moment in which it is killed. */
function processOn(disk: Disk): { readonly disk: Disk; kill(): void } {
  let isAlive = true;
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, property) {
        const member = Reflect.get(inner, property);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          if (!isAlive) return property === "openSync" ? FILE_OF_THE_DEAD : new Promise(() => {});
          const result = member.apply(inner, args);
          if (result instanceof Promise) return result.then((value) => isAlive ? value : new Promise(() => {}));
          return property === "openSync" ? guard(result) : result;
        };
      },
    });
  return { disk: guard(disk), kill: () => isAlive = false };
}

async function change(
  metadata: Metadata,
  step: Extract<Step, { readonly topic: string }>,
  model: Model,
): Promise<void> {
  const { topic: name } = step;
  switch (step.type) {
    case "create": {
      const [{ errorCode, topicId }] = await metadata.createTopics({
        topics: [newTopic(name, step.partitions)],
        validateOnly: false,
      });
      if (errorCode !== ErrorCode.NONE) return;
      model.set(name, { id: topicId, partitions: step.partitions, retentionMs: undefined });
      return;
    }
    case "delete": {
      const [{ errorCode }] = await metadata.deleteTopics([{ name, topicId: ZERO_UUID }]);
      assertEquals(errorCode === ErrorCode.NONE, model.delete(name));
      return;
    }
    case "grow": {
      const topics = [{ name, count: step.partitions, assignments: null }];
      const [{ errorCode }] = await metadata.createPartitions({ topics, validateOnly: false });
      if (errorCode === ErrorCode.NONE) model.get(name)!.partitions = step.partitions;
      return;
    }
    case "configure": {
      const { value } = step;
      const configs = [{ name: "retention.ms", configOperation: value === null ? 1 : 0, value }];
      const resources = [{ resourceType: 2, resourceName: name, configs }];
      const [{ errorCode }] = await metadata.incrementalAlterConfigs({ resources, validateOnly: false });
      if (errorCode === ErrorCode.NONE) model.get(name)!.retentionMs = value ?? undefined;
    }
  }
}

function seen({ image }: Metadata): Model {
  return new Map(
    [...image.topics()].map(({ name, id, partitions }) => [name, {
      id,
      partitions: partitions.size,
      retentionMs: image.configs(2, name).get("retention.ms"),
    }]),
  );
}
