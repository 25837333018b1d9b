/**
 * The verb without a name: a broker.
 *
 * @module
 */
import { BrokerCore } from "../broker/mod.ts";
import { systemWorld } from "../mod.ts";
import type { Address } from "../ports.ts";
import { consoleLogger } from "../shell/logger.ts";
import { KAFKA_VERSION, VERSION } from "../version.ts";
import type { Program } from "./program.ts";
import { readSettings, type SettingsArguments } from "./settings.ts";

/** The exit code of a program that Ctrl-C has ended, by convention. */
const EXIT_INTERRUPTED = 130;

/** Serves until somebody asks the process to stop; the second time it stops at once. */
export async function serve(program: Program, args: SettingsArguments): Promise<number> {
  const { settings, warnings } = readSettings(program, args);
  for (const warning of warnings) program.writeError(`barnabas: warning: ${warning}`);
  const broker = await BrokerCore.start(settings, systemWorld(settings, consoleLogger));
  const stopped = whenToldToStop(program);
  program.write(banner(broker.addresses, settings.logDirs.map((folder) => shownFolder(program, folder))));
  await stopped;
  await broker.close();
  return 0;
}

function whenToldToStop(program: Program): Promise<void> {
  let isStopping = false;
  return new Promise((resolve) =>
    program.onStop(() => {
      if (isStopping) program.exit(EXIT_INTERRUPTED);
      isStopping = true;
      resolve();
    })
  );
}

function banner(addresses: readonly Address[], folders: readonly string[]): string {
  const shown = addresses.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
  return [
    `listening on ${shown.join(", ")}`,
    `data in ${folders.join(", ")}`,
    `Barnabas ${VERSION}, for clients of Apache Kafka up to ${KAFKA_VERSION}`,
    "",
  ].join("\n");
}

function shownFolder(program: Program, folder: string): string {
  return folder === "memory" ? "memory, gone when it stops" : program.absolutePath(folder);
}
