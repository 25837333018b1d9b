/** What Apache Kafka 4.3.1 says of values, good and bad; `tests/golden/config_verdicts.jsonl` has its own answers. */
import { assertEquals } from "@std/assert";
import { GROUP_CONFIGS } from "../../../lib/metadata/configs/group.ts";
import { TOPIC_CONFIGS } from "../../../lib/metadata/configs/topic.ts";
import type { Configs } from "../../../lib/metadata/configs/definition.ts";

interface Verdict {
  readonly kind: "topic" | "group";
  readonly name: string;
  readonly text: string;
  /** How the value is printed; null where it is refused. */
  readonly value: string | null;
  readonly message: string | null;
}

const TABLES: Readonly<Record<Verdict["kind"], Configs>> = { topic: TOPIC_CONFIGS, group: GROUP_CONFIGS };

Deno.test("values are taken, printed and refused as by Apache Kafka, in its words", () => {
  const lines = Deno.readTextFileSync(new URL("../../golden/config_verdicts.jsonl", import.meta.url)).trim().split(
    "\n",
  );
  for (const line of lines) {
    const { kind, name, text, value, message } = JSON.parse(line) as Verdict;
    const definition = TABLES[kind][name];
    assertEquals(definition.complaint(text), message, line);
    if (message === null) assertEquals(definition.canonical(text), value, line);
  }
});
