/**
 * The verb without a name: a broker.
 *
 * @module
 */
import { systemWorld } from "../mod.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import type { Address } from "../ports.ts";
import { type RunningBroker, startBroker } from "../shell/start.ts";
import { KAFKA_VERSION, VERSION } from "../version.ts";
import type { Program } from "./program.ts";
import { readSettings, type SettingsArguments } from "./settings.ts";

/** The exit code of a program that Ctrl-C has ended, by convention. */
const EXIT_INTERRUPTED = 130;

/** A setting that cannot be changed while the broker runs; for one listener it has a prefix. */
const KEYS_URL = "sasl.oauthbearer.jwks.endpoint.url";

/** Serves until somebody asks the process to stop; the second time it stops at once. */
export async function serve(program: Program, args: SettingsArguments): Promise<number> {
  const { settings, warnings } = readSettings(program, args);
  const world = systemWorld(settings);
  const warn = settings.logFormat === "json"
    ? (warning: string) => world.loggers.of("kafka.server").warn(warning)
    : (warning: string) => program.writeError(`barnabas: warning: ${warning}`);
  warnings.forEach(warn);
  const broker = await startBroker(settings, world);
  if (!fetchesKeys(settings)) program.giveUpNetwork();
  const stopped = whenToldToStop(program);
  const folders = settings.logDirs.map((folder) => shownFolder(program, folder));
  program.write(banner(broker, folders));
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

/** Whether tokens are checked with keys from elsewhere: all else that a broker needs of the network is open by its start. */
function fetchesKeys({ fixed }: BrokerSettings): boolean {
  return Array.from(fixed).some(([name, value]) => name.endsWith(KEYS_URL) && !value.trim().startsWith("file:"));
}

function banner({ addresses, metricsAddress }: RunningBroker, folders: readonly string[]): string {
  return [
    `listening on ${addresses.map(shownAddress).join(", ")}`,
    `data in ${folders.join(", ")}`,
    ...(metricsAddress === null ? [] : [`metrics on http://${shownAddress(metricsAddress)}/metrics`]),
    `Barnabas ${VERSION}, for clients of Apache Kafka up to ${KAFKA_VERSION}`,
    "",
  ].join("\n");
}

function shownAddress({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function shownFolder(program: Program, folder: string): string {
  return folder === "memory" ? "memory, gone when it stops" : program.absolutePath(folder);
}
