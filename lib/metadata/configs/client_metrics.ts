/**
 * The configs of a subscription to the metrics of clients (KIP-714).
 *
 * @module
 */
import { anyList, type Check } from "./check.ts";
import { defineConfigs, int, list } from "./definition.ts";

const LEAST_INTERVAL_MS = 100;
const MOST_INTERVAL_MS = 3_600_000;

const interval: Check = {
  description: `[${LEAST_INTERVAL_MS},...,${MOST_INTERVAL_MS}]`,
  complaint: (name, value, text) =>
    (value as number) >= LEAST_INTERVAL_MS && (value as number) <= MOST_INTERVAL_MS
      ? null
      : `Invalid value ${text} for ${name}, interval must be between ${LEAST_INTERVAL_MS} and ${MOST_INTERVAL_MS} (1 hour)`,
};

/** What a pattern can be about. */
const SELECTORS = [
  "client_instance_id",
  "client_id",
  "client_software_name",
  "client_software_version",
  "client_source_address",
  "client_source_port",
];

const ILLEGAL_PATTERN = "Illegal client matching pattern:";

const patterns: Check = {
  description: "",
  complaint: (_name, value) => {
    const illegal = (value as readonly string[]).find((pattern) => !isPattern(pattern));
    return illegal === undefined ? null : `${ILLEGAL_PATTERN} ${illegal}`;
  },
};

/** Every config of a subscription, by name. */
export const CLIENT_METRICS_CONFIGS = defineConfigs({
  "metrics": list("", anyList).documented(
    "The prefixes of the names of the metrics that clients are to send; none sends none.",
  ),
  "interval.ms": int(300_000, interval).documented("How often clients send their metrics, in milliseconds."),
  "match": list("", patterns).documented(
    "Which clients are meant, as SELECTOR=REGULAR EXPRESSION entries that must all match.",
  ),
});

/** Whether that is wrong with a value because of its form, and not since it is out of bounds. */
export function isUnreadable(complaint: string): boolean {
  return complaint.startsWith(ILLEGAL_PATTERN) || complaint.includes(": Not a number of type ");
}

function isPattern(text: string): boolean {
  const [selector, expression, ...rest] = text.split("=").map((part) => part.trim());
  if (!SELECTORS.includes(selector) || (expression ?? "") === "" || rest.length > 0) return false;
  try {
    new RegExp(expression);
    return true;
  } catch {
    return false;
  }
}
