/**
 * Records of the metadata log about ACLs, SCRAM credentials and delegation tokens.
 *
 * @module
 */
import { array, bytes, type Infer, int32, int64, int8, metadataRecord, string, uuid } from "../schema.ts";

/** An ACL is added. */
export const AccessControlEntryRecord = metadataRecord({
  key: 18,
  name: "AccessControlEntryRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  id: uuid,
  resourceType: int8,
  resourceName: string,
  patternType: int8,
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
});
export type AccessControlEntryRecord = Infer<typeof AccessControlEntryRecord>;

/** An ACL is removed. */
export const RemoveAccessControlEntryRecord = metadataRecord({
  key: 19,
  name: "RemoveAccessControlEntryRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  id: uuid,
});
export type RemoveAccessControlEntryRecord = Infer<typeof RemoveAccessControlEntryRecord>;

/** A SCRAM credential is set. */
export const UserScramCredentialRecord = metadataRecord({
  key: 11,
  name: "UserScramCredentialRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  name: string,
  mechanism: int8,
  salt: bytes,
  storedKey: bytes,
  serverKey: bytes,
  iterations: int32,
});
export type UserScramCredentialRecord = Infer<typeof UserScramCredentialRecord>;

/** A SCRAM credential is removed. */
export const RemoveUserScramCredentialRecord = metadataRecord({
  key: 22,
  name: "RemoveUserScramCredentialRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  name: string,
  mechanism: int8,
});
export type RemoveUserScramCredentialRecord = Infer<typeof RemoveUserScramCredentialRecord>;

/** A delegation token is created or renewed (KIP-48). */
export const DelegationTokenRecord = metadataRecord({
  key: 10,
  name: "DelegationTokenRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  owner: string,
  requester: string,
  renewers: array(string),
  issueTimestamp: int64,
  maxTimestamp: int64,
  expirationTimestamp: int64,
  tokenId: string,
});
export type DelegationTokenRecord = Infer<typeof DelegationTokenRecord>;

/** A delegation token is removed. */
export const RemoveDelegationTokenRecord = metadataRecord({
  key: 26,
  name: "RemoveDelegationTokenRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  tokenId: string,
});
export type RemoveDelegationTokenRecord = Infer<typeof RemoveDelegationTokenRecord>;
