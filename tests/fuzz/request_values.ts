/**
 * Requests that could be meant: fields have values that fit their names, and some that no sound client sends.
 *
 * @module
 */
import fc from "fast-check";
import { type Field, Message, type Type } from "../../lib/protocol/mod.ts";
import { type MessageVersion, valuesOfPrimitive } from "./message_values.ts";
import { batch } from "../interop/support/record_batch.ts";

/** What the broker has, so that requests can name it. */
export interface Existing {
  readonly topics: readonly string[];
  readonly topicIds: readonly string[];
  readonly nodeId: number;
}

/** Requests of one version of an API to a broker that has `existing`. */
export function requestsOf({ message, version }: MessageVersion, existing: Existing): fc.Arbitrary<object> {
  return new Values(existing, message, version).ofType("", message.type) as fc.Arbitrary<object>;
}

/** The longest string that the protocol has. */
const LONGEST = "x".repeat(0x7fff);

const EXTREME_INT32 = fc.constantFrom(0, -1, 1, -2, 0x7fffffff, -0x80000000, 1000);
const EXTREME_INT64 = fc.constantFrom(
  ...[
    0n,
    -1n,
    1n,
    -2n,
    -3n,
    -4n,
    -5n,
    -6n,
    1000n,
    1n << 40n,
    (1n << 53n) - 1n,
    1n << 53n,
    (1n << 63n) - 1n,
    -(1n << 63n),
  ],
);
const EXTREME_FLOAT64 = fc.constantFrom(NaN, Infinity, -Infinity, -0, -1, 0.5, 1e308, 5e-324, 1000);

/** Names that were made up to hurt. */
const HOSTILE_NAMES = fc.constantFrom(
  ...[
    "",
    LONGEST,
    ".",
    "..",
    "../../etc/passwd",
    "a/b",
    "a\u0000b",
    "\ud83d\ude00",
    "é".repeat(249),
    "a".repeat(249),
    "a".repeat(250),
  ],
  ...[
    "__cluster_metadata",
    "__consumer_offsets",
    "__transaction_state",
    "__proto__",
    "constructor",
    "toString",
    "orders_",
    "or.ders",
  ],
);

const CONFIG_NAMES = fc.constantFrom(
  ...["retention.ms", "retention.bytes", "cleanup.policy", "compression.type", "max.message.bytes", "segment.bytes"],
  ...["min.insync.replicas", "message.timestamp.type", "leader.replication.throttled.replicas", "flush.messages"],
  ...["log.retention.ms", "producer_byte_rate", "consumer_byte_rate", "request_percentage", "metadata.version", "root"],
  ...[
    "advertised.listeners",
    "log.cleaner.threads",
    "message.timestamp.after.max.ms",
    "index.interval.bytes",
    "segment.ms",
  ],
);
const CONFIG_VALUES = fc.constantFrom(
  ...[
    "",
    "0",
    "-1",
    "1",
    "1000",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "NaN",
    "1e3",
    "true",
  ],
  ...[
    "compact",
    "delete",
    "compact,delete",
    ",",
    "delete,delete",
    "gzip",
    "producer",
    "zstd",
    "0:1",
    "*",
    "LogAppendTime",
    LONGEST,
    "x",
  ],
);
const ENTITY_TYPES = fc.constantFrom("user", "client-id", "ip", "", "cluster", "127.0.0.1");

/** Waits are short, so that a run is. */
const WAITS_MS = fc.constantFrom(0, -1, 1, 5, -0x80000000);

class Values {
  readonly #version: number;
  readonly #flexible: boolean;
  readonly #names: fc.Arbitrary<string>;
  readonly #topicIds: fc.Arbitrary<unknown>;
  readonly #nodeIds: fc.Arbitrary<number>;

