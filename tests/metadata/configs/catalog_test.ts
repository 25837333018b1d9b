/** Every config against Apache Kafka's own list of them. */
import { assert, assertEquals } from "@std/assert";
import { BROKER_CONFIGS, KAFKA_BROKER_CONFIGS, OWN_DEFAULTS } from "../../../lib/metadata/configs/broker.ts";
import type { ConfigDefinition, Configs } from "../../../lib/metadata/configs/definition.ts";
import { GROUP_CONFIGS } from "../../../lib/metadata/configs/group.ts";
import { TOPIC_CONFIGS } from "../../../lib/metadata/configs/topic.ts";
import { testFacts } from "../../conformance/vectors.ts";

interface CatalogEntry {
  readonly name: string;
  readonly type: string;
  readonly default?: string | null;
  readonly valid?: string;
  readonly synonyms?: readonly string[];
  readonly update?: string;
  readonly internal?: boolean;
}

type Catalog = Readonly<Record<"broker" | "topic" | "group", readonly CatalogEntry[]>>;

const TABLES: Readonly<Record<keyof Catalog, Configs>> = {
  broker: KAFKA_BROKER_CONFIGS,
  topic: TOPIC_CONFIGS,
  group: GROUP_CONFIGS,
};

testFacts("every config of Apache Kafka is defined, and nothing else", "configs.json", (text) => {
  const catalog = JSON.parse(text) as Catalog;
  for (const kind of ["broker", "topic", "group"] as const) {
    assertEquals(Object.keys(TABLES[kind]).sort(), catalog[kind].map(({ name }) => name).sort());
  }
});

testFacts("every definition has the facts of Apache Kafka's", "configs.json", (text) => {
  const catalog = JSON.parse(text) as Catalog;
  for (const kind of ["broker", "topic", "group"] as const) {
    for (const entry of catalog[kind]) {
      assertEquals(factsOf(kind, TABLES[kind][entry.name]), factsIn(kind, entry), `${kind} config ${entry.name}`);
    }
  }
});

Deno.test("every config says what it is for in a sentence", () => {
  for (const definition of [BROKER_CONFIGS, TOPIC_CONFIGS, GROUP_CONFIGS].flatMap((configs) => all(configs))) {
    assert(/^[A-Z].*\.$/.test(definition.documentation), `${definition.name}: ${definition.documentation}`);
  }
});

Deno.test("every default is a value that the config may have", () => {
  for (const definition of [BROKER_CONFIGS, TOPIC_CONFIGS, GROUP_CONFIGS].flatMap((configs) => all(configs))) {
    const { name, type, defaultText } = definition;
    // Apache Kafka's defaults of these are empty, and nobody may set them so.
    const mayBeEmpty = defaultText === "" && type === "list";
    if (defaultText !== null && !mayBeEmpty) assertEquals(definition.complaint(defaultText), null, name);
  }
});

Deno.test("a synonym of a topic's or a group's config is a config of the broker", () => {
  for (const definition of [TOPIC_CONFIGS, GROUP_CONFIGS].flatMap((configs) => all(configs))) {
    for (const synonym of definition.brokerSynonyms) {
      assert(synonym in BROKER_CONFIGS, `${definition.name}: ${synonym}`);
    }
  }
});

Deno.test("where a default differs from Apache Kafka's, it does so on purpose", () => {
  for (const [name, definition] of Object.entries(KAFKA_BROKER_CONFIGS) as [string, ConfigDefinition][]) {
    const own = OWN_DEFAULTS[name as keyof typeof KAFKA_BROKER_CONFIGS];
    assertEquals(BROKER_CONFIGS[name as keyof typeof BROKER_CONFIGS].defaultText, own ?? definition.defaultText, name);
    assert(own !== definition.defaultText || own === null, `${name}: the default is that of Apache Kafka anyway`);
  }
});

function all(configs: Configs): ConfigDefinition[] {
  return Object.values(configs);
}

function factsOf(kind: keyof Catalog, definition: ConfigDefinition): unknown {
  return {
    type: definition.type,
    default: definition.defaultText,
    valid: definition.check?.description,
    isInternal: definition.isInternal,
    // The list of groups has no synonyms.
    synonyms: kind === "topic" ? definition.brokerSynonyms : [],
    update: kind === "broker" ? definition.updateMode : undefined,
  };
}

function factsIn(kind: keyof Catalog, entry: CatalogEntry): unknown {
  return {
    type: entry.type,
    default: entry.default ?? null,
    valid: entry.valid,
    isInternal: entry.internal ?? false,
    synonyms: entry.synonyms ?? [],
    update: kind === "broker" ? entry.update : undefined,
  };
}
