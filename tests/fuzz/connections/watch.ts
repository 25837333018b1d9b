/**
 * Looks at the broker's process from outside: memory, open files, what it counts; and tells what grows from what does not.
 *
 * @module
 */
import type { Target } from "./target.ts";

const MIB = 1024 ** 2;
/** A broker that a fuzzer can bring to this has no bound. */
const MAX_RSS_BYTES = 1.5 * 1024 * MIB;
/** Between the parts of a run, memory may differ by this and still be level. */
const LEVEL_RATIO = 1.2;
const LEVEL_BYTES = 48 * MIB;
const LEVEL_FILES = 50;
/** The first part of a run fills caches and compiles what is hot; below so many minutes there is no other. */
const MIN_MINUTES_FOR_TREND = 9;

/** The broker at a moment. */
export interface Sample {
  readonly rssBytes: number;
  /** JavaScript objects, and buffers beside them. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Open connections, by what the broker says. */
  readonly connections: number;
  readonly requestBytes: number;
  readonly sockets: number;
  readonly files: number;
}

/** Takes a sample. */
export async function sample({ pid, metricsUrl }: Target): Promise<Sample> {
  const text = await (await fetch(metricsUrl)).text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  const links = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => linkOf(`/proc/${pid}/fd/${name}`));
  return {
    rssBytes: sum("process_resident_memory_bytes"),
    heapBytes: sum('barnabas_heap_bytes{kind="heap"}'),
    externalBytes: sum('barnabas_heap_bytes{kind="external"}'),
    connections: sum("kafka_server_socketservermetrics_connection_count"),
    requestBytes: sum("barnabas_request_bytes"),
    sockets: links.filter((link) => link.startsWith("socket:")).length,
    files: links.length,
  };
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "closed since";
  }
}

/** What is known of a minute: memory at its lowest, where the garbage collector has just been. */
export interface Minute {
  readonly rssBytes: number;
  readonly liveBytes: number;
  readonly files: number;
}

/** The samples of a minute in short. */
export function minuteOf(samples: readonly Sample[]): Minute {
  return {
    rssBytes: Math.min(...samples.map(({ rssBytes }) => rssBytes)),
    liveBytes: Math.min(...samples.map(({ heapBytes, externalBytes }) => heapBytes + externalBytes)),
    files: Math.min(...samples.map(({ files }) => files)),
  };
}

/** What to complain of in one sample. */
export function complaintAbout({ rssBytes }: Sample): string | null {
  return rssBytes > MAX_RSS_BYTES ? `the broker holds ${inMib(rssBytes)}` : null;
}

/**
 * Whether memory went on to grow: the last third of the minutes against the middle one, the first being for warming up. Null where it
 * is level, or where the run was too short to say.
 */
export function complaintAboutTrend(minutes: readonly Minute[]): string | null {
  if (minutes.length < MIN_MINUTES_FOR_TREND) return null;
  const rss = growthOf(minutes.map(({ rssBytes }) => rssBytes), LEVEL_BYTES, inMib);
  const live = growthOf(minutes.map(({ liveBytes }) => liveBytes), LEVEL_BYTES, inMib);
  const files = growthOf(minutes.map(({ files }) => files), LEVEL_FILES, String);
  if (rss !== null) return `RSS ${rss}`;
  if (live !== null) return `heap and buffers ${live}`;
  return files === null ? null : `open files ${files}`;
}

function growthOf(values: readonly number[], level: number, shown: (value: number) => string): string | null {
  const third = Math.floor(values.length / 3);
  const [before, after] = [values.slice(third, 2 * third), values.slice(-third)].map(median);
  if (after <= before * LEVEL_RATIO || after <= before + level) return null;
  return `went from ${shown(before)} in the middle third to ${shown(after)} in the last`;
}

/** What is still there after all have left, and was not before they came. */
export function leftOver(before: Sample, after: Sample): string | null {
  const complaints = [
    ...(after.connections > 0 ? [`${after.connections} connections are counted`] : []),
    ...(after.requestBytes !== 0 ? [`${after.requestBytes} bytes of requests are counted`] : []),
    ...(after.sockets > before.sockets ? [`${after.sockets} sockets are open, ${before.sockets} at first`] : []),
  ];
  return complaints.length === 0 ? null : complaints.join("; ");
}

/** For a person. */
export function inMib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
