/**
 * What the tests of groups share: records in all partitions of a topic, the life of members that share them, and Apache
 * Kafka's tool that shows groups.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type BarnabasProcess, startBarnabas } from "./barnabas.ts";
import { Member } from "./member.ts";
import type { ToolRunner } from "./tools.ts";

export const PARTITIONS = 4;
export const TOPIC = "work";
export const GROUP = "workers";

/** What joins the group, at a broker. */
export type Join = (broker: { readonly bootstrap: string }) => Member;

/**
 * A second and a third member join, members leave, and what was committed is found again after the broker was killed,
 * and after it was stopped.
 *
 * @param settings of the broker
 */
export async function groupLife(
  join: Join,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  let expected: string[];
  {
    await using broker = await start(folder, settings);
    await produce(broker, 0, 10);
    await using first = join(broker);
    await untilSeen([first], expected = recordsUpTo(10));
    await using second = join(broker);
    await untilShared([first, second]);
    await using third = join(broker);
    await untilShared([first, second, third]);
    await produce(broker, 10, 20);
    await untilSeen([first, second, third], expected = recordsUpTo(20));
    await third.stop();
    await second.stop();
    await untilShared([first]);
    await first.stop();
    await broker.kill();
  }
  await using killed = await start(folder, settings);
  await resume(join, killed, 20);
  assertEquals(await killed.stop(), 0, "exit code after SIGTERM");
  await using stopped = await start(folder, settings);
  await resume(join, stopped, 21);
  assertEquals(expected.length, 20 * PARTITIONS);
}

/** A member that comes later gets what was not committed, and nothing else. */
async function resume(
  join: Join,
  broker: BarnabasProcess,
  offset: number,
): Promise<void> {
  await produce(broker, offset, offset + 1);
  await using later = join(broker);
  await untilSeen([later], recordsUpTo(offset + 1).filter((record) => Number(record.split(" ")[1]) >= offset));
  await later.stop();
}

/** Waits until these members, and no others, have all partitions. */
export function untilShared(members: readonly Member[]): Promise<void> {
  return Member.until(`${members.length} members share the partitions`, members, () => {
    const all = members.flatMap(({ assigned }) => assigned);
    return members.every(({ assigned }) => assigned.length > 0) && all.length === PARTITIONS &&
      new Set(all).size === PARTITIONS;
  });
}

/** Waits until the members together have seen so many records, and compares them: each came once. */
export async function untilSeen(members: readonly Member[], expected: readonly string[]): Promise<void> {
  const seen = () => members.flatMap(({ records }) => records);
  await Member.until(`${expected.length} records came`, members, () => seen().length >= expected.length);
  assertEquals(seen().toSorted(), expected.toSorted());
}

/** The records of all partitions before offset `end`, as members see them. */
export function recordsUpTo(end: number): string[] {
  return partitions().flatMap((partition) =>
    Array.from({ length: end }, (_, offset) => `${partition} ${offset} ${partition}-${offset}`)
  );
}

/** All partitions of the topic. */
export function partitions(): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}

/** Writes the records from offset `from` to before `end` into each partition. */
export async function produce(broker: { readonly bootstrap: string }, from: number, end: number): Promise<void> {
  for (const partition of partitions()) {
    const lines = Array.from({ length: end - from }, (_, index) => `${partition}-${from + index}\n`).join("");
    const process = new Deno.Command("kcat", {
      args: ["-b", broker.bootstrap, "-t", TOPIC, "-p", String(partition), "-P", "-X", "acks=all"],
      stdin: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(lines));
    await writer.close();
    assertEquals((await process.status).code, 0);
  }
}

/** Runs kafka-consumer-groups with some words, and returns what it printed. */
export type ConsumerGroups = (...args: string[]) => Promise<string>;

/** kafka-consumer-groups, at a broker. */
export function consumerGroups(tools: ToolRunner, bootstrap: string): ConsumerGroups {
  return async (...args) => {
    const run = await tools.run("consumer-groups", ["--bootstrap-server", bootstrap, ...args]);
    assertEquals(run.status, 0, run.errors);
    return run.output;
  };
}

/** Some columns of the rows of a table, in the order of the first. */
export function columns(table: string, ...wanted: number[]): string[][] {
  const rows = table.split("\n").map((line) => line.replace(/ \(\d+\)/, "").trim().split(/\s+/));
  return rows.filter(([first]) => first === GROUP).map((row) => wanted.map((column) => row[column])).toSorted();
}

/** Barnabas, with its data in a folder within `folder`. */
export function start(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<BarnabasProcess> {
  return startBarnabas({ folder: `${folder}/data`, settings: { "num.partitions": String(PARTITIONS), ...settings } });
}

/** Works in a folder that is gone afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-groups-" });
  try {
    await work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
