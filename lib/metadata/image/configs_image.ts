/**
 * Configurations as the metadata log tells them: what was set for a resource, and nothing of defaults.
 *
 * @module
 */
import type { ConfigRecord } from "../../protocol/records/metadata.ts";
import { metadataRecord } from "../record.ts";

/** What can have a configuration in the metadata log, with its number on the wire. */
export const ConfigResourceType = { TOPIC: 2, BROKER: 4, CLIENT_METRICS: 16, GROUP: 32 } as const;
export type ConfigResourceType = typeof ConfigResourceType[keyof typeof ConfigResourceType];

const NONE: ReadonlyMap<string, string> = new Map();

/** All configurations. */
export class ConfigsImage {
  readonly #byType = new Map<number, Map<string, Map<string, string>>>();

  /** What is set for a resource, by name; empty where nothing is. A broker's defaults have the resource name "". */
  of(resourceType: number, resourceName: string): ReadonlyMap<string, string> {
    return this.#byType.get(resourceType)?.get(resourceName) ?? NONE;
  }

  /** The names of the resources of a type for which something is set. */
  resourceNames(resourceType: number): Iterable<string> {
    return this.#byType.get(resourceType)?.keys() ?? [];
  }

  set({ resourceType, resourceName, name, value }: ConfigRecord): void {
    const byName = this.#byType.get(resourceType) ?? new Map<string, Map<string, string>>();
    const configs = byName.get(resourceName) ?? new Map<string, string>();
    if (value === null) configs.delete(name);
    else configs.set(name, value);
    if (configs.size === 0) byName.delete(resourceName);
    else byName.set(resourceName, configs);
    this.#byType.set(resourceType, byName);
  }

  removeAll(resourceType: number, resourceName: string): void {
    this.#byType.get(resourceType)?.delete(resourceName);
  }

  /** The records that make these configurations from nothing. */
  *records() {
    for (const [resourceType, byName] of this.#byType) {
      for (const [resourceName, configs] of byName) {
        for (const [name, value] of configs) {
          yield metadataRecord("ConfigRecord", { resourceType, resourceName, name, value });
        }
      }
    }
  }
}
