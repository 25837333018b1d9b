import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { formatMetaProperties, MetaPropertiesError, parseMetaProperties } from "../../lib/metadata/meta_properties.ts";
import { readFixture } from "./support.ts";

const PATH = "data/meta.properties";

Deno.test("meta.properties of Apache Kafka is read", () => {
  const text = new TextDecoder().decode(readFixture("static/meta.properties"));
  assertEquals(parseMetaProperties(text, PATH), {
    clusterId: "4L6g3nShT-eMCtK--X86sw",
    nodeId: 1,
    directoryId: "W1WxH8EXmYVpEP7WNmvJXA",
  });
});

Deno.test("meta.properties is written so that it reads the same", () => {
  const identity = { clusterId: "c", nodeId: 7, directoryId: "W1WxH8EXmYVpEP7WNmvJXA" };
  assertEquals(parseMetaProperties(formatMetaProperties(identity), PATH), identity);
});

Deno.test("a minimal meta.properties leaves out what it does not say", () => {
  assertEquals(parseMetaProperties("node.id=3\nversion=1\n", PATH), {
    clusterId: undefined,
    nodeId: 3,
    directoryId: undefined,
  });
});

Deno.test("a meta.properties that cannot be used says why, in one line that names it", () => {
  const cases = [
    ["version=2\nnode.id=1", "version must be 1"],
    ["version=0\nbroker.id=1", "ZooKeeper"],
    ["version=1\nnode.id=one", 'node.id must be an integer from 0 to 2147483647, is "one"'],
    ["version=1\nnode.id=2147483648", "node.id"],
    ["version=1\nnode.id=-1", "node.id"],
    ["version=1\ndirectory.id=short", "directory.id must be 22 characters"],
    ["version=1\ncluster.id=", "cluster.id is empty"],
    ["version=1\ncluster.id=\\u00", "line 2"],
  ];
  for (const [text, reason] of cases) {
    const error = assertThrows(() => parseMetaProperties(text, PATH), MetaPropertiesError);
    assertStringIncludes(error.message, reason);
    assertStringIncludes(error.message, PATH);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("an empty file, or one that is cut off in its comment, is damaged: what it said is not made up", () => {
  for (const text of ["", "#\n#Tue Nov 24"]) {
    assertThrows(() => parseMetaProperties(text, "d/meta.properties"), MetaPropertiesError, "empty or cut off");
  }
});
