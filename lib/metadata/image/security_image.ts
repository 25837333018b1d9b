/**
 * ACLs, SCRAM credentials and delegation tokens as the metadata log tells them.
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type {
  AccessControlEntryRecord,
  DelegationTokenRecord,
  UserScramCredentialRecord,
} from "../../protocol/records/security.ts";
import { AclTable } from "../../security/acl_table.ts";
import { metadataRecord } from "../record.ts";

/** All that decides who may do what. */
export class SecurityImage {
  readonly #acls = new AclTable();
  readonly #scramCredentials = new Map<number, Map<string, UserScramCredentialRecord>>();
  readonly #delegationTokens = new Map<string, DelegationTokenRecord>();

  /** It changes in place. */
  get acls(): AclTable {
    return this.#acls;
  }

  /** By the number of the mechanism (1 for SCRAM-SHA-256, 2 for SCRAM-SHA-512), then by user. */
  get scramCredentials(): ReadonlyMap<number, ReadonlyMap<string, UserScramCredentialRecord>> {
    return this.#scramCredentials;
  }

  /** By the id of the token. */
  get delegationTokens(): ReadonlyMap<string, DelegationTokenRecord> {
    return this.#delegationTokens;
  }

  addAcl({ id, ...acl }: AccessControlEntryRecord): void {
    this.#acls.add(id, acl);
  }

  removeAcl(id: Uuid): void {
    this.#acls.remove(id);
  }

  /** The bytes are copied, since they are views of what may be a whole segment. */
  setScramCredential(record: UserScramCredentialRecord): void {
    const { name, mechanism, salt, storedKey, serverKey } = record;
    const byUser = this.#scramCredentials.get(mechanism) ?? new Map<string, UserScramCredentialRecord>();
    byUser.set(name, {
      ...record,
      salt: salt.slice(),
      storedKey: storedKey.slice(),
      serverKey: serverKey.slice(),
    });
    this.#scramCredentials.set(mechanism, byUser);
  }

  removeScramCredential(mechanism: number, user: string): void {
    this.#scramCredentials.get(mechanism)?.delete(user);
  }

  setDelegationToken(record: DelegationTokenRecord): void {
    this.#delegationTokens.set(record.tokenId, record);
  }

  removeDelegationToken(tokenId: string): void {
    this.#delegationTokens.delete(tokenId);
  }

  /** The records that make this from nothing. */
  *records() {
    for (const [id, acl] of this.#acls.byId) yield metadataRecord("AccessControlEntryRecord", { id, ...acl });
    for (const byUser of this.#scramCredentials.values()) {
      for (const credential of byUser.values()) yield metadataRecord("UserScramCredentialRecord", credential);
    }
    for (const token of this.#delegationTokens.values()) yield metadataRecord("DelegationTokenRecord", token);
  }
}
