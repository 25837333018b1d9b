/**
 * Records of Kafka's logs against input of every kind: only a DecodeError may come of it.
 *
 * @module
 */
import fc from "fast-check";
import { DecodeError } from "../../lib/bytes/mod.ts";
import * as records from "../../lib/protocol/records/mod.ts";
import { check } from "./repeatable.ts";

const FILE = "tests/fuzz/records_test.ts";

const bytes = fc.uint8Array({ maxLength: 60, size: "max" });
const small = fc.integer({ min: 0, max: 30 });

/** Bytes that begin as a frame of a metadata record, and go on as they like. */
const framed = fc.oneof(
  bytes,
  fc.tuple(small, small, bytes).map(([key, version, body]) => Uint8Array.of(1, key, version, ...body)),
);

/** Bytes that begin with a small int16, and go on as they like. */
const prefixed = fc.oneof(bytes, fc.tuple(small, bytes).map(([prefix, body]) => Uint8Array.of(0, prefix, ...body)));

Deno.test("records with a frame are read, unknown, or a DecodeError", () => {
  check(
    FILE,
    5000,
    fc.property(framed, (input) => {
      refusesOrReads(() => records.decodeMetadataRecord(input));
      refusesOrReads(() => records.decodeRemoteLogRecord(input));
    }),
  );
});

Deno.test("records of coordinators are read, unknown, or a DecodeError", () => {
  check(
    FILE,
    5000,
    fc.property(prefixed, fc.option(prefixed), (key, value) => {
      refusesOrReads(() => records.decodeGroupRecord({ key, value }));
      refusesOrReads(() => records.decodeTransactionRecord({ key, value }));
      refusesOrReads(() => records.decodeShareStateRecord({ key, value }));
    }),
  );
});

Deno.test("what members of groups tell each other is read, or a DecodeError", () => {
  check(
    FILE,
    5000,
    fc.property(prefixed, (input) => {
      refusesOrReads(() => records.decodeConsumerProtocolSubscription(input));
      refusesOrReads(() => records.decodeConsumerProtocolAssignment(input));
    }),
  );
});

function refusesOrReads(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}
