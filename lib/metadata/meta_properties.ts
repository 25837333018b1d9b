/**
 * `meta.properties`, the file that says whose a data folder is: the cluster, the node, and the folder's own id
 * (KIP-858).
 *
 * In: the text of the file, a Java properties file. Out: {@linkcode MetaProperties}, and back.
 *
 * @module
 */
import { isUuid, type Uuid } from "../bytes/mod.ts";
import { parseProperties, PropertiesError } from "./configs/properties.ts";

/** The file's name in each folder of `log.dirs`. */
export const META_PROPERTIES = "meta.properties";

/** The identity of a data folder. Version 1 of the file, that of KRaft. */
export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: Uuid;
}

/** The file cannot be used. The message says what is wrong with it and what to do. */
export class MetaPropertiesError extends Error {
  override name = "MetaPropertiesError";
}

/**
 * Reads the file's text. A part that is not there is undefined: Apache Kafka before 3.7 wrote no `directory.id`, and
 * files made by hand may lack more.
 *
 * @param path for error messages
 * @throws {MetaPropertiesError} where a value cannot be, or where the folder belongs to a cluster with ZooKeeper
 */
export function parseMetaProperties(text: string, path: string): Partial<MetaProperties> {
  const properties = readProperties(text, path);
  checkVersion(properties, path);
  const nodeIdText = properties.get("node.id");
  const directoryId = properties.get("directory.id");
  const clusterId = properties.get("cluster.id");
  if (properties.size === 0) throw new MetaPropertiesError(`Cannot use ${path}: it is empty or cut off. Restore it`);
  if (clusterId === "") throw new MetaPropertiesError(`Cannot use ${path}: cluster.id is empty`);
  if (directoryId !== undefined && !isUuid(directoryId)) {
    throw new MetaPropertiesError(
      `Cannot use ${path}: directory.id must be 22 characters of URL-safe base64, is "${directoryId}"`,
    );
  }
  return {
    clusterId,
    nodeId: nodeIdText === undefined ? undefined : parseNodeId(nodeIdText, path),
    directoryId,
  };
}

/** The text of the file. */
export function formatMetaProperties({ clusterId, nodeId, directoryId }: MetaProperties): string {
  return `cluster.id=${clusterId}\ndirectory.id=${directoryId}\nnode.id=${nodeId}\nversion=1\n`;
}

function checkVersion(properties: ReadonlyMap<string, string>, path: string): void {
  const version = properties.get("version");
  if (version === "0" || properties.has("broker.id")) {
    throw new MetaPropertiesError(
      `Cannot use ${path}: it belongs to a cluster with ZooKeeper; migrate it to KRaft with Apache Kafka 3.9 first`,
    );
  }
  if (version !== undefined && version !== "1") {
    throw new MetaPropertiesError(`Cannot use ${path}: version must be 1, is "${version}"`);
  }
}

function parseNodeId(text: string, path: string): number {
  const nodeId = Number(text);
  if (!/^\d+$/.test(text) || nodeId > 0x7fffffff) {
    throw new MetaPropertiesError(`Cannot use ${path}: node.id must be an integer from 0 to 2147483647, is "${text}"`);
  }
  return nodeId;
}

function readProperties(text: string, path: string): ReadonlyMap<string, string> {
  try {
    return new Map(parseProperties(text).map(({ name, value }) => [name, value.trimEnd()]));
  } catch (error) {
    if (!(error instanceof PropertiesError)) throw error;
    throw new MetaPropertiesError(`Cannot use ${path}: line ${error.line} ${error.message}`, { cause: error });
  }
}
