import { assertEquals } from "@std/assert";
import { type Acl, type AclFilter, matchesFilter, PatternType } from "../../lib/security/mod.ts";

const { ANY, MATCH, LITERAL, PREFIXED } = PatternType;

function acl(resourceName: string, patternType: number): Acl {
  return {
    resourceType: 2,
    resourceName,
    patternType,
    principal: "User:a",
    host: "*",
    operation: 3,
    permissionType: 3,
  };
}

const ALL: readonly Acl[] = [
  acl("*", LITERAL),
  acl("orders", LITERAL),
  acl("ord", PREFIXED),
  acl("orders-x", PREFIXED),
];

function found(filter: Partial<AclFilter>): string[] {
  const whole: AclFilter = {
    resourceType: 1,
    resourceName: null,
    patternType: ANY,
    principal: null,
    host: null,
    operation: 1,
    permissionType: 1,
    ...filter,
  };
  return ALL.filter((entry) => matchesFilter(whole, entry)).map(({ resourceName }) => resourceName);
}

Deno.test("a filter means the entries of a pattern, of a name, or all that speak of a resource", () => {
  assertEquals(found({}), ["*", "orders", "ord", "orders-x"]);
  assertEquals(found({ resourceName: "orders" }), ["orders"]);
  assertEquals(found({ resourceName: "orders", patternType: LITERAL }), ["orders"]);
  assertEquals(found({ patternType: PREFIXED }), ["ord", "orders-x"]);
  assertEquals(found({ resourceName: "orders", patternType: PREFIXED }), []);
  assertEquals(found({ resourceName: "orders", patternType: MATCH }), ["*", "orders", "ord"]);
  assertEquals(found({ resourceName: "orders-xy", patternType: MATCH }), ["*", "ord", "orders-x"]);
  assertEquals(found({ patternType: MATCH }), ["*", "orders", "ord", "orders-x"]);
});

Deno.test("each other field must be the entry's, where it is given", () => {
  for (
    const wrong of [{ resourceType: 3 }, { principal: "User:b" }, { host: "1.2.3.4" }, { operation: 4 }, {
      permissionType: 2,
    }]
  ) {
    assertEquals(found(wrong), []);
  }
  assertEquals(found({ resourceType: 2, principal: "User:a", host: "*", operation: 3, permissionType: 3 }).length, 4);
});
