/**
 * An administrator: topics made, grown, configured and deleted, records deleted, and the metadata held against all of
 * it.
 *
 * @module
 */
import { ZERO_UUID } from "../../lib/bytes/mod.ts";
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "../../lib/protocol/messages/create_partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "../../lib/protocol/messages/delete_records.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../lib/protocol/messages/delete_topics.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../lib/protocol/messages/describe_configs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../lib/protocol/messages/incremental_alter_configs.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { Actor } from "./actor.ts";
import { Violation } from "./history.ts";
import type { SimTopic } from "./topics.ts";

const TOPIC_RESOURCE = 2;
const SET_OPERATION = 0;
/** At most as many topics, so that each of them sees some traffic. */
const MAX_TOPICS = 4;
const NAMES = ["alpha", "beta", "gamma", "delta"];

export class Admin extends Actor {
  protected async act(): Promise<void> {
    const topics = this.stage.topics.usable();
    if (topics.length === 0) return await this.#createTopic();
    await this.pause(400);
    const topic = this.draw.pick(topics);
    const what = this.draw.below(100);
    if (what < 15) await this.#createTopic();
    else if (what < 25) await this.#deleteTopic(topic);
    else if (what < 35) await this.#createPartitions(topic);
    else if (what < 50) await this.#alterConfigs(topic);
    else if (what < 75) await this.#deleteRecords(topic);
    else await this.checkTopics();
  }

  /** Holds what the broker says of all topics against what is known of them. Resolves to whether it was told. */
  async checkTopics(): Promise<boolean> {
    const before = this.stage.topics.all.map((topic) => ({ topic, state: topic.state }));
    const answer = await this.client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
    if (answer === null) return false;
    for (const { topic, state } of before) {
      const found = answer.topics.find(({ topicId, name }) =>
        topic.id === ZERO_UUID ? name === topic.name && state === "creating" : topicId === topic.id
      );
      if (found === undefined && state === "there") throw new Violation(`topic ${topic.name} (${topic.id}) is gone`);
      if (found !== undefined && state === "deleted") throw new Violation(`topic ${topic.name} (${topic.id}) is back`);
      if (found !== undefined && state === "there") {
        this.stage.topics.noteThere(topic, found.topicId, found.partitions.length);
      }
    }
    return true;
  }

