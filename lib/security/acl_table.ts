/**
 * All access control lists, arranged so that those of a resource are found at once.
 *
 * An entry speaks of one name (LITERAL), of all names (LITERAL, `*`), or of all that begin so (PREFIXED).
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { PatternType } from "./acl_operation.ts";

/** One access control entry, as `AccessControlEntryRecord` has it. */
export interface Acl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  /** `User:alice`, or `User:*` for everybody. */
  readonly principal: string;
  /** An IP address, or `*`. */
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** The entry's name for all resources, and all hosts. */
export const WILDCARD = "*";

/** The entries of one type of resources. */
interface TypeTable {
  readonly literal: Map<string, Acl[]>;
  readonly prefixed: Map<string, Acl[]>;
}

/** A table of entries. */
export class AclTable {
  readonly #byId = new Map<Uuid, Acl>();
  readonly #byType = new Map<number, TypeTable>();

  /** By the id of the entry. */
  get byId(): ReadonlyMap<Uuid, Acl> {
    return this.#byId;
  }

  add(id: Uuid, acl: Acl): void {
    this.remove(id);
    this.#byId.set(id, acl);
    const names = this.#namesOf(acl);
    const there = names.get(acl.resourceName);
    if (there === undefined) names.set(acl.resourceName, [acl]);
    else there.push(acl);
  }

  remove(id: Uuid): void {
    const acl = this.#byId.get(id);
    if (acl === undefined) return;
    this.#byId.delete(id);
    const names = this.#namesOf(acl);
    const left = names.get(acl.resourceName)!.filter((other) => other !== acl);
    if (left.length > 0) names.set(acl.resourceName, left);
    else names.delete(acl.resourceName);
  }

  /** The entries that speak of a resource, whomever they mean. */
  *of(resourceType: number, resourceName: string): Generator<Acl> {
    const table = this.#byType.get(resourceType);
    if (table === undefined) return;
    yield* table.literal.get(resourceName) ?? [];
    if (resourceName !== WILDCARD) yield* table.literal.get(WILDCARD) ?? [];
    if (table.prefixed.size === 0) return;
    for (let length = 1; length <= resourceName.length; length++) {
      yield* table.prefixed.get(resourceName.slice(0, length)) ?? [];
    }
  }

  /** All entries of a type of resources. */
  *ofType(resourceType: number): Generator<Acl> {
    for (const names of Object.values(this.#byType.get(resourceType) ?? {}) as Map<string, Acl[]>[]) {
      for (const acls of names.values()) yield* acls;
    }
  }

  #namesOf({ resourceType, patternType }: Acl): Map<string, Acl[]> {
    let table = this.#byType.get(resourceType);
    if (table === undefined) this.#byType.set(resourceType, table = { literal: new Map(), prefixed: new Map() });
    return patternType === PatternType.PREFIXED ? table.prefixed : table.literal;
  }
}
