import { assertEquals } from "@std/assert";
import {
  type Acl,
  AclOperation,
  AclPermissionType,
  AclTable,
  javaAddress,
  PatternType,
  ResourceType,
  StandardAuthorizer,
  user,
} from "../../lib/security/mod.ts";

const { READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS, ALTER, DELETE, ALL } = AclOperation;
const { TOPIC, GROUP } = ResourceType;
const ALICE = { principal: user("alice"), host: "10.0.0.1" };
const ADMIN = { principal: user("admin"), host: "10.0.0.1" };

function acl(resourceName: string, operation: number, facts: Partial<Acl> = {}): Acl {
  return {
    resourceType: TOPIC,
    resourceName,
    patternType: PatternType.LITERAL,
    principal: "User:alice",
    host: "*",
    operation,
    permissionType: AclPermissionType.ALLOW,
    ...facts,
  };
}

const DENY = { permissionType: AclPermissionType.DENY };
const PREFIX = { patternType: PatternType.PREFIXED };

function authorizer(acls: readonly Acl[], allowEveryoneIfNoAclFound = false): StandardAuthorizer {
  const table = new AclTable();
  for (const [index, entry] of acls.entries()) table.add(String(index), entry);
  return new StandardAuthorizer(table, () => ({ superUsers: new Set(["User:admin"]), allowEveryoneIfNoAclFound }));
}

/** The operations that Alice may do on a topic, of those that matter here. */
function allowed(acls: readonly Acl[], topic = "orders"): number[] {
  const judge = authorizer(acls);
  return [READ, WRITE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS].filter((operation) =>
    judge.allows(ALICE, operation, TOPIC, topic)
  );
}

Deno.test("without an entry nobody may do anything, but super users, who may do everything", () => {
  assertEquals(allowed([]), []);
  assertEquals(
    authorizer([acl("*", ALL, { principal: "User:*", ...DENY })]).allows(ADMIN, READ, TOPIC, "orders"),
    true,
  );
});

Deno.test("an entry allows its operation, and those that come with it", () => {
  assertEquals(allowed([acl("orders", READ)]), [READ, DESCRIBE]);
  assertEquals(allowed([acl("orders", DELETE)]), [DELETE, DESCRIBE]);
  assertEquals(allowed([acl("orders", DESCRIBE)]), [DESCRIBE]);
  assertEquals(allowed([acl("orders", ALTER_CONFIGS)]), [DESCRIBE_CONFIGS, ALTER_CONFIGS]);
  assertEquals(allowed([acl("orders", ALL)]).length, 7);
});

Deno.test("names are whole, prefixes, or all", () => {
  const readable = (entry: Acl) =>
    ["orders", "order", "order-lines", "*x"].filter((topic) => allowed([entry], topic).includes(READ));
  assertEquals(readable(acl("orders", READ)), ["orders"]);
  assertEquals(readable(acl("order", READ, PREFIX)), ["orders", "order", "order-lines"]);
  assertEquals(readable(acl("*", READ)), ["orders", "order", "order-lines", "*x"]);
  assertEquals(readable(acl("*", READ, PREFIX)), ["*x"]);
});

Deno.test("an entry that denies wins, for its own operation alone", () => {
  const everything = acl("*", ALL);
  assertEquals(allowed([everything, acl("orders", READ, DENY)]).includes(READ), false);
  assertEquals(allowed([everything, acl("orders", READ, DENY)]).includes(DESCRIBE), true);
  assertEquals(allowed([acl("orders", READ), acl("ord", ALL, { ...DENY, ...PREFIX })]), []);
  assertEquals(allowed([acl("orders", READ), acl("*", DESCRIBE, { ...DENY, principal: "User:*" })]), [READ]);
});

Deno.test("entries mean a principal, or everybody, from one host or all", () => {
  assertEquals(allowed([acl("orders", READ, { principal: "User:bob" })]), []);
  assertEquals(allowed([acl("orders", READ, { principal: "User:*" })]), [READ, DESCRIBE]);
  assertEquals(allowed([acl("orders", READ, { principal: "Group:alice" })]), []);
  assertEquals(allowed([acl("orders", READ, { host: "10.0.0.1" })]), [READ, DESCRIBE]);
  assertEquals(allowed([acl("orders", READ, { host: "10.0.0.2" })]), []);
});

Deno.test("what no entry speaks of may be for everybody, as the settings have it", () => {
  const judge = authorizer([acl("orders", READ, { principal: "User:bob" })], true);
  assertEquals(judge.allows(ALICE, WRITE, TOPIC, "orders"), false);
  assertEquals(judge.allows(ALICE, WRITE, TOPIC, "others"), true);
  assertEquals(judge.allows(ALICE, READ, GROUP, "orders"), true);
});

Deno.test("who may write to any topic at all is found by what is allowed and not wholly denied", () => {
  const any = (...acls: Acl[]) => authorizer(acls).allowsAny(ALICE, WRITE, TOPIC);
  assertEquals(any(), false);
  assertEquals(authorizer([]).allowsAny(ADMIN, WRITE, TOPIC), true);
  assertEquals(any(acl("orders", WRITE)), true);
  assertEquals(any(acl("orders", READ)), false);
  assertEquals(any(acl("orders", ALL, PREFIX)), true);
  assertEquals(any(acl("orders", WRITE), acl("orders", WRITE, DENY)), false);
  assertEquals(any(acl("orders", WRITE), acl("ord", ALL, { ...DENY, ...PREFIX })), false);
  assertEquals(any(acl("orders", WRITE, PREFIX), acl("orders", WRITE, DENY)), true);
  assertEquals(any(acl("orders", WRITE), acl("*", WRITE, DENY)), false);
  assertEquals(any(acl("*", WRITE), acl("orders", WRITE, DENY)), true);
});

Deno.test("an entry that is removed is forgotten, and the others stay", () => {
  const table = new AclTable();
  table.add("1", acl("orders", READ));
  table.add("2", acl("orders", WRITE));
  table.remove("1");
  table.remove("3");
  assertEquals([...table.of(TOPIC, "orders")], [acl("orders", WRITE)]);
  table.remove("2");
  assertEquals([...table.of(TOPIC, "orders"), ...table.ofType(TOPIC)], []);
});

Deno.test("IPv6 addresses are compared as Java prints them", () => {
  assertEquals(javaAddress("::1"), "0:0:0:0:0:0:0:1");
  assertEquals(javaAddress("fe80::00a0:1"), "fe80:0:0:0:0:0:a0:1");
  assertEquals(javaAddress("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
  assertEquals(javaAddress("::"), "0:0:0:0:0:0:0:0");
  assertEquals(javaAddress("127.0.0.1"), "127.0.0.1");
});
