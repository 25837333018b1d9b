/**
 * Subscriptions to the metrics of clients, and whom each means.
 *
 * @module
 */
import type { RE2JS } from "re2js";
import { crc32c, utf8, type Uuid, uuidToBytes } from "../bytes/mod.ts";
import { compileRegex } from "../coordinator/compile_regex.ts";
import { CLIENT_METRICS_CONFIGS } from "../metadata/configs/client_metrics.ts";
import { ConfigResourceType, type MetadataImage } from "../metadata/mod.ts";

/** What a client can be told apart by, under the names that `match` has for it; null where it is not known. */
export type ClientAttributes = Readonly<Record<string, string | null>>;

/** What a client is asked for. */
export interface Assignment {
  /** Prefixes of names of metrics; `*` for all. None asks for none. */
  readonly metrics: readonly string[];
  readonly pushIntervalMs: number;
}

/** `metrics` of who wants all of them. */
const ALL = "*";

interface Subscription {
  readonly metrics: readonly string[];
  readonly intervalMs: number;
  /** All must match; one that RE2 does not know matches nobody. */
  readonly patterns: ReadonlyMap<string, RE2JS | null>;
}

/** The subscriptions that the metadata have now. */
export function readSubscriptions(
  image: MetadataImage,
  warn: (line: string) => void,
): readonly Subscription[] {
  return Array.from(image.configuredResources(ConfigResourceType.CLIENT_METRICS), (name) => {
    const configs = image.configs(ConfigResourceType.CLIENT_METRICS, name);
    const read = <N extends keyof typeof CLIENT_METRICS_CONFIGS>(config: N) => {
      const definition = CLIENT_METRICS_CONFIGS[config];
      const text = configs.get(config);
      return text === undefined ? definition.defaultValue : definition.parse(text);
    };
    return {
      metrics: read("metrics") as readonly string[],
      intervalMs: read("interval.ms") as number,
      patterns: new Map((read("match") as readonly string[]).map((pattern) => {
        const [selector, expression] = pattern.split("=").map((part) => part.trim());
        const regex = compileRegex(expression);
        if (typeof regex !== "string") return [selector, regex];
        warn(`The subscription ${name} to metrics of clients matches nobody: ${pattern}: ${regex}`);
        return [selector, null];
      })),
    };
  });
}

/** What all subscriptions together ask of a client: the metrics of all, in the shortest interval. */
export function assign(subscriptions: readonly Subscription[], client: ClientAttributes): Assignment {
  const meant = subscriptions.filter(({ patterns }) => matches(patterns, client));
  const metrics = new Set(meant.flatMap((subscription) => subscription.metrics));
  return {
    metrics: metrics.has(ALL) ? [ALL] : [...metrics].sort(),
    pushIntervalMs: Math.min(CLIENT_METRICS_CONFIGS["interval.ms"].defaultValue, ...meant.map((one) => one.intervalMs)),
  };
}

/** A number that changes with what is asked for, as Apache Kafka makes it. */
export function subscriptionId({ metrics, pushIntervalMs }: Assignment, clientInstanceId: Uuid): number {
  const checksum = crc32c(utf8(`[${metrics.join(", ")}]${pushIntervalMs}`));
  const bytes = new Uint8Array(16);
  uuidToBytes(clientInstanceId, bytes);
  const view = new DataView(bytes.buffer);
  return [0, 4, 8, 12].reduce((id, offset) => id ^ view.getInt32(offset), checksum | 0);
}

function matches(patterns: ReadonlyMap<string, RE2JS | null>, client: ClientAttributes): boolean {
  for (const [selector, regex] of patterns) {
    const text = client[selector];
    if (text === null || regex === null || !regex.matches(text)) return false;
  }
  return true;
}
