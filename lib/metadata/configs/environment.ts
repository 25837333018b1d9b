/**
 * Settings in environment variables, as the official image of Apache Kafka spells them: `KAFKA_LOG_DIRS` is `log.dirs`; two
 * underscores stand for one, and three for a hyphen.
 *
 * @module
 */

/** The variables of the image that are for its scripts and its Java. */
const NO_SETTINGS = new Set([
  "KAFKA_VERSION",
  "KAFKA_HEAP_OPTS",
  "KAFKA_LOG4J_OPTS",
  "KAFKA_OPTS",
  "KAFKA_JMX_OPTS",
  "KAFKA_JMX_HOSTNAME",
  "KAFKA_JMX_PORT",
  "KAFKA_JVM_PERFORMANCE_OPTS",
  "KAFKA_GC_LOG_OPTS",
  "KAFKA_LOG4J_ROOT_LOGLEVEL",
  "KAFKA_LOG4J_LOGGERS",
  "KAFKA_TOOLS_LOG4J_LOGLEVEL",
]);

/** A setting and the variable that has it. */
export interface EnvironmentSetting {
  readonly name: string;
  readonly value: string;
  readonly variable: string;
}

/** What the variables set, whether or not there is such a setting. */
export function settingsInEnvironment(environment: Readonly<Record<string, string>>): EnvironmentSetting[] {
  const settings = Object.entries(environment)
    .filter(([variable]) => variable.startsWith("KAFKA_") && !NO_SETTINGS.has(variable))
    .map(([variable, value]) => ({ name: settingName(variable), value, variable }));
  return [...listenersFromAdvertised(environment), ...settings];
}

function settingName(variable: string): string {
  return variable.slice("KAFKA_".length).toLowerCase().replace(/_{1,3}/g, (run) => [".", "_", "-"][run.length - 1]);
}

/** Who only says what to advertise listens on the same ports, on every interface: so does the image. */
function listenersFromAdvertised(environment: Readonly<Record<string, string>>): EnvironmentSetting[] {
  const advertised = environment["KAFKA_ADVERTISED_LISTENERS"];
  if (!advertised || environment["KAFKA_LISTENERS"]) return [];
  const value = advertised.replace(/:\/\/(\[[^\]]*\]|[^:,]*):/g, "://0.0.0.0:");
  return [{ name: "listeners", value, variable: "KAFKA_ADVERTISED_LISTENERS" }];
}
