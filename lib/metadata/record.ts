/**
 * Makes records of the metadata log from just the fields that matter.
 *
 * @module
 */
import { METADATA_RECORDS, type MetadataRecord } from "../protocol/records/logs.ts";

/** The names of the records of the metadata log. */
export type MetadataRecordName = MetadataRecord["name"];

/** The record of that name. */
export type MetadataRecordOf<N extends MetadataRecordName> = Extract<MetadataRecord, { readonly name: N }>;

/**
 * A record with all of its fields: those that are left out have their default.
 *
 * @param version the version that it is written in, which the metadata.version in force must allow
 */
export function metadataRecord<N extends MetadataRecordName>(
  name: N,
  value: Partial<MetadataRecordOf<N>["value"]>,
  version = 0,
): MetadataRecordOf<N> {
  const message = METADATA_RECORDS[name];
  return { name, message, version, value: { ...message.type.zero, ...value } } as MetadataRecordOf<N>;
}
