/**
 * Bugs for the checker to find: each is a mistake that somebody could make, put between the broker and its world, or in
 * the place of one of its methods for as long as a world lasts. The broker itself knows nothing of them.
 *
 * @module
 */
import { OffsetMap } from "../../lib/log/cleaner_offset_map.ts";
import { FileLog } from "../../lib/log/file_log.ts";
import { LogProgress } from "../../lib/log/log_progress.ts";
import type { LogConfig } from "../../lib/log/partition_log.ts";
import { ProducerRecall } from "../../lib/log/producer_recall.ts";
import { encodeProducerSnapshot } from "../../lib/log/producer_snapshot.ts";
import { ProducerState } from "../../lib/log/producer_state.ts";
import { Tail } from "../../lib/log/tail_cache.ts";
import type { Disk, DiskFile } from "../../lib/ports.ts";
import { COORDINATOR_BUGS } from "./planted_coordinators.ts";
import { inPlaceOf, type PlantedBug, type Planting } from "./planting.ts";
import { Draw } from "./random.ts";

/** All bugs by name; each name says what the broker does wrong. */
export const PLANTED: Readonly<Record<string, Planting>> = {
  "skips the sync of records": {
    withinSeeds: 30,
    plant: () => onFiles((path) => path.endsWith(".log"), () => ({ sync: () => Promise.resolve() })),
  },
  "acknowledges while the sync is under way": {
    withinSeeds: 60,
    plant: () =>
      onFiles((path) => path.endsWith(".log"), (file) => ({
        sync: () => {
          file.sync().catch(() => {});
          return Promise.resolve();
        },
      })),
  },
  "counts on the sync before this one": {
    withinSeeds: 120,
    plant: () =>
      onFiles((path) => path.endsWith(".log"), (file) => {
        let before: Promise<void> = Promise.resolve();
        return {
          sync: () => {
            const answered = before;
            before = file.sync();
            before.catch(() => {});
            return answered;
          },
        };
      }),
  },
  "forgets to sync folders": {
    withinSeeds: 30,
    plant: () => onDisk(() => ({ syncFolder: () => Promise.resolve() })),
  },
  "forgets to sync the folders of partitions": {
    withinSeeds: 30,
    plant: () =>
      onDisk((disk) => ({
        syncFolder: (path) => /-\d+$/.test(path) ? Promise.resolve() : disk.syncFolder(path),
      })),
  },
  "answers before the metadata is durable": {
    withinSeeds: 30,
    plant: () => onFiles((path) => path.includes("/__cluster_metadata-0/"), () => ({ sync: () => Promise.resolve() })),
  },
  "forgets to sync the topic id of a partition": {
    withinSeeds: 30,
    plant: () => onFiles((path) => path.endsWith("/partition.metadata"), () => ({ sync: () => Promise.resolve() })),
  },
  "shows records ahead of the sync": {
    withinSeeds: 30,
    plant: () => ({ set: { "barnabas.flush.on.ack": "false" } }),
  },
  "takes records for safe that a killed run left in the page cache": {
    withinSeeds: 400,
    plant: () => withoutSyncUntilServing(),
  },
  "writes empty snapshots of the producers": {
    withinSeeds: 500,
    plant: () =>
      onFiles((path) => path.endsWith(".snapshot"), (file) => ({
        writeSync: (position) => file.writeSync(position, encodeProducerSnapshot([])),
      })),
  },
  "does not recognize what a producer sends again": {
    withinSeeds: 30,
    plant: () => inPlaceOf(ProducerState.prototype, "findDuplicate", () => () => undefined),
  },
  "cuts a byte too little off a torn log": {
    withinSeeds: 400,
    plant: () =>
      onFiles((path) => path.endsWith(".log"), (file) => ({
        truncateSync: (size) => file.truncateSync(size + 1),
      })),
  },
  "cuts a byte too much off a torn log": {
    withinSeeds: 60,
    plant: () =>
      onFiles((path) => path.endsWith(".log"), (file) => ({
        truncateSync: (size) => file.truncateSync(Math.max(0, size - 1)),
      })),
  },
  "leaves what it could not write": {
    withinSeeds: 200,
    plant: () => onFiles((path) => path.endsWith(".log"), () => ({ truncateSync: () => {} })),
  },
  "uses an offset twice after a restart": {
    withinSeeds: 30,
    plant: () =>
      inPlaceOf(
        FileLog,
        "open",
        (open: typeof FileLog.open) =>
          async function (this: typeof FileLog, context, path, topicPartition, options) {
            const log = await open.call(this, context, path, topicPartition, options);
            if (topicPartition.topic.startsWith("__") || log.logEndOffset === log.logStartOffset) return log;
            return forgetLastBatch(log);
          } as typeof FileLog.open,
      ),
  },
  "shows what is beyond the high watermark": {
    withinSeeds: 30,
    plant: () =>
      inPlaceOf(
        Tail.prototype,
        "read",
        (read) =>
          function (this: Tail, offset, limits) {
            return read.call(this, offset, { ...limits, endOffset: Infinity });
          },
      ),
  },
  "answers appends as soon as they are written": {
    withinSeeds: 150,
    plant: () => inPlaceOf(LogProgress.prototype, "whenPassed", () => (result) => Promise.resolve(result)),
  },
  "forgets where deleted records end": {
    withinSeeds: 30,
    plant: () =>
      onFiles((path) => path.includes("/log-start-offset-checkpoint"), (file) => ({
        writeSync: (position) => file.writeSync(position, new TextEncoder().encode("0\n0\n")),
      })),
  },
  "reads a segment from the wrong place": {
    withinSeeds: 30,
    plant: () =>
      onFiles((path) => path.endsWith(".index"), (file) => ({
        writeSync: (position, bytes) => file.writeSync(position, bytes.slice().fill(0, 0, Math.min(4, bytes.length))),
      })),
  },
  "has the same chance after each restart": {
    withinSeeds: 100,
    plant: () => ({ random: () => new Draw(1) }),
  },
  "cleans away the last record of a key": {
    withinSeeds: 30,
    plant: () =>
      inPlaceOf(
        OffsetMap.prototype,
        "get",
        (get) =>
          function (this: OffsetMap, ...key) {
            return get.call(this, ...key) + 1;
          },
      ),
  },
  "takes tombstones away too early": {
    withinSeeds: 300,
    plant: () => withLogConfig({ deleteRetentionMs: 0 }),
  },
  "cleans what is too young": {
    withinSeeds: 300,
    plant: () => withLogConfig({ minCompactionLagMs: 0 }),
  },
  "swaps in cleaned segments that are not synced": {
    withinSeeds: 100,
    plant: () => onFiles((path) => path.endsWith(".cleaned"), () => ({ sync: () => Promise.resolve() })),
  },
  "does not recall what a restart has forgotten of a producer": {
    withinSeeds: 1500,
    plant: () => inPlaceOf(ProducerRecall.prototype, "mayKnow", () => () => false),
  },
  "lets a fetch wait for ever": {
    withinSeeds: 30,
    plant: () => ({ timers: () => ({ after: () => ({ cancel: () => {} }) }) }),
  },
  ...COORDINATOR_BUGS,
};

