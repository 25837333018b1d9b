import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseProperties, PropertiesError } from "../../../lib/metadata/configs/properties.ts";

Deno.test("a name ends at =, at : or at white space, and what surrounds them is not part of the value", () => {
  assertEquals(entries("a=1\nb:2\nc 3\nd = 4\ne\t:\t5\nf   \ng"), {
    a: "1",
    b: "2",
    c: "3",
    d: "4",
    e: "5",
    f: "",
    g: "",
  });
});

Deno.test("only the first separator counts", () => {
  assertEquals(entries("listeners=PLAINTEXT://:9092\na = = 1\nb:=2"), {
    listeners: "PLAINTEXT://:9092",
    a: "= 1",
    b: "=2",
  });
});

Deno.test("comments and empty lines are skipped, and a # within a value is part of it", () => {
  assertEquals(entries("# one\n  ! two\n\n \t\nname=value # three\n"), { name: "value # three" });
});

Deno.test("a backslash at the end of a line goes on in the next, whose white space at the beginning is dropped", () => {
  assertEquals(parseProperties("# x\nlist = a,\\\n    b,\\\r\n\tc\nnext=1"), [
    { name: "list", value: "a,b,c", line: 2 },
    { name: "next", value: "1", line: 5 },
  ]);
});

Deno.test("two backslashes at the end of a line are one backslash, and the line ends", () => {
  assertEquals(entries("path=C:\\\\data\\\\\nnext=1"), { path: "C:\\data\\", next: "1" });
});

Deno.test("a continued line may look like a comment", () => {
  assertEquals(entries("a=1\\\n#2"), { a: "1#2" });
});

Deno.test("a backslash alone on a line begins nothing", () => {
  assertEquals(parseProperties("\\\n# comment\na=1\n\\"), [{ name: "a", value: "1", line: 3 }]);
});

Deno.test("escapes stand for characters, in names too", () => {
  assertEquals(entries("a\\ b\\=c\\:=\\t\\n\\u00e9\\z"), { "a b=c:": "\t\n\u00e9z" });
});

Deno.test("a broken \\u is refused with its line", () => {
  const error = assertThrows(() => parseProperties("a=1\nb=\\u00g1"), PropertiesError);
  assertEquals(error.line, 2);
});

Deno.test("any text is parsed, or refused with an error that says where", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "=", ":", " ", "\\", "\n", "\r", "#", "u", "0") }), (text) => {
      try {
        for (const { line } of parseProperties(text)) assertEquals(line >= 1, true);
      } catch (error) {
        assertEquals(error instanceof PropertiesError, true);
      }
    }),
  );
});

Deno.test("what is escaped comes back", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, value) => {
    assertEquals(parseProperties(`${escaped(name)}=${escaped(value)}`), [{ name, value, line: 1 }]);
  }));
});

function entries(text: string): Record<string, string> {
  return Object.fromEntries(parseProperties(text).map(({ name, value }) => [name, value]));
}

function escaped(text: string): string {
  return text.split("").map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
