/**
 * Names for what each broker chooses by itself. The ids of topics, producers, sessions and tokens differ from broker to broker;
 * by giving each the same name on both, by the order in which they were seen, answers can be compared whole, and a case
 * can say "the id of topic a" in a request.
 *
 * @module
 */
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import type { Json } from "../../../lib/protocol/json.ts";
import { fromBase64 } from "../../../lib/security/sasl/text.ts";

/** A member id that a coordinator gave: it ends in a UUID. */
const GIVEN_MEMBER_ID = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a case knows of one broker. Its getters need no `this`, so that a request can take just those that it uses. */
export class Known {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, Json>();
  readonly #counts = new Map<string, number>();

  /** The id of a topic that an answer showed. */
  readonly topicId = (topic: string): string => this.#get(`topic ${topic}`) as string;

  /** The producer id that an answer showed as the first, second … */
  readonly producerId = (ordinal = 1): bigint => BigInt(this.#get(`producer ${ordinal}`) as bigint);

  /** The fetch session that an answer showed as the first, second … */
  readonly sessionId = (ordinal = 1): number => this.#get(`session ${ordinal}`) as number;

  /** The member id that an answer showed as the first, second … */
  readonly memberId = (ordinal = 1): string => this.#get(`member ${ordinal}`) as string;

  /** The secret of a delegation token that an answer showed as the first, second … */
  readonly hmac = (ordinal = 1): Uint8Array => fromBase64(this.#get(`hmac ${ordinal}`) as string);

  /** The folder in which the broker keeps its data, as an answer showed it. */
  readonly logDir = (): string => this.#get("logDir") as string;

  /** Learns all ids in an answer, and returns the answer with their names in their place. */
  learn(answer: Json): Json {
    return this.#walk(answer, null);
  }

  #walk(value: Json, parent: Readonly<Record<string, Json>> | null, field = ""): Json {
    if (Array.isArray(value)) return value.map((element) => this.#walk(element, parent, field));
    if (typeof value === "object" && value !== null) {
      const struct = value as Readonly<Record<string, Json>>;
      return Object.fromEntries(Object.entries(struct).map(([name, part]) => [name, this.#walk(part, struct, name)]));
    }
    switch (field) {
      case "topicId":
        return value === ZERO_UUID ? value : this.#topic(value as string, parent!);
      case "producerId":
        return typeof value === "string" || BigInt(value as bigint) < 0n ? value : this.#numbered("producer", value);
      case "logDir":
        this.#values.set("logDir", value);
        return "<folder>";
      case "memberId":
      case "leader":
        return GIVEN_MEMBER_ID.test(String(value)) ? this.#numbered("member", value) : value;
      case "sessionId":
        return value === 0 ? value : this.#numbered("session", value);
      case "tokenId":
      case "hmac":
        return value === "" ? value : this.#numbered(field, value);
      default:
        return value;
    }
  }

  #topic(id: string, parent: Readonly<Record<string, Json>>): string {
    const known = this.#names.get(`topic ${id}`);
    if (known !== undefined) return known;
    const topic = parent.name ?? parent.topic;
    if (typeof topic !== "string") return "<the id of no topic seen before>";
    const count = (this.#counts.get(`topic ${topic}`) ?? 0) + 1;
    this.#counts.set(`topic ${topic}`, count);
    const name = count === 1 ? `<the id of ${topic}>` : `<id ${count} of ${topic}>`;
    this.#names.set(`topic ${id}`, name);
    this.#values.set(`topic ${topic}`, id);
    return name;
  }

  #numbered(kind: string, value: Json): string {
    const known = this.#names.get(`${kind} ${value}`);
    if (known !== undefined) return known;
    const ordinal = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, ordinal);
    this.#names.set(`${kind} ${value}`, `<${kind} ${ordinal}>`);
    this.#values.set(`${kind} ${ordinal}`, value);
    return `<${kind} ${ordinal}>`;
  }

  #get(name: string): Json {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`No answer has shown the id of ${name} yet`);
    return value;
  }
}
