/** Messages of magic 0 and 1, of which logs from before Kafka 0.11 consist. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { crc32, DecodeError, utf8, Writer } from "../../lib/bytes/mod.ts";
import type { CompressionName } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import {
  batchesOf,
  COMPRESSION_TYPES,
  CorruptBatchError,
  firstOffsetOf,
  LegacyBatch,
  recordsOf,
} from "../../lib/records/mod.ts";
import { xxhash32 } from "../../lib/records/compression/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { accepted, assertRejected, NOW } from "./append.ts";

interface MessageInit {
  readonly magic: 0 | 1;
  readonly offset: number;
  readonly timestamp?: number;
  readonly attributes?: number;
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
}

function message({ magic, offset, timestamp = -1, attributes = 0, key = null, value = null }: MessageInit): Uint8Array {
  const body = new Writer();
  body.int8(magic);
  body.int8(attributes);
  if (magic === 1) body.int64(BigInt(timestamp));
  for (const bytes of [key, value]) {
    body.int32(bytes?.length ?? -1);
    if (bytes !== null) body.bytes(bytes);
  }
  const bytes = body.finish();
  const framed = new Writer();
  framed.int64(BigInt(offset));
  framed.int32(bytes.length + 4);
  framed.uint32(crc32(bytes));
  framed.bytes(bytes);
  return framed.finish();
}

/** A compressed message around others. */
function wrapper(codec: CompressionName, init: MessageInit, inner: readonly Uint8Array[]): Uint8Array {
  const attributes = (init.attributes ?? 0) | COMPRESSION_TYPES.indexOf(codec);
  return message({ ...init, attributes, value: runtimeCompressor.compress(codec, concat(inner)) });
}

const records = (bytes: Uint8Array) =>
  [...batchesOf(bytes)].flatMap((batch) =>
    [...recordsOf(batch, runtimeCompressor)].map(({ offset, timestamp, value }) => [
      offset,
      timestamp,
      value === null ? null : new TextDecoder().decode(value),
    ])
  );

Deno.test("a message shows its header, and the values of a batch for what it lacks", () => {
  const [batch] = batchesOf(message({ magic: 1, offset: 7, timestamp: NOW, attributes: 8, value: utf8("v") }));
  assert(batch instanceof LegacyBatch);
  assertEquals([batch.magic, batch.lastOffset, batch.nextOffset, batch.sizeInBytes], [1, 7, 8, 35]);
  assertEquals([batch.maxTimestamp, batch.timestampType], [NOW, "LogAppendTime"]);
  assertEquals([batch.recordCount, batch.partitionLeaderEpoch, batch.producerId], [null, -1, -1n]);
  assertEquals(firstOffsetOf(batch, runtimeCompressor), 7);
  assert(batch.checksumOk());
});

Deno.test("messages of magic 0 have absolute offsets inside a wrapper, and no timestamps", () => {
  const inner = [message({ magic: 0, offset: 40, value: utf8("a") }), message({ magic: 0, offset: 43, value: null })];
  const bytes = wrapper("gzip", { magic: 0, offset: 43 }, inner);
  assertEquals(records(bytes), [[40, -1, "a"], [43, -1, null]]);
  const [batch] = batchesOf(bytes);
  assertEquals([batch.lastOffset, firstOffsetOf(batch, runtimeCompressor)], [43, 40]);
});

Deno.test("messages of magic 1 count from the first inside a wrapper", () => {
  const inner = [0, 1, 3].map((offset) => message({ magic: 1, offset, timestamp: NOW + offset, value: utf8("v") }));
  const expected = [[97, NOW, "v"], [98, NOW + 1, "v"], [100, NOW + 3, "v"]];
  for (const codec of ["gzip", "snappy", "lz4"] as const) {
    assertEquals(records(wrapper(codec, { magic: 1, offset: 100, timestamp: NOW + 3 }, inner)), expected, codec);
  }
});

Deno.test("the time of appending stands in the wrapper alone", () => {
  const inner = [0, 1].map((offset) => message({ magic: 1, offset, timestamp: 5, value: utf8("v") }));
  const bytes = wrapper("gzip", { magic: 1, offset: 1, timestamp: NOW, attributes: 8 }, inner);
  assertEquals(records(bytes), [[0, NOW, "v"], [1, NOW, "v"]]);
});

Deno.test("a wrapper at offset 0 does not shift the messages inside", () => {
  const inner = [0, 1].map((offset) => message({ magic: 1, offset, timestamp: 5, value: utf8("v") }));
  assertEquals(records(wrapper("gzip", { magic: 1, offset: 0, timestamp: 5 }, inner)), [[0, 5, "v"], [1, 5, "v"]]);
});

