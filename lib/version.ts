/**
 * Which Barnabas this is.
 *
 * @module
 */

/** The version of Barnabas, as in `deno.json`. */
export const VERSION = "0.1.0";

/** The version of Apache Kafka whose protocol and files it speaks. */
export const KAFKA_VERSION = "4.3";
