/**
 * The rules of Apache Kafka's `StandardAuthorizer`: super users may do everything; else an entry that denies wins over one that
 * allows; where entries speak of a resource and none of them allows, it is denied; where none speaks of it, the default holds.
 *
 * Some operations come with others: whoever may read, write, delete or alter may describe, and whoever may alter configs may
 * describe them. That is so for entries that allow, not for those that deny.
 *
 * @module
 */
import { AclOperation, AclPermissionType, PatternType, ResourceType } from "./acl_operation.ts";
import { type Acl, type AclTable, WILDCARD } from "./acl_table.ts";
import { formatPrincipal, type KafkaPrincipal } from "./principal.ts";

/** Who wants to do something. */
export interface Requester {
  readonly principal: KafkaPrincipal;
  /** An IP address. */
  readonly host: string;
}

/** What the settings say. */
export interface AuthorizerSettings {
  /** `super.users`, such as `User:admin`. */
  readonly superUsers: ReadonlySet<string>;
  /** `allow.everyone.if.no.acl.found` */
  readonly allowEveryoneIfNoAclFound: boolean;
}

const EVERYBODY = "User:*";

/** What an entry that allows one of these allows as well. */
const IMPLYING: ReadonlyMap<number, readonly number[]> = new Map([
  [AclOperation.DESCRIBE, [AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.ALTER]],
  [AclOperation.DESCRIBE_CONFIGS, [AclOperation.ALTER_CONFIGS]],
]);

export class StandardAuthorizer {
  readonly #acls: AclTable;
  readonly #settings: () => AuthorizerSettings;

  constructor(acls: AclTable, settings: () => AuthorizerSettings) {
    this.#acls = acls;
    this.#settings = settings;
  }

  /** Whether somebody may do that to the resource of that name. */
  allows(requester: Requester, operation: AclOperation, resourceType: ResourceType, resourceName: string): boolean {
    const { superUsers, allowEveryoneIfNoAclFound } = this.#settings();
    const principal = formatPrincipal(requester.principal);
    if (superUsers.has(principal)) return true;
    const host = javaAddress(requester.host);
    let isSpokenOf = false;
    let isAllowed = false;
    for (const acl of this.#acls.of(resourceType, resourceName)) {
      isSpokenOf = true;
      if (!means(acl, principal, host)) continue;
      if (acl.permissionType === AclPermissionType.DENY) {
        if (acl.operation === operation || acl.operation === AclOperation.ALL) return false;
      } else {
        isAllowed ||= covers(acl.operation, operation);
      }
    }
    return isAllowed || (!isSpokenOf && allowEveryoneIfNoAclFound);
  }

  /**
   * Whether somebody may do that to any resource of the type at all, be it one that is not there yet. Apache Kafka asks so
   * whether a producer may have a producer id.
   */
  allowsAny(requester: Requester, operation: AclOperation, resourceType: ResourceType): boolean {
    // The name stands for one that nobody would write an entry for: so super users and the default are heard.
    if (this.allows(requester, operation, resourceType, "hardcode")) return true;
    const principal = formatPrincipal(requester.principal);
    const host = javaAddress(requester.host);
    const acls = [...this.#acls.ofType(resourceType)].filter((acl) =>
      means(acl, principal, host) && (acl.operation === operation || acl.operation === AclOperation.ALL)
    );
    const denied = acls.filter(({ permissionType }) => permissionType === AclPermissionType.DENY);
    if (denied.some(isForAll)) return false;
    return acls.some((acl) =>
      acl.permissionType === AclPermissionType.ALLOW &&
      (isForAll(acl) || !denied.some((other) => dominates(other, acl)))
    );
  }
}

/** Whether an entry means somebody. */
function means(acl: Acl, principal: string, host: string): boolean {
  return (acl.principal === principal || acl.principal === EVERYBODY) && (acl.host === WILDCARD || acl.host === host);
}

function covers(allowed: number, operation: number): boolean {
  return allowed === operation || allowed === AclOperation.ALL || (IMPLYING.get(operation)?.includes(allowed) ?? false);
}

function isForAll({ patternType, resourceName }: Acl): boolean {
  return patternType === PatternType.LITERAL && resourceName === WILDCARD;
}

/** Whether what is denied is all that is allowed. */
function dominates(denied: Acl, allowed: Acl): boolean {
  if (denied.patternType === PatternType.PREFIXED) return allowed.resourceName.startsWith(denied.resourceName);
  return allowed.patternType === PatternType.LITERAL && allowed.resourceName === denied.resourceName;
}

/** An IPv6 address in the form in which Java prints it, and entries have it: all eight numbers, without leading zeros. */
export function javaAddress(host: string): string {
  if (!host.includes(":")) return host;
  const [head, tail] = host.split("::").map((part) => part === "" ? [] : part.split(":"));
  const rest = tail ?? [];
  const zeros = tail === undefined ? 0 : 8 - head.length - rest.length;
  return [...head, ...Array<string>(zeros).fill("0"), ...rest].map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
