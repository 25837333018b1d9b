/**
 * `quorum-state`, the file in which a voter keeps its vote and the epoch that it knows of (KIP-595), so that after a
 * restart it neither votes twice nor leads an epoch twice.
 *
 * In: the text of the file, JSON. Out: {@linkcode QuorumState}, and back, in version 0 for a static quorum and
 * version 1 for a dynamic one (KIP-853).
 *
 * @module
 */
import { fromJson, parseJson, stringifyJson, toJson } from "../protocol/json.ts";
import { QuorumStateData } from "../protocol/records/raft.ts";

/** The file's name in the folder of the metadata log. */
export const QUORUM_STATE = "quorum-state";

/** What a single voter keeps. */
export interface QuorumState {
  /** The epoch that is led, or was last led. */
  readonly leaderEpoch: number;
  /** -1 where nobody leads. */
  readonly leaderId: number;
  /** The ids of a static quorum's voters; null for a dynamic quorum, which has them in its log. */
  readonly staticVoters: readonly number[] | null;
}

/**
 * Reads the file's text.
 *
 * @param path for error messages
 * @throws {Error} where it is no such file
 */
export function parseQuorumState(text: string, path: string): QuorumState {
  try {
    const json = parseJson(text);
    const version = (json as { data_version?: unknown } | null)?.data_version;
    if (typeof version !== "number" || !QuorumStateData.hasVersion(version)) {
      throw new Error(`data_version must be 0 or 1, is ${version}`);
    }
    const { data_version: _, ...fields } = json as Record<string, never>;
    const { leaderEpoch = -1, leaderId = -1, currentVoters } = fromJson(QuorumStateData, version, fields);
    const voters = (currentVoters ?? []).map(({ voterId }) => voterId!);
    return { leaderEpoch, leaderId, staticVoters: version === 0 ? voters : null };
  } catch (error) {
    const reason = (error as Error).message.replaceAll("\n", " ");
    throw new Error(`Cannot read ${path}: ${reason}. Restore it, or remove it if this node is alone in its cluster`, {
      cause: error,
    });
  }
}

/** The text of the file, for a node that leads. */
export function formatQuorumState({ leaderEpoch, leaderId, staticVoters }: QuorumState): string {
  const version = staticVoters === null ? 1 : 0;
  const currentVoters = staticVoters?.map((voterId) => ({ voterId })) ?? [];
  const state = { ...QuorumStateData.type.zero, leaderEpoch, leaderId, currentVoters };
  const json = toJson(QuorumStateData, version, state) as Record<string, never>;
  return stringifyJson({ ...json, data_version: version });
}
