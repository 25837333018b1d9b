/**
 * Control records of the metadata log and its snapshots: what the quorum says of itself, beside the metadata
 * (KIP-595, KIP-630, KIP-853). They stand in batches of their own, and count in the offsets.
 *
 * In: a record of a control batch. Out: {@linkcode ControlRecord}, and back.
 *
 * @module
 */
import {
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from "../protocol/records/raft.ts";
import { encodeVersioned } from "../protocol/records/framing.ts";
import { ControlRecordType, ControlRecordTypeSchema } from "../protocol/records/producer.ts";
import type { Infer, Message } from "../protocol/schema.ts";
import { controlRecordTypeOf } from "../records/control_record.ts";
import type { LogRecord } from "../records/mod.ts";

const MESSAGES = {
  LEADER_CHANGE: LeaderChangeMessage,
  SNAPSHOT_HEADER: SnapshotHeaderRecord,
  SNAPSHOT_FOOTER: SnapshotFooterRecord,
  KRAFT_VERSION: KRaftVersionRecord,
  KRAFT_VOTERS: VotersRecord,
};
type ControlRecordName = keyof typeof MESSAGES;
const NAMES = Object.keys(MESSAGES) as ControlRecordName[];

/** A control record, with its name to tell the types of values apart. */
export type ControlRecord = {
  readonly [N in ControlRecordName]: { readonly name: N; readonly value: Infer<typeof MESSAGES[N]> };
}[ControlRecordName];

/** The voters of a dynamic quorum, with their endpoints. */
export type Voters = VotersRecord["voters"];

/** Key and value of a control record. */
export function encodeControlRecord(record: ControlRecord): { key: Uint8Array; value: Uint8Array } {
  const message = MESSAGES[record.name] as Message<unknown>;
  return {
    key: encodeVersioned(ControlRecordTypeSchema, 0, { type: ControlRecordType[record.name] }),
    value: message.encode(record.value.version, record.value),
  };
}

/**
 * What {@linkcode encodeControlRecord} made; null for what does not concern the quorum.
 *
 * @throws {DecodeError} where the bytes are no such record
 */
export function decodeControlRecord(record: LogRecord): ControlRecord | null {
  const type = controlRecordTypeOf(record);
  const name = NAMES.find((each) => ControlRecordType[each] === type);
  if (name === undefined) return null;
  const message = MESSAGES[name] as Message<unknown>;
  const bytes = record.value ?? new Uint8Array(0);
  // The value begins with its version, also for a reader that does not know it.
  const version = bytes.length < 2 ? 0 : (bytes[0] << 8) | bytes[1];
  return { name, value: message.decode(version, bytes) } as ControlRecord;
}