Deno.test("the LZ4 frames of old clients, with a header checksum of their own, are read in magic 0", () => {
  const inner = [message({ magic: 0, offset: 4, value: utf8("v") })];
  const frame = runtimeCompressor.compress("lz4", concat(inner)).slice();
  frame[6] = (xxhash32(frame, 0, 6) >>> 8) & 0xff;
  assertEquals(records(message({ magic: 0, offset: 4, attributes: 3, value: frame })), [[4, -1, "v"]]);
  const asMagic1 = message({ magic: 1, offset: 4, attributes: 3, value: frame });
  assertThrows(() => records(asMagic1), CorruptBatchError, "header");
});

Deno.test("wrappers that are malformed cause DecodeError", () => {
  const plain = message({ magic: 1, offset: 0, value: utf8("v") });
  const damaged = plain.slice();
  damaged[plain.length - 1] ^= 1;
  const tooShort = plain.slice();
  tooShort[11] = 5;
  const inner = wrapper("gzip", { magic: 1, offset: 0 }, [plain]);
  const cases: [string, Uint8Array, string][] = [
    ["no value", message({ magic: 1, offset: 0, attributes: 1 }), "no value"],
    ["nothing inside", wrapper("gzip", { magic: 1, offset: 0 }, []), "none inside"],
    ["a CRC inside that is wrong", wrapper("gzip", { magic: 1, offset: 0 }, [damaged]), "CRC"],
    ["a length inside that cannot be", wrapper("gzip", { magic: 1, offset: 0 }, [tooShort]), "length 5"],
    ["a wrapper in a wrapper", wrapper("gzip", { magic: 1, offset: 0 }, [inner]), "compressed itself"],
    [
      "an offset below those inside",
      wrapper("gzip", { magic: 1, offset: 2 }, [
        message({ magic: 1, offset: 3, value: utf8("v") }),
      ]),
      "below",
    ],
    ["zstd, which came later", message({ magic: 1, offset: 0, attributes: 4, value: utf8("v") }), "zstd"],
    ["a key beyond the end", withKeyLength(plain, 100), "key"],
  ];
  for (const [what, bytes, reason] of cases) assertThrows(() => records(bytes), DecodeError, reason, what);
});

function withKeyLength(bytes: Uint8Array, length: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setInt32(26, length);
  return copy;
}

Deno.test("a message set that is cut short at its end is read up to there", () => {
  const whole = message({ magic: 1, offset: 0, timestamp: 5, value: utf8("v") });
  const bytes = wrapper("gzip", { magic: 1, offset: 0, timestamp: 5 }, [whole, whole.subarray(0, 20)]);
  assertEquals(records(bytes), [[0, 5, "v"]]);
});

Deno.test("appended messages become one batch of magic 2", () => {
  const set = concat([
    message({ magic: 1, offset: 0, timestamp: NOW, key: utf8("a"), value: utf8("1") }),
    message({ magic: 1, offset: 0, timestamp: NOW + 1, key: utf8("b") }),
  ]);
  const batch = accepted(set);
  assertEquals([batch.magic, batch.baseOffset, batch.lastOffset, batch.compressionType], [2, 0, 1, "none"]);
  assertEquals([batch.baseTimestamp, batch.maxTimestamp, batch.producerId], [NOW, NOW + 1, -1n]);
  assertEquals(records(batch.bytes), [[0, NOW, "1"], [1, NOW + 1, null]]);

  const inner = [5, 9].map((offset) => message({ magic: 0, offset, value: utf8("v") }));
  const converted = accepted(wrapper("snappy", { magic: 0, offset: 9 }, inner));
  assertEquals([converted.compressionType, converted.maxTimestamp], ["snappy", -1]);
  assertEquals(records(converted.bytes), [[0, -1, "v"], [1, -1, "v"]]);

  const stamped = accepted(set, { messageTimestampType: "LogAppendTime", compressionType: "lz4" });
  assertEquals([stamped.compressionType, stamped.timestampType, stamped.maxTimestamp], ["lz4", "LogAppendTime", NOW]);
});

Deno.test("appended messages are refused as batches are", () => {
  const sound = message({ magic: 1, offset: 0, timestamp: NOW, value: utf8("v") });
  const damaged = sound.slice();
  damaged[damaged.length - 1] ^= 1;
  const old = message({ magic: 0, offset: 0, value: utf8("v") });
  const wrapped = wrapper("gzip", { magic: 1, offset: 0, timestamp: NOW }, [sound]);
  const badInside = wrapper("gzip", { magic: 1, offset: 0, timestamp: NOW }, [damaged]);
  const late = message({ magic: 1, offset: 0, timestamp: NOW * 2, value: utf8("v") });
  assertRejected(damaged, ErrorCode.CORRUPT_MESSAGE, /stored crc/);
  assertRejected(badInside, ErrorCode.CORRUPT_MESSAGE, /CRC/);
  assertRejected(
    concat([sound, old]),
    ErrorCode.INVALID_RECORD,
    /Batch magic 0 is not the same as the first .* byte 1/,
  );
  assertRejected(concat([wrapped, sound]), ErrorCode.INVALID_RECORD, /more than one batch/);
  assertRejected(late, ErrorCode.INVALID_TIMESTAMP, /invalid timestamp/);
});
