/**
 * The grammar of the command line: verbs, arguments and flags, and the help that explains them.
 *
 * @module
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { FormatArguments } from "./format.ts";
import type { Program } from "./program.ts";
import type { SettingsArguments } from "./settings.ts";
import { versionLine } from "./version.ts";

/**
 * Runs the verb that the arguments name.
 *
 * @returns the exit code
 */
export async function runCommandLine(program: Program): Promise<number> {
  let exitCode = 0;
  const grammar = buildGrammar(program, async (run) => {
    exitCode = await run();
  });
  try {
    await grammar.parseAsync(program.args, { from: "user" });
    return exitCode;
  } catch (error) {
    // It has said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

/** Does what a verb does; the verb's module is loaded first. */
type Run = (verb: () => number | Promise<number>) => Promise<void>;

const INTRODUCTION = `A Kafka broker in one file. Without arguments it serves on localhost:9092 and keeps its data in
the folder barnabas-data, where it was started. Any Kafka client can use it; topics are made when
they are first used. Ctrl-C stops it.`;

const EXAMPLES = `
Examples:
  barnabas                                a broker on localhost:9092
  barnabas --port 9000 --data-dir /var/lib/kafka
  barnabas --data-dir memory              keeps nothing when it stops: for tests
  barnabas --host 0.0.0.0                 for clients on other machines too
  barnabas --set num.partitions=3 --set log.retention.hours=24
  barnabas server.properties              with the settings of an Apache Kafka broker
  barnabas explain 00000023001200046f7fc66100096b61666b612d636c69000a6b61666b612d636c6904302e3100

  echo hello | kcat -b localhost:9092 -t greetings -P      writes a line
  kcat -b localhost:9092 -t greetings -C -e                reads it back

Settings have the names of Apache Kafka. What comes later wins: its defaults, server.properties,
environment variables such as KAFKA_NUM_PARTITIONS, flags.`;

function buildGrammar(program: Program, run: Run): Command {
  const root = new Command("barnabas")
    .description(INTRODUCTION)
    .usage("[options] [server.properties]\n       barnabas <verb> …")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => program.write(text),
      writeErr: (text) => program.writeError(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, "barnabas: ")),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ subcommandTerm: (verb) => `${verb.name()} ${verb.usage()}`.trim() })
    .enablePositionalOptions()
    .commandsGroup("Verbs:")
    .helpCommand("help [verb]", "explains a verb")
    .helpOption("-h, --help", "shows this help")
    .version(versionLine(program), "-V, --version", "says which version this is")
    .addHelpText("after", EXAMPLES);
  withSettings(root, "serve")
    .action((file: string | undefined, flags: Flags) =>
      run(async () => (await import("./serve.ts")).serve(program, settingsOf(file, flags)))
    );
  withSettings(root.command("format"), "format")
    .summary("makes empty data folders ready; a broker does so by itself")
    .description("Makes empty data folders ready for a broker, and says whose those are that are not empty.")
    .option(
      "--cluster-id <id>",
      "the id of the cluster, 22 characters; otherwise the CLUSTER_ID of the environment, or a random one",
    )
    .option(
      "--add-scram <credential>",
      "a user that the cluster begins with, as SCRAM-SHA-256=[name=alice,password=secret]; can be given again",
      oneMore,
    )
    .action((file: string | undefined, flags: Flags & Pick<FormatArguments, "clusterId" | "addScram">) =>
      run(async () => (await import("./format.ts")).format(program, { ...flags, file }))
    );
  root.command("certs")
    .summary("makes certificates for development: TLS in one step")
    .description(
      "Makes an authority, certificates of a broker and of clients that it has signed, and the settings that use them. " +
        "What is there is left alone.",
    )
    .argument("[folder]", "where the files go", "barnabas-certs")
    .option("--host <name>", "a name or an address of the broker; can be given again (default: localhost)", oneMore)
    .option("--client <name>", "a client, which becomes a principal; can be given again (default: client)", oneMore)
    .option("--days <number>", "how long the certificates are valid (default: 825)", wholeNumber)
    .action((folder: string, { host, client, days }: { host?: string[]; client?: string[]; days?: number }) =>
      run(async () => {
        const { certs, LOCAL_HOSTS } = await import("./certs.ts");
        return await certs(program, {
          folder,
          hosts: host ?? LOCAL_HOSTS,
          clients: client ?? ["client"],
          validDays: days ?? DEFAULT_VALID_DAYS,
        });
      })
    );
  root.command("explain")
    .summary("prints a request or a response as JSON")
    .description(
      "Prints the frames of the Kafka protocol that are given in hexadecimal as JSON, with the names of the fields.",
    )
    .argument(
      "[hex...]",
      "the frame, with or without its length in front; spaces do not matter; otherwise from standard input",
    )
    .option("--response", "it is a response, not a request")
    .option("--api <name>", "the API of the response, by name or number, such as Fetch; otherwise it is guessed")
    .option("--version <number>", "the version of the response; otherwise it is guessed", wholeNumber)
    .addHelpText("after", "\nExample:\n  barnabas explain --response --api ApiVersions --version 3 < answer.hex")
    .action((hex: string[], flags: { response?: boolean; api?: string; version?: number }) =>
      run(async () => await (await import("./explain.ts")).explain(program, { hex: hex.join(""), ...flags }))
    );
  root.command("version")
    .summary("says which version this is")
    .action(() => program.write(`${versionLine(program)}\n`));
  return root;
}

interface Flags {
  readonly host?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly nodeId?: number;
  readonly set?: Readonly<Record<string, string>>;
}

function withSettings(command: Command, verb: "serve" | "format"): Command {
  command.argument("[server.properties]", "a file of settings, as Apache Kafka has it");
  if (verb === "serve") {
    command
      .option("-p, --port <number>", "the port to listen on (default: 9092); 0 takes a free one", portNumber)
      .option("--host <address>", "the address to listen on (default: 127.0.0.1, this machine alone)");
  }
  return command
    .option("-d, --data-dir <folder>", "where the data is kept (default: barnabas-data); memory keeps it nowhere")
    .option("--node-id <number>", "the number of this node (default: that of the data folder, or 1)", wholeNumber)
    .option("-s, --set <name=value>", "any other setting; can be given again and again", assignment);
}

function settingsOf(file: string | undefined, flags: Flags): SettingsArguments {
  return { ...flags, file };
}

/** The longest time for which all clients believe the certificate of a server. */
const DEFAULT_VALID_DAYS = 825;

function oneMore(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

const MAX_PORT = 65535;

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= MAX_PORT)) throw new InvalidArgumentError(`It must be a number from 0 to ${MAX_PORT}.`);
  return port;
}

function assignment(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be name=value, such as num.partitions=3.");
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1) };
}
