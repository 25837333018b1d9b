/**
 * What the metadata needs to know of configurations in order to accept a change: whoever knows their definitions
 * provides it.
 *
 * @module
 */

/** The definitions of configs, as far as changing them needs them. `resourceType` is a `ConfigResourceType`. */
export interface ConfigRules {
  /** What is wrong with setting a config to a value, also where there is none of that name; null where nothing is. */
  validateConfig(resourceType: number, name: string, value: string): string | null;
  /** What is wrong with all that a resource would have set, taken together; null where nothing is. */
  validateConfigs?(resourceType: number, resourceName: string, configs: ReadonlyMap<string, string>): string | null;
  /** True for lists, which can be appended to and subtracted from. */
  isListConfig(resourceType: number, name: string): boolean;
  /** The value where none is set for the resource; null where there is none. */
  defaultConfig(resourceType: number, name: string): string | null;
}
