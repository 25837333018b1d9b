/**
 * The verb `format`: makes data folders ready before the first start. A broker does so by itself; this is for those who want to
 * choose the id of the cluster, or to check folders.
 *
 * @module
 */
import { isUuid } from "../bytes/mod.ts";
import { prepareFolders } from "../metadata/format.ts";
import { systemClock, systemRandom } from "../shell/clock.ts";
import { DenoDisk } from "../shell/disk.ts";
import { type Program, UserError } from "./program.ts";
import { scramRecord } from "./scram_argument.ts";
import { readSettings, type SettingsArguments } from "./settings.ts";

/** What `format` can be told. */
export interface FormatArguments extends SettingsArguments {
  /** A UUID in the 22 characters of Apache Kafka; a random one by default. */
  readonly clusterId?: string;
  /** SCRAM credentials that the cluster begins with, as {@linkcode scramRecord} reads them. */
  readonly addScram?: readonly string[];
}

/** Formats the folders that are empty, and says whose the others are. */
export async function format(
  program: Program,
  { clusterId, addScram = [], ...args }: FormatArguments,
): Promise<number> {
  const { settings, warnings } = readSettings(program, args);
  for (const warning of warnings) program.writeError(`barnabas: warning: ${warning}`);
  if (settings.logDirs.includes("memory")) throw new UserError("Cannot format memory: name a folder with --data-dir");
  const chosenId = clusterId ?? (program.environment["CLUSTER_ID"] || undefined);
  if (chosenId !== undefined && !isUuid(chosenId)) {
    throw new UserError(`Cannot use ${chosenId} as the id of a cluster: expected 22 characters of URL-safe base64`);
  }
  const records = addScram.map(scramRecord);
  const identity = await prepareFolders({
    disk: new DenoDisk(),
    random: systemRandom,
    nowMs: systemClock.now(),
    dataDirs: settings.logDirs,
    metadataDir: settings.metadataLogDir,
    clusterId: chosenId,
    nodeId: settings.nodeId ?? undefined,
    records,
  });
  const folders = settings.logDirs.map((folder) => program.absolutePath(folder)).join(", ");
  if (!identity.isNew && records.length > 0) {
    throw new UserError(`Cannot add credentials to ${folders}, which is formatted already: use kafka-configs --alter`);
  }
  const what = identity.isNew ? "formatted" : "already formatted";
  program.write(`${what} ${folders}\ncluster.id ${identity.clusterId}\nnode.id ${identity.nodeId}\n`);
  return 0;
}
