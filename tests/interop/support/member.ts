/**
 * A member of a group: a real client in a process of its own, of which one can see what it is assigned and what it
 * gets.
 *
 * @module
 */
import type { Client } from "./clients.ts";

/** How long anything may take. */
const TIMEOUT_MS = 40_000;

/** A record as a member got it: `PARTITION OFFSET VALUE`. */
export type SeenRecord = string;

export class Member implements AsyncDisposable {
  /** In the order in which it got them. */
  readonly records: SeenRecord[] = [];
  /** What it is assigned now. */
  assigned: readonly number[] = [];
  readonly #client: Client;
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<unknown>;
  #errors = "";
  #hasEnded = false;
  #wake: (() => void)[] = [];

  private constructor(client: Client, process: Deno.ChildProcess) {
    this.#client = client;
    this.#process = process;
    const lines = (stream: ReadableStream<Uint8Array>) => this.#read(stream);
    this.#output = Promise.all([lines(process.stdout), lines(process.stderr)]).then(() => {
      this.#hasEnded = true;
      this.#change();
    });
  }

  /** Starts a member; `options` are further words of its command. */
  static start(client: Client, bootstrap: string, topic: string, group: string, ...options: string[]): Member {
    const [program, ...args] = client.command("member", [bootstrap, topic, group, ...options]);
    const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    return new Member(client, new Deno.Command(program, { args, ...pipes }).spawn());
  }

  /**
   * Resolves when all these members together are as `isSo` says.
   *
   * @throws {Error} with what they said, where that takes too long or one of them ends
   */
  static async until(what: string, members: readonly Member[], isSo: () => boolean): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      members[0].#change();
    }, TIMEOUT_MS);
    while (!isSo()) {
      if (isLate || members.some((member) => member.#hasEnded)) {
        clearTimeout(timer);
        const told = members.map((member) =>
          `assigned ${member.assigned}, ${member.records.length} records ${member.#errors}`
        );
        throw new Error(`It was never so that ${what}:\n${told.join("\n")}`);
      }
      await Promise.race(members.map((member) => new Promise<void>((resolve) => member.#wake.push(resolve))));
    }
    clearTimeout(timer);
  }

  /** What it said beside its assignments and records. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves when it has ended by itself. */
  static async untilEnded(member: Member): Promise<void> {
    await member.#output;
  }

  /** Lets it leave the group, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#client.name === "kcat") {
      if (!this.#hasEnded) this.#process.kill("SIGTERM");
    }
    await this.#process.stdin.close().catch(() => {});
    await this.#output;
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.#process.stdin.close().catch(() => {});
    await this.#output;
    await this.#process.status;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
      this.#change();
    }
  }

  #take(line: string): void {
    const [word, ...rest] = line.split(" ");
    const kcat = /^% Group .* rebalanced .*: (assigned|revoked): (.*)$/.exec(line);
    if (word === "record") this.records.push(rest.join(" "));
    else if (word === "assigned") this.assigned = rest.map(Number);
    else if (kcat !== null) this.assigned = kcat[1] === "revoked" ? [] : partitionsOf(kcat[2]);
    else this.#errors += `${line}\n`;
  }

  #change(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

/** `topic [0], topic [3]` */
function partitionsOf(text: string): number[] {
  return [...text.matchAll(/\[(\d+)\]/g)].map(([, partition]) => Number(partition)).sort((a, b) => a - b);
}
