/**
 * Control records of the metadata log and of its snapshots (KIP-595, KIP-630, KIP-853), and the state that a voter
 * keeps beside them. The value of such a record is the message alone, without a frame; Kafka 4.3 writes and reads
 * version 0 of each and no other.
 *
 * @module
 */
import {
  array,
  data,
  defaulting,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
  uint16,
  until,
  uuid,
} from "../schema.ts";

const voter = { voterId: int32, voterDirectoryId: since(1, uuid) };

/** A leader begins its epoch; version 1 has directory ids (KIP-853). */
export const LeaderChangeMessage = data({ name: "LeaderChangeMessage", versions: [0, 1], flexible: 0 }, {
  version: int16,
  leaderId: int32,
  voters: array(voter),
  grantingVoters: array(voter),
});
export type LeaderChangeMessage = Infer<typeof LeaderChangeMessage>;

/** A snapshot begins. */
export const SnapshotHeaderRecord = data({ name: "SnapshotHeaderRecord", versions: [0, 0], flexible: 0 }, {
  version: int16,
  lastContainedLogTimestamp: int64,
});
export type SnapshotHeaderRecord = Infer<typeof SnapshotHeaderRecord>;

/** A snapshot ends. */
export const SnapshotFooterRecord = data({ name: "SnapshotFooterRecord", versions: [0, 0], flexible: 0 }, {
  version: int16,
});
export type SnapshotFooterRecord = Infer<typeof SnapshotFooterRecord>;

/** The feature level `kraft.version` (KIP-853). */
export const KRaftVersionRecord = data({ name: "KRaftVersionRecord", versions: [0, 0], flexible: 0 }, {
  version: int16,
  kRaftVersion: int16,
});
export type KRaftVersionRecord = Infer<typeof KRaftVersionRecord>;

/** The voters of a dynamic quorum (KIP-853). */
export const VotersRecord = data({ name: "VotersRecord", versions: [0, 0], flexible: 0 }, {
  version: int16,
  voters: array({
    voterId: int32,
    voterDirectoryId: uuid,
    endpoints: array({ name: string, host: string, port: uint16 }),
    kRaftVersionFeature: struct({ minSupportedVersion: int16, maxSupportedVersion: int16 }),
  }),
});
export type VotersRecord = Infer<typeof VotersRecord>;

/**
 * The file `quorum-state`, as JSON with its version in the field `data_version`: whom a voter has voted for. Version 0 is that
 * of a static quorum, 1 that of a dynamic one.
 */
export const QuorumStateData = data({ name: "QuorumStateData", versions: [0, 1], flexible: 0 }, {
  clusterId: until(0, string),
  leaderId: defaulting(int32, -1),
  leaderEpoch: defaulting(int32, -1),
  votedId: defaulting(int32, -1),
  votedDirectoryId: since(1, uuid),
  appliedOffset: until(0, int64),
  currentVoters: until(0, nullable(array({ voterId: int32 }), [])),
});
export type QuorumStateData = Infer<typeof QuorumStateData>;
