/**
 * What a tool printed of a broker, with a name in the place of what each broker chooses by itself, so that what it printed of
 * another can be compared with it.
 *
 * @module
 */
import type { RunningBroker } from "./apache_kafka.ts";
import { runAlone, type Tool, type ToolRun, type ToolRunner } from "./tools.ts";

/** A run of a tool. A command alone stands for one without input that prints the same of both brokers. */
export type Step = string | {
  /**
   * The tool and its words, such as `topics --list`. Where to find the broker is added, quotation marks hold a word with
   * spaces together, and `@name` is the path of a file of `FILES`.
   */
  readonly command: string;
  /** What it reads from standard input. */
  readonly input?: string;
  /** Whether the tool needs a process of its own: it prints as that ends, or ends it where it is misused. */
  readonly alone?: boolean;
  /** What is measured, and so not compared. */
  readonly measured?: RegExp;
  /** Whether the order of lines is one of chance. */
  readonly inAnyOrder?: boolean;
  /** Why it prints something else on purpose, and what of Barnabas. */
  readonly differs?: { readonly reason: string; readonly status: number; readonly output: RegExp };
};

/** Each pattern, and what takes its place. */
const SCRUBBED: readonly (readonly [RegExp, string])[] = [
  // Times of the log lines of clients are not printed; those in answers are milliseconds or ISO dates.
  [/\b1[78]\d{11}\b/g, "TIME"],
  [/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,:]\d+)?Z?/g, "DATE"],
  // Before numbers: one may begin with digits alone.
  [/(?<=-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID"],
  [/\bconsole-consumer-\d+\b/g, "console-consumer-NUMBER"],
  [/\badminclient-\d+\b/g, "adminclient-NUMBER"],
  [/(?<=\b(?:topicid|cluster ?id|directoryid)\W{1,40})[\w-]{22}(?![\w-])/gi, "ID"],
];

/** The tools that want the address of a broker before their verb. */
const BROKER_FIRST: ReadonlySet<string> = new Set<Tool>(["features", "metadata-quorum"]);

/** Plays steps on one broker. */
export class Transcript {
  readonly #tools: ToolRunner;
  readonly #bootstrap: string;
  readonly #port: RegExp;
  readonly #folder: string;

  /** `folder` has the files that commands name. */
  constructor(tools: ToolRunner, broker: Pick<RunningBroker, "hostname" | "port">, folder: string) {
    this.#tools = tools;
    this.#bootstrap = `${broker.hostname}:${broker.port}`;
    this.#port = new RegExp(`\\b${broker.port}\\b`, "g");
    this.#folder = folder;
  }

  async play(step: Step): Promise<ToolRun> {
    const { command, input, alone, measured, inAnyOrder } = typeof step === "string"
      ? { command: step } as Exclude<Step, string>
      : step;
    const [tool, ...words] = wordsOf(command).map((word) =>
      word.startsWith("@") ? `${this.#folder}/${word.slice(1)}` : word
    );
    const broker = ["--bootstrap-server", this.#bootstrap];
    const args = BROKER_FIRST.has(tool) ? [...broker, ...words] : [...words, ...broker];
    const run = alone ? runAlone(tool as Tool, args) : this.#tools.run(tool as Tool, args, input);
    const { status, output, errors } = await run;
    const scrub = (text: string) => this.#scrub(text, measured, inAnyOrder ?? false);
    return { status, output: scrub(output), errors: scrub(errors) };
  }

  #scrub(text: string, measured: RegExp | undefined, inAnyOrder: boolean): string {
    let scrubbed = text.replaceAll(this.#port, "PORT")
      .replaceAll(new RegExp(`${this.#folder}/(barnabas|apache-kafka)/data`, "g"), "DATA");
    for (const [pattern, name] of SCRUBBED) scrubbed = scrubbed.replace(pattern, name);
    if (measured !== undefined) scrubbed = scrubbed.replace(measured, "MEASURED");
    // Columns are as wide as what stands in them, and so is the space before the end of a line.
    scrubbed = scrubbed.replace(/ {2,}/g, "  ").replace(/[ \t]+$/gm, "");
    return inAnyOrder ? scrubbed.split("\n").toSorted().join("\n") : scrubbed;
  }
}

/** How a run on Barnabas differs from the one on Apache Kafka, in lines; none where it does not, or as the step says. */
export function differences(step: Step, theirs: ToolRun, ours: ToolRun): string[] {
  const { command, differs } = typeof step === "string" ? { command: step, differs: undefined } : step;
  if (differs !== undefined) {
    if (same(theirs, ours)) return [`$ ${command}\n  no longer differs: ${differs.reason}`];
    const isAsSaid = ours.status === differs.status && differs.output.test(ours.output + ours.errors);
    return isAsSaid ? [] : [`$ ${command}\n  differs in another way than this: ${differs.reason}${told(theirs, ours)}`];
  }
  return same(theirs, ours) ? [] : [`$ ${command}${told(theirs, ours)}`];
}

function same(theirs: ToolRun, ours: ToolRun): boolean {
  return theirs.status === ours.status && theirs.output === ours.output && theirs.errors === ours.errors;
}

function told(theirs: ToolRun, ours: ToolRun): string {
  const run = ({ status, output, errors }: ToolRun) =>
    `exit code ${status}\n${output}${errors}`.trimEnd().replace(/^/gm, "    ");
  return `\n  Apache Kafka:\n${run(theirs)}\n  Barnabas:\n${run(ours)}`;
}

function wordsOf(command: string): string[] {
  return (command.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
}