  async #createTopic(): Promise<void> {
    const free = NAMES.filter((name) =>
      this.stage.topics.all.every((topic) => topic.name !== name || topic.state === "deleted")
    );
    if (this.stage.topics.usable().length >= MAX_TOPICS || free.length === 0) return;
    const isKeyed = this.draw.chance(0.4);
    const configs = this.#configsFor(isKeyed);
    // For good: whoever sends a batch again is told its time by what holds then.
    if (this.draw.chance(0.25)) configs["message.timestamp.type"] = "LogAppendTime";
    const numPartitions = this.draw.between(1, 3);
    const topic = this.stage.topics.add(this.draw.pick(free), numPartitions, configs, isKeyed);
    while (topic.state === "creating") {
      await this.#askToCreate(topic, numPartitions, configs);
      if (topic.state === "creating") await this.pause();
    }
  }

  async #askToCreate(topic: SimTopic, numPartitions: number, configs: Record<string, string>): Promise<void> {
    const { name } = topic;
    const answer = await this.client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{
        name,
        numPartitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      }],
    });
    if (answer === null) return;
    const { errorCode, errorMessage, topicId } = answer.topics[0];
    this.trace(`create ${name}: ${errorName(errorCode)} ${topicId}`);
    if (errorCode === ErrorCode.NONE) return this.stage.topics.noteThere(topic, topicId, numPartitions);
    // An earlier request was heard, though not answered.
    if (errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return await this.#findOut(topic);
    if (!RETRIABLE.has(errorCode)) throw new Violation(`create ${name}: ${errorName(errorCode)}: ${errorMessage}`);
  }

  async #findOut(topic: SimTopic): Promise<void> {
    const answer = await this.client.ask(MetadataRequest, MetadataResponse, 12, {
      topics: [{ name: topic.name }],
      allowAutoTopicCreation: false,
    });
    const found = answer?.topics[0];
    if (found === undefined || found.errorCode !== ErrorCode.NONE) return;
    this.stage.topics.noteThere(topic, found.topicId, found.partitions.length);
  }

  async #deleteTopic(topic: SimTopic): Promise<void> {
    topic.state = "deleting";
    while (topic.state === "deleting") {
      const answer = await this.client.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, {
        topics: [{ name: null, topicId: topic.id }],
        timeoutMs: 10_000,
      });
      const errorCode = answer?.responses[0].errorCode;
      if (errorCode === undefined) {
        await this.pause();
        continue;
      }
      this.trace(`delete ${topic.name} ${topic.id}: ${errorName(errorCode)}`);
      if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.UNKNOWN_TOPIC_ID) topic.state = "deleted";
      else if (!RETRIABLE.has(errorCode)) throw new Violation(`delete ${topic.name}: ${errorName(errorCode)}`);
      else await this.pause();
    }
  }

  async #createPartitions(topic: SimTopic): Promise<void> {
    const count = topic.partitions.length + 1;
    if (count > 5) return;
    topic.mostPartitions = Math.max(topic.mostPartitions, count);
    const answer = await this.client.ask(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
      topics: [{ name: topic.name, count, assignments: null }],
      timeoutMs: 10_000,
    });
    if (answer === null) return;
    const { errorCode } = answer.results[0];
    this.trace(`${topic.name} to ${count} partitions: ${errorName(errorCode)}`);
    if (errorCode === ErrorCode.NONE) this.stage.topics.noteThere(topic, topic.id, count);
    else if (errorCode !== ErrorCode.INVALID_PARTITIONS && !RETRIABLE.has(errorCode)) {
      throw new Violation(`more partitions of ${topic.name}: ${errorName(errorCode)}`);
    }
  }

  async #alterConfigs(topic: SimTopic): Promise<void> {
    await this.#checkConfigs(topic);
    const configs = this.#configsFor(topic.isKeyed);
    for (const name of Object.keys(configs)) topic.configs.set(name, undefined);
    this.stage.topics.noteConfigs(topic, configs);
    const answer = await this.client.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
      resources: [{
        resourceType: TOPIC_RESOURCE,
        resourceName: topic.name,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value, configOperation: SET_OPERATION })),
      }],
    });
    if (answer === null) return;
    const { errorCode, errorMessage } = answer.responses[0];
    this.trace(`configure ${topic.name} ${JSON.stringify(configs)}: ${errorName(errorCode)}`);
    if (errorCode === ErrorCode.NONE) {
      for (const [name, value] of Object.entries(configs)) topic.configs.set(name, value);
    } else if (!RETRIABLE.has(errorCode)) {
      throw new Violation(`configure ${topic.name}: ${errorName(errorCode)}: ${errorMessage}`);
    }
  }

  async #checkConfigs(topic: SimTopic): Promise<void> {
    const known = [...topic.configs];
    const answer = await this.client.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic.name, configurationKeys: null }],
    });
    const result = answer?.results[0];
    if (result === undefined || result.errorCode !== ErrorCode.NONE) return;
    for (const [name, value] of known) {
      if (value === undefined || name.startsWith("internal.")) continue;
      const found = result.configs.find((config) => config.name === name)?.value;
      if (found !== value) throw new Violation(`${topic.name} was given ${name}=${value} and has ${found}`);
    }
  }

  async #deleteRecords(topic: SimTopic): Promise<void> {
    const index = this.draw.below(topic.partitions.length);
    const history = topic.partitions[index];
    const known = history.watermarks;
    const offset = this.draw.between(known.logStartOffset, known.highWatermark);
    history.deletedUpTo = Math.max(history.deletedUpTo, offset);
    const answer = await this.client.ask(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: index, offset: BigInt(offset) }] }],
      timeoutMs: 10_000,
    });
    if (answer === null) return;
    const { errorCode, lowWatermark } = answer.topics[0].partitions[0];
    this.trace(`delete records of ${history.name} before ${offset}: ${errorName(errorCode)} ${lowWatermark}`);
    if (errorCode === ErrorCode.NONE) {
      if (Number(lowWatermark) < offset) throw new Violation(`${history.name}: only deleted up to ${lowWatermark}`);
      const logStartOffset = Number(lowWatermark);
      const highWatermark = Math.max(history.watermarks.highWatermark, logStartOffset);
      history.noteDeleted(logStartOffset);
      history.noteWatermarks(known, { logStartOffset, highWatermark });
    } else if (
      !RETRIABLE.has(errorCode) && !(errorCode === ErrorCode.POLICY_VIOLATION && topic.configs.has("cleanup.policy"))
    ) {
      throw new Violation(`delete records of ${history.name} before ${offset}: ${errorName(errorCode)}`);
    }
  }

  #configsFor(isKeyed: boolean): Record<string, string> {
    return isKeyed ? this.#cleaningConfigs() : this.#segmentConfigs();
  }

  /** What gives the cleaner something to do, at once or later. */
  #cleaningConfigs(): Record<string, string> {
    const { draw } = this;
    const [least, most] = draw.pick(COMPACTION_LAGS);
    const configs: Record<string, string> = {
      "cleanup.policy": draw.pick(["compact", "compact", "compact,delete"]),
      "min.cleanable.dirty.ratio": draw.pick(["0.01", "0.01", "0.5"]),
      "internal.segment.bytes": draw.pick(["4000", "8000"]),
      "delete.retention.ms": draw.pick(["0", "200", LONGER_THAN_ANY_WORLD_MS]),
      "min.compaction.lag.ms": least,
      "max.compaction.lag.ms": most,
    };
    if (draw.chance(0.6)) configs["segment.ms"] = draw.pick(["50", "50", "500"]);
    if (draw.chance(0.1)) configs["retention.ms"] = "2000";
    return configs;
  }

  /** What makes segments small and many, and sometimes old. */
  #segmentConfigs(): Record<string, string> {
    const { draw } = this;
    const configs: Record<string, string> = {};
    if (draw.chance(0.6)) configs["internal.segment.bytes"] = String(draw.pick([5000, 20_000]));
    if (draw.chance(0.3)) configs["segment.ms"] = String(draw.pick([50, 500]));
    if (draw.chance(0.4)) configs["index.interval.bytes"] = String(draw.pick([0, 200]));
    if (draw.chance(0.2)) configs["segment.index.bytes"] = String(draw.pick([40, 200]));
    if (draw.chance(0.15)) configs["retention.ms"] = String(draw.pick([300, 2000]));
    if (draw.chance(0.15)) configs["retention.bytes"] = String(draw.pick([3000, 20_000]));
    if (draw.chance(0.3)) configs["file.delete.delay.ms"] = String(draw.pick([0, 200]));
    if (draw.chance(0.1)) configs["compression.type"] = "lz4";
    // Here no two records have the same key: cleaning may take nothing but copies of what was sent again.
    if (draw.chance(0.25)) {
      configs["cleanup.policy"] = draw.pick(["compact", "compact,delete"]);
      configs["min.cleanable.dirty.ratio"] = "0.01";
    }
    if (Object.keys(configs).length === 0) configs["max.message.bytes"] = "1000000";
    return configs;
  }
}

/** Also than its clock may jump. */
const LONGER_THAN_ANY_WORLD_MS = "7200000";
const FOR_EVER_MS = "9223372036854775807";

/** `min.compaction.lag.ms` and `max.compaction.lag.ms`, which go together. */
const COMPACTION_LAGS = [
  ["0", FOR_EVER_MS],
  ["0", FOR_EVER_MS],
  ["200", FOR_EVER_MS],
  ["0", "300"],
  ["300", "1000"],
  [LONGER_THAN_ANY_WORLD_MS, FOR_EVER_MS],
];

/** Errors that pass, or that a crash in the midst explains. */
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.NOT_CONTROLLER,
  ErrorCode.LEADER_NOT_AVAILABLE,
]);