/** A disk on which some operations are others. */
function onDisk(change: (disk: Disk) => Partial<Disk>): PlantedBug {
  return { disk: (disk) => ({ ...disk, ...change(disk) }) };
}

/** A disk on which some operations of some files are others. */
function onFiles(isMeant: (path: string) => boolean, change: (file: DiskFile) => Partial<DiskFile>): PlantedBug {
  return onDisk((disk) => ({
    openSync: (path, mode) => {
      const file = disk.openSync(path, mode);
      return isMeant(path) ? { ...file, ...change(file) } : file;
    },
  }));
}

/** Syncs of records before the first append of a run: those of recovery. */
function withoutSyncUntilServing(): PlantedBug {
  return {
    disk: (disk) => {
      const written = new Set<string>();
      const isSkipped = (path: string) => path.endsWith(".log") && !path.includes("/__") && !written.has(path);
      return {
        ...disk,
        openSync: (path, mode) => {
          const file = disk.openSync(path, mode);
          return {
            ...file,
            writeSync: (position, bytes) => {
              written.add(path);
              file.writeSync(position, bytes);
            },
            sync: () => isSkipped(path) ? Promise.resolve() : file.sync(),
          };
        },
      };
    },
  };
}

/** Logs that obey another configuration than their topics have. */
function withLogConfig(change: Partial<LogConfig>): PlantedBug {
  const original = Object.getOwnPropertyDescriptor(FileLog.prototype, "config")!;
  const config = function (this: FileLog): LogConfig {
    return { ...original.get!.call(this), ...change };
  };
  Object.defineProperty(FileLog.prototype, "config", { ...original, get: config });
  return { uproot: () => void Object.defineProperty(FileLog.prototype, "config", original) };
}

/** The log as it would be, had its end been counted one too few. */
function forgetLastBatch(log: FileLog): FileLog {
  return new Proxy(log, {
    get(target, property) {
      const value = Reflect.get(target, property, target);
      if (property === "highWatermark" || property === "logEndOffset") return (value as number) - 1;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
