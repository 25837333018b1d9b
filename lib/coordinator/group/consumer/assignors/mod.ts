/**
 * The assignors of consumer groups: `uniform` and `range`. They assign exactly as those of Apache Kafka do.
 *
 * @module
 */
import type { Assignor } from "../../modern/mod.ts";
import { rangeAssignor } from "./range.ts";
import { uniformAssignor } from "./uniform.ts";

/** All that there are, by the names that members and `group.consumer.assignors` use. */
export const CONSUMER_ASSIGNORS: ReadonlyMap<string, Assignor> = new Map([
  [uniformAssignor.name, uniformAssignor],
  [rangeAssignor.name, rangeAssignor],
]);

export { rangeAssignor, uniformAssignor };
