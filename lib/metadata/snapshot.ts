/**
 * Snapshots of the metadata log (KIP-630): the records that make an image from nothing, between a header and a
 * footer, which tell a whole snapshot from a torn one. `bootstrap.checkpoint` has the same form.
 *
 * In: the bytes of a file. Out: {@linkcode Snapshot}, and back, as a series of batches that count their offsets from
 * 0.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { DecodeError, toNumberClamped } from "../bytes/mod.ts";
import type { Compressor } from "../ports.ts";
import type { MetadataRecord } from "../protocol/records/logs.ts";
import { batchesOf } from "../records/mod.ts";
import { type BatchLimits, decodeBatch, encodeBatches, encodeControlBatch } from "./batch.ts";
import type { ControlRecord, Voters } from "./control_record.ts";

/** The file that formatting leaves for the first leader: the records that it is to append. */
export const BOOTSTRAP_CHECKPOINT = "bootstrap.checkpoint";

/** How the quorum keeps its voters: in its configuration (kraft.version 0), or in its log (1, KIP-853). */
export interface Quorum {
  readonly kraftVersion: number;
  /** Null where kraft.version is 0. */
  readonly voters: Voters | null;
}

/** The content of a snapshot. */
export interface Snapshot {
  /** When the last record that it stands for was appended, in milliseconds since the epoch; 0 for none. */
  readonly lastContainedLogTimestamp: number;
  /** Null where it does not say. */
  readonly quorum: Quorum | null;
  readonly records: readonly MetadataRecord[];
}

/** A snapshot to be written: with the epoch in its name, and the time. */
export interface SnapshotInit {
  readonly lastContainedLogTimestamp: number;
  readonly quorum: Quorum;
  readonly records: Iterable<MetadataRecord>;
  readonly epoch: number;
  readonly nowMs: number;
}

/** Small batches, so that writing a large snapshot can pause between them. */
const SNAPSHOT_BATCH_LIMITS: BatchLimits = { maxRecords: 1000, maxBytes: 1024 * 1024 };

/** The batches of a snapshot. */
export function* snapshotBatches({ quorum, records, ...init }: SnapshotInit): Generator<Uint8Array> {
  const { lastContainedLogTimestamp, epoch, nowMs } = init;
  const header: ControlRecord[] = [{
    name: "SNAPSHOT_HEADER",
    value: { version: 0, lastContainedLogTimestamp: BigInt(lastContainedLogTimestamp) },
  }, ...quorumRecords(quorum)];
  yield encodeControlBatch(header, { baseOffset: 0, epoch, nowMs });
  let offset = header.length;
  for (
    const { bytes, recordCount } of encodeBatches(records, { baseOffset: offset, epoch, nowMs }, SNAPSHOT_BATCH_LIMITS)
  ) {
    yield bytes;
    offset += recordCount;
  }
  const footer: ControlRecord = { name: "SNAPSHOT_FOOTER", value: { version: 0 } };
  yield encodeControlBatch([footer], { baseOffset: offset, epoch, nowMs });
}

/** The bytes of a small snapshot. */
export function encodeSnapshot(init: SnapshotInit): Uint8Array {
  return concat([...snapshotBatches(init)]);
}

/** The bytes of `bootstrap.checkpoint`. */
export function encodeBootstrap(records: readonly MetadataRecord[], nowMs: number): Uint8Array {
  const quorum: Quorum = { kraftVersion: 0, voters: null };
  return encodeSnapshot({ lastContainedLogTimestamp: 0, quorum, records, epoch: 0, nowMs });
}

/** The control records that say how the quorum keeps its voters: none for a static one. */
export function quorumRecords({ kraftVersion, voters }: Quorum): ControlRecord[] {
  if (voters === null) return [];
  return [
    { name: "KRAFT_VERSION", value: { version: 0, kRaftVersion: kraftVersion } },
    { name: "KRAFT_VOTERS", value: { version: 0, voters } },
  ];
}

/**
 * Reads a snapshot.
 *
 * @throws {DecodeError} where it is damaged or not whole
 */
export function decodeSnapshot(bytes: Uint8Array, compressor: Compressor): Snapshot {
  let lastContainedLogTimestamp: number | null = null;
  let quorum: Quorum | null = null;
  let isWhole = false;
  const records: MetadataRecord[] = [];
  for (const batch of batchesOf(bytes)) {
    if (batch.magic !== 2 || !batch.checksumOk()) throw new DecodeError("a batch has a wrong checksum", 0);
    const entries = decodeBatch(batch, compressor);
    if (!entries.isControl) {
      for (const record of entries.records) records.push(record);
      continue;
    }
    for (const record of entries.records) {
      if (record.name === "SNAPSHOT_HEADER") {
        lastContainedLogTimestamp = toNumberClamped(record.value.lastContainedLogTimestamp);
      } else if (record.name === "SNAPSHOT_FOOTER") isWhole = true;
      else quorum = withControlRecord(quorum, record);
    }
  }
  if (lastContainedLogTimestamp === null) throw new DecodeError("the snapshot has no header", 0);
  if (!isWhole) throw new DecodeError("the snapshot has no footer: it was not written to its end", bytes.length);
  return { lastContainedLogTimestamp, quorum, records };
}

/** The quorum as it is after a control record. */
export function withControlRecord(quorum: Quorum | null, record: ControlRecord): Quorum | null {
  switch (record.name) {
    case "KRAFT_VERSION":
      return { kraftVersion: record.value.kRaftVersion, voters: quorum?.voters ?? null };
    case "KRAFT_VOTERS":
      return { kraftVersion: quorum?.kraftVersion ?? 1, voters: record.value.voters };
    default:
      return quorum;
  }
}
