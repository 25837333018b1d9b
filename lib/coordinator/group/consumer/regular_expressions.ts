/**
 * The topics that the regular expressions of a consumer group match.
 *
 * The syntax is RE2's, and matching takes time in proportion to the length of a topic's name, whatever a client puts
 * into its expression. An expression is matched with all topics when it is new, when there are new topics, and every
 * `group.consumer.regex.refresh.interval.ms`; but for new ones not twice within ten seconds, so that a group need not
 * rebalance with every topic of many. That happens in a member's heartbeat. Where there are many topics, the rest of
 * the work is done later, in slices.
 *
 * @module
 */
import type { RE2JS } from "re2js";
import { ErrorCode } from "../../../protocol/error_code.ts";
import { compileRegex } from "../../compile_regex.ts";
import type { Turn } from "../../turn.ts";
import { Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import { ConsumerGroup, type ResolvedRegex } from "./consumer_group.ts";
import { isSameSet } from "./consumer_member.ts";
import { epochRecord, regexRecord } from "./records.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** How long topics are matched at a time. */
const SLICE_MS = 3;
/** What is known is not matched anew more often. */
const LEAST_REFRESH_INTERVAL_MS = 10_000;
/** Who may see which topics: an expression does not tell a client of others. */
export type MayDescribe = (topic: string) => boolean;

/** Why an expression cannot be used, INVALID_REGULAR_EXPRESSION in the words of Apache Kafka; null where it can. */
export function regexError(regex: string): Refusal | null {
  const compiled = compileRegex(regex);
  if (typeof compiled !== "string") return null;
  return new Refusal(
    ErrorCode.INVALID_REGULAR_EXPRESSION,
    `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${compiled}.`,
  );
}

/**
 * The expressions that were matched now, with what they match; the others stay as they are.
 *
 * @param subscribed what the members subscribe to from now on
 */
export function resolveRegexes(
  state: GroupState,
  nowMs: number,
  group: ConsumerGroup,
  subscribed: Subscriptions,
  mayDescribe: MayDescribe,
): ReadonlyMap<string, ResolvedRegex> {
  if (subscribed.regexCount === 0) return NONE;
  const due = [...subscribed.regexes].filter((regex) => isDue(state, nowMs, group.resolvedRegexes.get(regex)));
  if (due.length === 0) return NONE;
  const matching = new Matching(state, nowMs, due, mayDescribe);
  if (matching.work()) return matching.resolved;
  continueLater(state, group.groupId, matching);
  return NONE;
}

const NONE: ReadonlyMap<string, ResolvedRegex> = new Map();

function isDue(state: GroupState, nowMs: number, known: ResolvedRegex | undefined): boolean {
  if (known === undefined) return true;
  const ageMs = nowMs - known.timestampMs;
  if (ageMs <= LEAST_REFRESH_INTERVAL_MS) return false;
  return known.version < state.newTopicsVersion || ageMs > state.settings.regexRefreshIntervalMs;
}

/** A second one for the group takes the place of this one. */
function continueLater(state: GroupState, groupId: string, matching: Matching): void {
  state.timers.schedule(`regex ${groupId}`, 0, (turn) => {
    if (!matching.work()) continueLater(state, groupId, matching);
    else note(state, turn, groupId, matching.resolved);
  });
}

/** The expressions are matched: where that changes the topics of the group, a new epoch begins. */
function note(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
  resolved: ReadonlyMap<string, ResolvedRegex>,
): void {
  const group = state.groups.get(groupId);
  if (!(group instanceof ConsumerGroup)) return;
  const all = new Map(group.resolvedRegexes);
  let hasChanged = false;
  for (const [regex, result] of resolved) {
    if (group.subscribed.subscribersTo(regex) === 0) continue;
    hasChanged ||= hasOtherTopics(group.resolvedRegexes.get(regex), result);
    all.set(regex, result);
    turn.write(regexRecord(groupId, regex, result));
  }
  const hash = state.metadataHash(group.subscribed.topicNames(all));
  if (hasChanged || hash !== group.metadataHash) turn.write(epochRecord(groupId, group.groupEpoch + 1, hash));
}

/** Whether an expression matches other topics than before. */
export function hasOtherTopics(before: ResolvedRegex | undefined, after: ResolvedRegex): boolean {
  return !isSameSet(before?.topics ?? NO_TOPICS, after.topics);
}

const NO_TOPICS: ReadonlySet<string> = new Set();

/** Matches expressions with all topics, a slice at a time. */
class Matching {
  readonly #nowMs: () => number;
  readonly #version: number;
  readonly #timestampMs: number;
  readonly #mayDescribe: MayDescribe;
  readonly #topics: readonly string[];
  readonly #patterns: readonly { readonly pattern: RE2JS; readonly regex: string; readonly matched: Set<string> }[];
  #next = 0;

  constructor(state: GroupState, nowMs: number, regexes: readonly string[], mayDescribe: MayDescribe) {
    this.#nowMs = () => state.nowMs();
    this.#version = state.imageVersion;
    this.#timestampMs = nowMs;
    this.#mayDescribe = mayDescribe;
    this.#topics = Array.from(state.image.topics(), ({ name }) => name);
    this.#patterns = regexes.flatMap((regex) => {
      const pattern = compileRegex(regex);
      // A record of another broker may have what this one does not take.
      return typeof pattern === "string" ? [] : [{ pattern, regex, matched: new Set<string>() }];
    });
  }

  /** Matches topics for a while; true where that was all. */
  work(): boolean {
    const untilMs = this.#nowMs() + SLICE_MS;
    while (this.#next < this.#topics.length) {
      const topic = this.#topics[this.#next++];
      for (const { pattern, matched } of this.#patterns) {
        if (pattern.matches(topic) && this.#mayDescribe(topic)) matched.add(topic);
      }
      if (this.#nowMs() >= untilMs) break;
    }
    return this.#next === this.#topics.length;
  }

  get resolved(): ReadonlyMap<string, ResolvedRegex> {
    return new Map(this.#patterns.map(({ regex, matched }) => [
      regex,
      { topics: matched, version: this.#version, timestampMs: this.#timestampMs },
    ]));
  }
}
