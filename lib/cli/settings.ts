/**
 * The settings that the arguments of a verb, the file they name and the environment make together.
 *
 * @module
 */
import { type LoadedSettings, loadSettings } from "../metadata/configs/load.ts";
import type { Program } from "./program.ts";

/** What the command line can say of the settings. */
export interface SettingsArguments {
  /** The path of a `.properties` file. */
  readonly file?: string;
  readonly host?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly nodeId?: number;
  readonly set?: Readonly<Record<string, string>>;
}

/** @throws {SettingsError} where a broker cannot start with them */
export function readSettings(program: Program, { file, ...flags }: SettingsArguments): LoadedSettings {
  return loadSettings({
    file: file === undefined ? undefined : { path: file, text: program.readTextFile(file) },
    environment: program.environment,
    flags,
  });
}
