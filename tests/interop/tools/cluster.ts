/** What tells of the cluster as a whole: its id, its brokers, features, quorum and APIs. */
import { REGISTRY } from "../../../lib/api/registry.ts";
import type { Step } from "../support/transcript.ts";

/** The lines of APIs that only Apache Kafka serves, and how it ends the list. */
const NOT_SERVED = new RegExp(`^\\t(?!(?:${REGISTRY.map(({ name }) => name).join("|")})\\()\\w+\\(.*\\n`, "gm");

export const clusterSteps: readonly Step[] = [
  "cluster cluster-id",
  "cluster list-endpoints",
  "cluster list-endpoints --include-fenced-brokers",
  "cluster unregister --id 9",
  { command: "cluster", alone: true },
  { command: "features describe", measured: /(?<=Epoch: )\d+/g },
  "features upgrade --feature no.such.feature=1",
  "features upgrade --feature group.version=99",
  "features upgrade --feature transaction.version=2 --dry-run",
  "features upgrade --metadata 4.2 --dry-run",
  "features downgrade --feature transaction.version=1 --dry-run",
  "features downgrade --release-version 4.0 --dry-run",
  "features upgrade --release-version 4.3",
  "features disable --feature no.such.feature",
  "features version-mapping",
  "features version-mapping --release-version 4.1",
  "features feature-dependencies --feature group.version=1",
  { command: "features", alone: true },
  { command: "metadata-quorum describe --status", measured: /\d+|CONTROLLER:.*(?=")/g },
  { command: "metadata-quorum describe --replication", measured: /(?<=^\d+\s+)[\w-]{22}|\d+/gm },
  { command: "metadata-quorum describe --replication --human-readable", measured: /(?<=^\d+\s+)[\w-]{22}|\d+/gm },
  { command: "metadata-quorum describe", alone: true },
  { command: "broker-api-versions", measured: NOT_SERVED },
];
