/**
 * Every record of Kafka's own logs and files in the bytes that Apache Kafka's own serializers made, bare and in its frame.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Json, stringifyJson, toJson } from "../../lib/protocol/json.ts";
import { crc32c } from "../../lib/bytes/mod.ts";
import * as records from "../../lib/protocol/records/mod.ts";
import { type Init, Message } from "../../lib/protocol/schema.ts";
import { assertJson, checkMessageVector, fromHex, type MessageVector, toHex } from "./message_vector.ts";
import { checkLines, type Line, testVectors } from "./vectors.ts";

interface Vector extends MessageVector {
  readonly type: string;
  readonly package: string;
  readonly frame?: "metadata" | "type-prefix" | "version-prefix" | "quorum-state-file";
  readonly framedHex?: string;
}

const FILE = "records.jsonl";
const MESSAGES = new Map(
  Object.values(records).filter((value) => value instanceof Message).map((message) => [message.name, message]),
);

testVectors<Vector>("records are read and written as Apache Kafka does", FILE, (lines) => {
  checkLines(lines, describe, (vector) => checkMessageVector(messageOf(vector), vector));
});

testVectors<Vector>("there are vectors for every version of every record", FILE, (lines) => {
  const covered = new Set(lines.map(({ vector }) => describe(vector)));
  for (const message of MESSAGES.values()) {
    for (let version = message.versions[0]; version <= message.versions[1]; version++) {
      assert(covered.has(describe({ name: message.name, version })), `${message.name} version ${version}`);
    }
  }
});

testVectors<Vector>("records of the metadata log and of remote storage have their frame", FILE, (lines) => {
  checkFramed(lines, "metadata", (vector, message, value, framed) => {
    const decode = vector.package.includes(".remote.") ? records.decodeRemoteLogRecord : records.decodeMetadataRecord;
    const record = decode(framed);
    assert(record.name !== null, "the record is not known");
    assertEquals([record.name, record.version], [vector.name, vector.version]);
    assertJson(toJson(message, vector.version, record.value), vector.json);
    assertEquals(toHex(records.encodeFramed(message, vector.version, value)), vector.framedHex);
  });
});

testVectors<Vector>("keys of coordinators' records have their type in front", FILE, (lines) => {
  checkFramed(lines, "type-prefix", (vector, message, value, framed) => {
    const record = coordinatorDecoderOf(vector)({ key: framed, value: null });
    assertEquals(record.name, vector.name.replace(/Key$/, ""));
    assertJson(toJson(message, 0, (record as records.GroupRecord).key), vector.json);
    assertEquals(toHex(records.encodeCoordinatorKey(message, value)), vector.framedHex);
  });
});

testVectors<Vector>("values of coordinators' records and others have their version in front", FILE, (lines) => {
  checkFramed(lines, "version-prefix", (vector, message, value, framed) => {
    const decoded = records.decodeVersioned(message, framed);
    assertEquals(decoded.version, vector.version);
    assertJson(toJson(message, vector.version, decoded.value), vector.json);
    assertEquals(toHex(records.encodeVersioned(message, vector.version, value)), vector.framedHex);
  });
});

testVectors<Vector>("the snapshot of producers has the checksum of what follows it", FILE, (lines) => {
  checkLines(lines.filter(({ vector }) => vector.name === "ProducerSnapshot"), describe, (vector) => {
    const { crc } = records.ProducerSnapshot.decode(vector.version, fromHex(vector.hex));
    assertEquals(crc, crc32c(fromHex(vector.hex).subarray(4)));
  });
});

testVectors<Vector>("the file quorum-state is JSON with its version", FILE, (lines) => {
  checkFramed(lines, "quorum-state-file", (vector, message, value, framed) => {
    const json = toJson(message, vector.version, value) as Record<string, Json>;
    assertEquals(stringifyJson({ ...json, data_version: vector.version }), new TextDecoder().decode(framed));
  });
});

/** Checks the lines with that frame, with the message and the value to frame. */
function checkFramed(
  lines: readonly Line<Vector>[],
  frame: Vector["frame"],
  check: (vector: Vector, message: Message<unknown>, value: Init<unknown>, framed: Uint8Array) => void,
): void {
  const framed = lines.filter(({ vector }) => vector.frame === frame);
  assert(framed.length > 0, `no line has the frame ${frame}`);
  checkLines(framed, describe, (vector) => {
    const message = messageOf(vector);
    // The bare bytes have tagged fields that the JSON has not.
    const value = message.decode(vector.version, fromHex(vector.hex)) as Init<unknown>;
    check(vector, message, value, fromHex(vector.framedHex!));
  });
}

function messageOf({ name }: Vector): Message<unknown> {
  const message = MESSAGES.get(name);
  assert(message !== undefined, `${name} is not declared`);
  return message;
}

function coordinatorDecoderOf(vector: Vector) {
  if (vector.package.includes(".transaction.")) return records.decodeTransactionRecord;
  return vector.package.includes(".share.") ? records.decodeShareStateRecord : records.decodeGroupRecord;
}

function describe({ name, version }: Pick<Vector, "name" | "version">): string {
  return `${name} version ${version}`;
}
