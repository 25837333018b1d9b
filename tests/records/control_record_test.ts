import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { ControlRecordType, KRaftVersionRecord } from "../../lib/protocol/records/mod.ts";
import {
  controlBatch,
  controlRecordTypeOf,
  coordinatorEpochOf,
  LogRecord,
  RecordBatch,
  recordsOf,
  transactionMarkerBatch,
} from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";

const withKey = (hex: string | null) => new LogRecord(0, -1, -1, hex === null ? null : Uint8Array.fromHex(hex), null);

Deno.test("a transaction marker says what it ends, for whom and by which coordinator", () => {
  for (const type of [ControlRecordType.ABORT, ControlRecordType.COMMIT] as const) {
    const marker = { type, producerId: 365380n, producerEpoch: 93, coordinatorEpoch: 11 };
    const batch = new RecordBatch(transactionMarkerBatch(marker, 1700000000696));
    assertEquals([batch.isControl, batch.isTransactional, batch.baseSequence], [true, true, -1]);
    assertEquals([batch.producerId, batch.producerEpoch, batch.maxTimestamp], [365380n, 93, 1700000000696]);
    const [record] = recordsOf(batch, runtimeCompressor);
    assertEquals([controlRecordTypeOf(record), coordinatorEpochOf(record)], [type, 11]);
  }
});

Deno.test("control records of the metadata log carry their message", () => {
  const value = KRaftVersionRecord.encode(0, { kRaftVersion: 1 });
  const batch = new RecordBatch(controlBatch(ControlRecordType.KRAFT_VERSION, value, 5, { baseOffset: 7 }));
  const [record] = recordsOf(batch, runtimeCompressor);
  assertEquals([record.offset, controlRecordTypeOf(record)], [7, ControlRecordType.KRAFT_VERSION]);
  assertEquals(record.value, value);
});

Deno.test("a type that is not known yet is told apart from a key that is damaged", () => {
  assertEquals(controlRecordTypeOf(withKey("00000063")), null);
  assertEquals(controlRecordTypeOf(withKey("0001000100ff")), ControlRecordType.COMMIT);
  for (const hex of [null, "", "000000", "ffff0001"]) {
    assertThrows(() => controlRecordTypeOf(withKey(hex)), DecodeError);
  }
  assertThrows(() => coordinatorEpochOf(withKey(null)), DecodeError);
});
