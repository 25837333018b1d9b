/**
 * What the members of a consumer group subscribe to, counted.
 *
 * @module
 */
import type { ConsumerMember } from "./consumer_member.ts";
import type { ResolvedRegex } from "./consumer_group.ts";

/** Members by what they subscribe to: topics by name, and regular expressions. */
export class Subscriptions {
  #memberCount = 0;
  readonly #byName = new Map<string, number>();
  readonly #byRegex = new Map<string, number>();

  /** Those when some members are gone, and another one is there. */
  after(gone: Iterable<ConsumerMember>, added: ConsumerMember | null): Subscriptions {
    const after = new Subscriptions();
    after.#memberCount = this.#memberCount;
    for (const [name, count] of this.#byName) after.#byName.set(name, count);
    for (const [regex, count] of this.#byRegex) after.#byRegex.set(regex, count);
    for (const member of gone) after.remove(member);
    if (added !== null) after.add(added);
    return after;
  }

  /** The expressions that some member subscribes to. */
  get regexes(): Iterable<string> {
    return this.#byRegex.keys();
  }

  get regexCount(): number {
    return this.#byRegex.size;
  }

  /** How many members subscribe to an expression. */
  subscribersTo(regex: string): number {
    return this.#byRegex.get(regex) ?? 0;
  }

  add(member: ConsumerMember): void {
    this.#count(member, 1);
  }

  remove(member: ConsumerMember): void {
    this.#count(member, -1);
  }

  /** All topics, those that expressions match among them. */
  topicNames(resolved: ReadonlyMap<string, ResolvedRegex>): Set<string> {
    const names = new Set(this.#byName.keys());
    for (const regex of this.#byRegex.keys()) for (const topic of resolved.get(regex)?.topics ?? []) names.add(topic);
    return names;
  }

  /** Whether all members subscribe to the same topics: all to the same names, or all to the same one expression. */
  get isHomogeneous(): boolean {
    if (this.#byRegex.size === 0) {
      for (const count of this.#byName.values()) if (count !== this.#memberCount) return false;
      return true;
    }
    const [count] = this.#byRegex.values();
    return count === this.#memberCount && this.#byName.size === 0;
  }

  #count({ subscribedTopicNames, subscribedTopicRegex }: ConsumerMember, by: 1 | -1): void {
    this.#memberCount += by;
    for (const name of subscribedTopicNames) count(this.#byName, name, by);
    if (subscribedTopicRegex !== "") count(this.#byRegex, subscribedTopicRegex, by);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
