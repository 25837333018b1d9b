/**
 * The loggers of a broker: one for each area, and the levels that decide what of it is told.
 *
 * A level holds for the areas whose names begin with its own and a dot, too, unless they have one: `kafka.log` for
 * `kafka.log.cleaner`, and `root` for all.
 *
 * ```ts
 * import { Loggers } from "./loggers.ts";
 *
 * const lines: string[] = [];
 * const loggers = new Loggers({ write: (level, logger, line) => lines.push(`${level} ${logger}: ${line}`) });
 * const logger = loggers.of("kafka.log");
 * logger.debug?.("not told");
 * loggers.setLevel("kafka.log", "DEBUG");
 * logger.debug?.("told");
 * lines; // ["DEBUG kafka.log: told"]
 * ```
 *
 * @module
 */
import type { Logger, LogLevel, LogSink } from "../ports.ts";
import { isLoggerName, LOG_AREAS, LOG_LEVELS, type LogArea, ROOT_LOGGER } from "./areas.ts";

const DEFAULT_LEVEL: LogLevel = "INFO";

export class Loggers {
  /** The levels that were set, by name. There is always one for the root. */
  readonly #levels: Map<string, LogLevel>;
  readonly #loggers: ReadonlyMap<LogArea, AreaLogger>;

  /** @param levels by the name of the area, or `root`; INFO where there is none */
  constructor(sink: LogSink, levels: ReadonlyMap<string, LogLevel> = new Map()) {
    this.#levels = new Map([[ROOT_LOGGER, DEFAULT_LEVEL], ...levels]);
    const areas = Object.keys(LOG_AREAS) as LogArea[];
    this.#loggers = new Map(areas.map((area) => [area, new AreaLogger(area, sink)]));
    this.#apply();
  }

  /** The logger of an area: the same one at every call. What it tells follows the level. */
  of(area: LogArea): Logger {
    return this.#loggers.get(area)!;
  }

  /** The level in force of `root` and of each area, by name. */
  levels(): Map<string, LogLevel> {
    return new Map([ROOT_LOGGER, ...this.#loggers.keys()].map((name) => [name, this.#levelOf(name)]));
  }

  /** Whether there is such an area; `root` counts as one. */
  has(name: string): boolean {
    return isLoggerName(name);
  }

  /** Gives an area, or `root`, a level of its own. */
  setLevel(name: string, level: LogLevel): void {
    this.#levels.set(name, level);
    this.#apply();
  }

  /** Takes the level of an area away, so that it has the one of the area above it. The root keeps its own. */
  clearLevel(name: string): void {
    if (name === ROOT_LOGGER) throw new Error("The root logger has no one above it whose level it could have");
    this.#levels.delete(name);
    this.#apply();
  }

  #levelOf(name: string): LogLevel {
    for (let above = name; above !== ""; above = above.slice(0, Math.max(0, above.lastIndexOf(".")))) {
      const level = this.#levels.get(above);
      if (level !== undefined) return level;
    }
    return this.#levels.get(ROOT_LOGGER)!;
  }

  #apply(): void {
    for (const [area, logger] of this.#loggers) logger.setLevel(this.#levelOf(area));
  }
}

/** A logger that somebody brings: one that tells of warnings and of nothing graver or finer will do. */
export type PlainLogger = Pick<Logger, "info" | "warn"> & Partial<Logger>;

/** A sink that hands lines to a logger. Where it has no word for errors, they are warnings. */
export function sinkOf(logger: PlainLogger): LogSink {
  return {
    write(level, _, line) {
      switch (level) {
        case "FATAL":
        case "ERROR":
          return logger.error === undefined ? logger.warn(line) : logger.error(line);
        case "WARN":
          return logger.warn(line);
        case "INFO":
          return logger.info(line);
        case "DEBUG":
          return logger.debug?.(line);
        case "TRACE":
          return logger.trace?.(line);
      }
    },
  };
}

type Tell = (line: string) => void;

class AreaLogger implements Logger {
  error: Tell = silent;
  warn: Tell = silent;
  info: Tell = silent;
  debug?: Tell;
  trace?: Tell;
  readonly #area: LogArea;
  readonly #sink: LogSink;

  constructor(area: LogArea, sink: LogSink) {
    this.#area = area;
    this.#sink = sink;
  }

  /** From now on, this level and the graver ones are told. */
  setLevel(level: LogLevel): void {
    const told = LOG_LEVELS.indexOf(level);
    const tell = (at: LogLevel): Tell | undefined =>
      LOG_LEVELS.indexOf(at) <= told ? (line) => this.#sink.write(at, this.#area, line) : undefined;
    this.error = tell("ERROR") ?? silent;
    this.warn = tell("WARN") ?? silent;
    this.info = tell("INFO") ?? silent;
    this.debug = tell("DEBUG");
    this.trace = tell("TRACE");
  }
}

function silent(): void {}
