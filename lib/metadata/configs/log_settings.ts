/**
 * The settings of the broker's own log: its format, and the levels that its areas start with.
 *
 * @module
 */
import { isLoggerName, isLogLevel, LOG_AREAS, LOG_LEVELS, ROOT_LOGGER } from "../../logging/mod.ts";
import type { LogLevel } from "../../ports.ts";
import type { Check } from "./check.ts";
import { nearest } from "./nearest.ts";
import type { BrokerSettings } from "./settings.ts";
import { invalidValue } from "./value.ts";

/** How entries of the log are written. */
export type LogFormat = "text" | "json";

/** AREA=LEVEL entries, an area once. */
export const logLevels: Check = {
  description: "AREA=LEVEL,...",
  complaint: (name, value, text) => {
    const seen = new Set<string>();
    for (const entry of value as readonly string[]) {
      const { area, level } = split(entry);
      const complaint = areaComplaint(area) ?? levelComplaint(area, level) ??
        (seen.has(area) ? `${area} has two levels` : null);
      if (complaint !== null) return invalidValue(name, text, complaint);
      seen.add(area);
    }
    return null;
  },
};

/** The level of the root, and of each area that has one of its own. */
export function readLogLevels(settings: BrokerSettings): Map<string, LogLevel> {
  const levels = new Map([[ROOT_LOGGER, settings.get("barnabas.log.level") as LogLevel]]);
  for (const entry of settings.get("barnabas.log.level.overrides")) {
    const { area, level } = split(entry);
    levels.set(area, level as LogLevel);
  }
  return levels;
}

function split(entry: string): { area: string; level: string } {
  const [area, level = ""] = entry.split(/=(.*)/s).map((part) => part.trim());
  return { area, level };
}

function areaComplaint(area: string): string | null {
  if (area !== ROOT_LOGGER && isLoggerName(area)) return null;
  if (area === ROOT_LOGGER) return "The level of root is barnabas.log.level";
  const meant = nearest(area, Object.keys(LOG_AREAS));
  const hint = meant === null ? `There are ${Object.keys(LOG_AREAS).join(", ")}` : `Did you mean ${meant}?`;
  return `The log has no area ${JSON.stringify(area)}. ${hint}`;
}

function levelComplaint(area: string, level: string): string | null {
  return isLogLevel(level) ? null : `${area} must have one of the levels ${LOG_LEVELS.join(", ")}`;
}
