/**
 * The plain form of a broker's arguments, read without the grammar of `command_line.ts`: to load that takes as long as to
 * start the broker.
 *
 * @module
 */
import type { SettingsArguments } from "./settings.ts";

/** The flags of a broker; each is followed by its value. */
const FLAGS: Readonly<Record<string, "host" | "port" | "dataDir" | "nodeId" | "set">> = {
  "--host": "host",
  "--port": "port",
  "-p": "port",
  "--data-dir": "dataDir",
  "-d": "dataDir",
  "--node-id": "nodeId",
  "--set": "set",
  "-s": "set",
};

const VERBS: readonly string[] = ["format", "explain", "version", "help"];

/** What the arguments say; null where the grammar must decide, be it that they are for another verb, unusual or wrong. */
export function plainArguments(args: readonly string[]): SettingsArguments | null {
  let found: SettingsArguments = {};
  for (let index = 0; index < args.length; index++) {
    const flag = FLAGS[args[index]];
    if (flag === undefined) {
      if (!isFile(args[index]) || found.file !== undefined) return null;
      found = { ...found, file: args[index] };
      continue;
    }
    const changed = withFlag(found, flag, args[++index]);
    if (changed === null) return null;
    found = changed;
  }
  return found;
}

function isFile(argument: string): boolean {
  return argument !== "" && !argument.startsWith("-") && !VERBS.includes(argument);
}

function withFlag(
  found: SettingsArguments,
  flag: (typeof FLAGS)[string],
  value: string | undefined,
): SettingsArguments | null {
  if (value === undefined || value === "" || value.startsWith("-")) return null;
  switch (flag) {
    case "host":
    case "dataDir":
      return { ...found, [flag]: value };
    case "port":
      return /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? { ...found, port: Number(value) } : null;
    case "nodeId":
      return /^\d{1,10}$/.test(value) ? { ...found, nodeId: Number(value) } : null;
    case "set": {
      const parts = /^([\w.-]+)=(.*)$/s.exec(value);
      return parts === null ? null : { ...found, set: { ...found.set, [parts[1]]: parts[2] } };
    }
  }
}