  constructor(existing: Existing, message: Message<unknown>, version: number) {
    this.#version = version;
    this.#flexible = message.isFlexible(version);
    this.#names = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...existing.topics) },
      { weight: 2, arbitrary: HOSTILE_NAMES },
      { weight: 1, arbitrary: valuesOfPrimitive("string") as fc.Arbitrary<string> },
    );
    this.#topicIds = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...existing.topicIds) },
      { weight: 1, arbitrary: fc.constant("AAAAAAAAAAAAAAAAAAAAAA") },
      { weight: 1, arbitrary: valuesOfPrimitive("uuid") },
    );
    this.#nodeIds = fc.oneof({ weight: 3, arbitrary: fc.constant(existing.nodeId) }, EXTREME_INT32);
  }

  /** Values of the type of a field that has this name; the elements of an array have the name of the array. */
  ofType(name: string, type: Type<unknown>): fc.Arbitrary<unknown> {
    switch (type.kind) {
      case "array":
        return this.#arrayOf(this.ofType(name, type.element!));
      case "struct":
        return fc.record(
          Object.fromEntries(Object.entries(type.fields!).map(([name, field]) => [name, this.#ofField(name, field)])),
          { noNullPrototype: true },
        );
      case "string":
        return this.#ofString(name);
      case "int32":
        return this.#ofInt32(name);
      case "int64":
        return fc.oneof(
          { weight: 2, arbitrary: EXTREME_INT64 },
          fc.bigInt({ min: -10n, max: 100n }),
          valuesOfPrimitive("int64"),
        );
      case "int16":
        return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -2, max: 6 }) }, valuesOfPrimitive("int16"));
      case "int8":
        return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 4, 8, 16, 32) }, valuesOfPrimitive("int8"));
      case "float64":
        return fc.oneof(EXTREME_FLOAT64, valuesOfPrimitive("float64"));
      case "uuid":
        return this.#topicIds;
      case "records":
        return RECORDS;
      default:
        return valuesOfPrimitive(type.kind);
    }
  }

  /** Mostly a few elements, and now and then the same one many times. */
  #arrayOf(element: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> {
    return fc.oneof(
      { weight: 8, arbitrary: fc.array(element, { maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.tuple(element, fc.integer({ min: 2, max: 20 })).map(([one, count]) => Array(count).fill(one)),
      },
    );
  }

  #ofField(name: string, field: Field<unknown>): fc.Arbitrary<unknown> {
    const isThere = isIn(field.versions, this.#version) && (field.tag === null || this.#flexible);
    if (!isThere) return fc.constant(field.default);
    const values = this.ofType(name, field.type);
    return isIn(field.nullable, this.#version) ? fc.option(values, { freq: 4 }) : values;
  }

  #ofString(name: string): fc.Arbitrary<string> {
    if (/^(config|key|feature)/i.test(name)) return fc.oneof({ weight: 5, arbitrary: CONFIG_NAMES }, HOSTILE_NAMES);
    if (/^value$/i.test(name)) return CONFIG_VALUES;
    if (/^entityType$/i.test(name)) return ENTITY_TYPES;
    if (/^(name|resourceName|match|entityName)$/i.test(name)) {
      return fc.oneof({ weight: 3, arbitrary: this.#names }, CONFIG_NAMES, this.#nodeIds.map(String));
    }
    return this.#names;
  }

  #ofInt32(name: string): fc.Arbitrary<number> {
    if (/wait|timeout/i.test(name)) return WAITS_MS;
    if (/^(brokerId|replicaId|brokerIds|replicas|nodeId|leaderId)$/i.test(name)) return this.#nodeIds;
    // As many as are asked for are made, so that the broker would be busy with nothing else.
    if (/^(numPartitions|count)$/.test(name)) return fc.constantFrom(-1, 0, 1, 2, 3, -0x80000000, 0x7fffffff, 10_001);
    return fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 0, max: 3 }) }, EXTREME_INT32);
  }
}

function isIn(range: Field<unknown>["nullable"], version: number): boolean {
  return range !== null && version >= range[0] && version <= range[1];
}

const CONTENT = fc.record({
  key: fc.option(fc.string({ maxLength: 3 })),
  value: fc.option(fc.string({ maxLength: 5 })),
});

/** Sound batches, and batches with a sound CRC whose header or records make no sense. */
const BATCHES = fc.tuple(
  fc.array(CONTENT, { maxLength: 4 }),
  fc.record({
    baseOffset: EXTREME_INT64,
    partitionLeaderEpoch: EXTREME_INT32,
    attributes: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0x7f })),
    lastOffsetDelta: EXTREME_INT32,
    baseTimestamp: EXTREME_INT64,
    maxTimestamp: EXTREME_INT64,
    producerId: fc.oneof(fc.bigInt({ min: 0n, max: 3n }), EXTREME_INT64),
    producerEpoch: fc.constantFrom(0, 1, -1, 0x7fff, -0x8000),
    baseSequence: fc.oneof(fc.integer({ min: 0, max: 5 }), EXTREME_INT32),
    recordCount: EXTREME_INT32,
  }, { requiredKeys: [], noNullPrototype: true }),
).map(([records, fields]) => batch(records, fields));

const RECORDS = fc.oneof(
  { weight: 8, arbitrary: BATCHES },
  { weight: 1, arbitrary: fc.tuple(BATCHES, BATCHES).map(([one, other]) => Uint8Array.from([...one, ...other])) },
  {
    weight: 1,
    arbitrary: fc.tuple(BATCHES, fc.nat(), fc.nat({ max: 255 })).map(([bytes, at, value]) =>
      bytes.with(at % bytes.length, value)
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
);
