/**
 * Apache Kafka's DumpLogSegments over all files of a data folder.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { runJava } from "./apache_kafka.ts";

const TOOL = "org.apache.kafka.tools.DumpLogSegments";
const METADATA_FOLDER = "__cluster_metadata-0";
/** What the tool prints where something is wrong, and what it prints of a log that was compacted and is right. */
const COMPLAINT = /isvalid: false|mismatch|out of order|non-?consecutive|could not|corrupt|exception|error/i;
const KNOWS_COMPACTION = /non-?consecutive/i;

/** Which partitions the cleaner has been at, whose offsets have gaps. */
export interface DumpOptions {
  readonly compacted: readonly string[];
  /** Leaves out partitions that are deleted: Apache Kafka does not cut their indexes to what is in them. */
  readonly leavesOutDeleted?: boolean;
}

/** Asserts that the tool reads every log, index, snapshot and transaction index of the folder and finds nothing wrong. */
export async function assertDumpsClean(
  dataFolder: string,
  { compacted, leavesOutDeleted = false }: DumpOptions,
): Promise<void> {
  const files = filesOf(dataFolder).filter(({ folder }) => !leavesOutDeleted || !folder.endsWith("-delete"));
  const gapless = files.filter(({ folder }) => folder !== METADATA_FOLDER && !compacted.includes(folder));
  const gappy = files.filter(({ folder }) => compacted.includes(folder));
  const metadata = files.filter(({ folder }) => folder === METADATA_FOLDER);
  const indexes = files.filter(({ path }) => /\.(index|timeindex)$/.test(path));
  await assertClean(["--deep-iteration"], gapless);
  await assertClean(["--deep-iteration"], gappy, KNOWS_COMPACTION);
  await assertClean(["--deep-iteration", "--cluster-metadata-decoder"], metadata);
  await assertClean(["--verify-index-only"], indexes);
  await assertClean(["--index-sanity-check"], indexes.filter(({ path }) => !path.endsWith(".timeindex")));
}

interface DataFile {
  readonly folder: string;
  readonly path: string;
}

function filesOf(dataFolder: string): readonly DataFile[] {
  const folders = [...Deno.readDirSync(dataFolder)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  return folders.flatMap((folder) =>
    [...Deno.readDirSync(`${dataFolder}/${folder}`)]
      .filter(({ name }) => /\.(log|index|timeindex|txnindex|snapshot|checkpoint)$/.test(name))
      .map(({ name }) => ({ folder, path: `${dataFolder}/${folder}/${name}` }))
  );
}

async function assertClean(options: readonly string[], files: readonly DataFile[], allowed?: RegExp): Promise<void> {
  if (files.length === 0) return;
  const output = await runJava(TOOL, [...options, "--files", files.map(({ path }) => path).join(",")]);
  const dumped = output.split("\n").filter((line) => line.startsWith("Dumping ")).length;
  assertEquals(dumped, files.length, `${TOOL} ${options.join(" ")} has not read every file`);
  const complaints = output.split("\n").filter((line) => COMPLAINT.test(line) && !allowed?.test(line));
  assertEquals(complaints.map((line) => line.slice(0, 300)), [], `${TOOL} ${options.join(" ")}`);
}
