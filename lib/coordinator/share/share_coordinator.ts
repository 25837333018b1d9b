/**
 * The share coordinator, as share partitions and the handlers of its APIs see it.
 *
 * @module
 */
import type { Timer } from "../../ports.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { decodeShareStateRecord, type ShareStateRecord } from "../../protocol/records/mod.ts";
import { COMPRESSION_TYPES } from "../../records/mod.ts";
import { type InternalTopicParts, internalTopicPorts } from "../internal_topic_ports.ts";
import { SHARE_GROUP_STATE_TOPIC } from "../internal_topics.ts";
import { CoordinatorError, CoordinatorRuntime } from "../runtime.ts";
import type { Turn } from "../turn.ts";
import {
  deleteState,
  failed,
  forgetTopics,
  initializeState,
  type ReadState,
  readState,
  snapshotColdPartitions,
  type StateResult,
  type StateSummary,
  summarizeState,
  writeState,
  type WrittenState,
} from "./decisions.ts";
import { encodeShareStateRecord } from "./records.ts";
import { coordinatorKeyOf, type SharePartitionKey, ShareState } from "./share_state.ts";

export class ShareCoordinator {
  readonly #ports: InternalTopicParts;
  readonly #runtime: CoordinatorRuntime<ShareStateRecord, ShareState>;
  readonly #timers = new Map<string, Timer>();
  #watch: { stop(): void } | null = null;

  constructor(ports: InternalTopicParts) {
    this.#ports = ports;
    const { metadata, settings } = ports;
    const sharePorts = {
      updatesPerSnapshot: () => settings().get("share.coordinator.snapshot.update.records.per.snapshot"),
      hasPartition: (topicId: string, partition: number) =>
        metadata.image.topicById(topicId)?.partitions.has(partition) ?? false,
    };
    this.#runtime = new CoordinatorRuntime({
      topic: SHARE_GROUP_STATE_TOPIC,
      encode: encodeShareStateRecord,
      decode: decodeShareStateRecord,
      newState: (_, partition) => new ShareState(partition, sharePorts),
    }, {
      ...internalTopicPorts(ports),
      compressionType: () =>
        COMPRESSION_TYPES[settings().get("share.coordinator.state.topic.compression.codec")] ?? "none",
    });
  }

  /** Begins to load the states that are there, and to look after the log. Requests that come meanwhile wait. */
  start(): void {
    this.#watch = this.#ports.metadata.watch(({ deletedTopics }) => {
      if (deletedTopics.some(({ name }) => name === SHARE_GROUP_STATE_TOPIC)) this.#runtime.unload();
      else if (deletedTopics.length > 0) return this.#forgetTopics(new Set(deletedTopics.map(({ id }) => id)));
    });
    this.#runtime.start();
    this.#repeat("share.coordinator.state.topic.prune.interval.ms", () => this.#prune());
    this.#repeat("share.coordinator.cold.partition.snapshot.interval.ms", (intervalMs) => {
      return this.#inAllShards((state, turn) => snapshotColdPartitions(state, turn, intervalMs));
    });
  }

  /** Ends: whoever waits is told so. */
  close(): void {
    this.#watch?.stop();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#runtime.close();
  }

  /** Whether states can be kept: creates their topic where it is missing. */
  ensureReady(): Promise<ErrorCode> {
    return this.#runtime.ensureTopic();
  }

  /** Makes a share partition, or begins it anew at another offset. Errors: those of InitializeShareGroupState. */
  initialize(key: SharePartitionKey, to: { stateEpoch: number; startOffset: bigint }): Promise<StateResult> {
    return this.#decide<StateResult>(key, (state, turn) => initializeState(state, turn, key, to));
  }

  /** Keeps what became of records; resolves when that is durable. Errors: those of WriteShareGroupState. */
  write(key: SharePartitionKey, written: WrittenState): Promise<StateResult> {
    return this.#decide<StateResult>(key, (state, turn) => writeState(state, turn, key, written));
  }

  /** Tells what is kept of a share partition. Errors: those of ReadShareGroupState. */
  read(key: SharePartitionKey, leaderEpoch: number): Promise<ReadState> {
    return this.#decide<ReadState>(key, (state, turn) => readState(state, turn, key, leaderEpoch));
  }

  /** Tells where a share partition stands. Errors: those of ReadShareGroupStateSummary. */
  summarize(key: SharePartitionKey): Promise<StateSummary> {
    return this.#decide<StateSummary>(key, (state) => summarizeState(state, key));
  }

  /** Forgets a share partition. Errors: those of DeleteShareGroupState. */
  delete(key: SharePartitionKey): Promise<StateResult> {
    return this.#decide<StateResult>(key, (state, turn) => deleteState(state, turn, key));
  }

  async #decide<T>(
    key: SharePartitionKey,
    decide: (state: ShareState, turn: Turn<ShareStateRecord>) => T | StateResult,
  ): Promise<T | StateResult> {
    try {
      return await this.#runtime.schedule<T | StateResult>(coordinatorKeyOf(key), (state, turn, reply) => {
        turn.answer(reply, decide(state, turn));
      });
    } catch (error) {
      if (error instanceof CoordinatorError) return failed(key, error.errorCode);
      throw error;
    }
  }

  /** Calls `act` again and again, each time an interval after the last one is done. */
  #repeat(setting: RepeatSetting, act: (intervalMs: number) => Promise<void>): void {
    const intervalMs = this.#ports.settings().get(setting);
    this.#timers.set(
      setting,
      this.#ports.timers.after(intervalMs, async () => {
        await act(intervalMs);
        if (this.#watch !== null) this.#repeat(setting, act);
      }),
    );
  }

  /** Cuts the logs where what they hold is needed no more: nothing else does, since they are not compacted. */
  async #prune(): Promise<void> {
    const offsets = new Map<number, number>();
    await this.#inAllShards((state) => void offsets.set(state.statePartition, state.redundantBefore));
    for (const [partition, offset] of offsets) {
      const log = this.#ports.logs.get(SHARE_GROUP_STATE_TOPIC, partition);
      if (log !== undefined && offset > log.logStartOffset) await log.deleteRecordsBefore(offset);
    }
  }

  #forgetTopics(topicIds: ReadonlySet<string>): Promise<void> {
    return this.#inAllShards((state, turn) => forgetTopics(state, turn, topicIds));
  }

  /** Where a shard cannot be served, it is left as it is. */
  async #inAllShards(act: (state: ShareState, turn: Turn<ShareStateRecord>) => void): Promise<void> {
    try {
      await this.#runtime.scheduleAll<void>((state, turn, reply) => {
        act(state, turn);
        turn.answer(reply, undefined);
      });
    } catch (error) {
      if (!(error instanceof CoordinatorError)) throw error;
    }
  }
}

type RepeatSetting =
  | "share.coordinator.state.topic.prune.interval.ms"
  | "share.coordinator.cold.partition.snapshot.interval.ms";
