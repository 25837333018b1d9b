/**
 * Many peers at once for a while, with an eye on the broker.
 *
 * @module
 */
import { play } from "./peer.ts";
import { makePlan } from "./plans.ts";
import { Steward } from "./steward.ts";
import { startTarget, type Target } from "./target.ts";
import {
  complaintAbout,
  complaintAboutTrend,
  inMib,
  leftOver,
  type Minute,
  minuteOf,
  type Sample,
  sample,
} from "./watch.ts";

/** What to do. */
export interface RunOptions {
  readonly seed: number;
  /** The number of the first plan. */
  readonly first: number;
  /** Ends it, whatever comes first. */
  readonly durationMs: number;
  readonly count: number;
  /** Peers at a time. */
  readonly width: number;
  readonly print: (line: string) => void;
}

/** What came of it. */
export interface RunResult {
  readonly connections: number;
  readonly answers: number;
  readonly rounds: number;
  /** Empty where all was well. */
  readonly complaints: readonly string[];
}

const SAMPLE_INTERVAL_MS = 1000;
const ROUND_INTERVAL_MS = 500;
const SAMPLES_A_MINUTE = 60;
/** How long what strangers have asked for may go on after they have left. */
const SETTLE_MS = 60_000;
const MAX_COMPLAINTS = 10;

/** Starts a broker, and does it. */
export async function run(options: RunOptions): Promise<RunResult> {
  await using target = await startTarget();
  const before = await sample(target);
  using steward = await Steward.start(target);
  const run = new Run(options, target, steward);
  const result = await run.whole(before);
  return result;
}

class Run {
  readonly #options: RunOptions;
  readonly #target: Target;
  readonly #steward: Steward;
  readonly #began = performance.now();
  readonly #complaints: string[] = [];
  readonly #minutes: Minute[] = [];
  readonly #counts = new Map<string, number>();
  #samples: Sample[] = [];
  #existing!: Awaited<ReturnType<Steward["existing"]>>;
  #next: number;
  #answers = 0;
  #isOver = false;

  constructor(options: RunOptions, target: Target, steward: Steward) {
    this.#options = options;
    this.#target = target;
    this.#steward = steward;
    this.#next = options.first;
  }

  async whole(before: Sample): Promise<RunResult> {
    this.#target.ended.then((code) => {
      if (!this.#isOver) this.#complain(`the broker has ended, with exit code ${code}`);
      this.#isOver = true;
    });
    this.#existing = await this.#steward.existing();
    const peers = Array.from({ length: this.#options.width }, () => this.#peer());
    const watching = this.#repeat(SAMPLE_INTERVAL_MS, () => this.#watch());
    const serving = this.#repeat(ROUND_INTERVAL_MS, () => this.#serve());
    await Promise.all(peers);
    const hasEnded = this.#hasBrokerEnded;
    this.#isOver = true;
    await Promise.all([watching, serving]);
    if (!hasEnded) await this.#settle(before);
    this.#note(complaintAboutTrend(this.#minutes));
    if (!hasEnded) {
      const code = await this.#target.stop();
      if (code !== 0) this.#complain(`the broker has stopped with exit code ${code}`);
    }
    for (const line of this.#target.complaints) this.#complain(`the broker wrote: ${line}`);
    this.#report();
    return {
      connections: this.#next - this.#options.first,
      answers: this.#answers,
      rounds: this.#steward.rounds,
      complaints: this.#complaints,
    };
  }

  get #hasBrokerEnded(): boolean {
    return this.#complaints.some((line) => line.startsWith("the broker has ended"));
  }

  async #peer(): Promise<void> {
    const { seed, first, count, durationMs } = this.#options;
    while (!this.#isOver && this.#next < first + count && performance.now() - this.#began < durationMs) {
      const plan = makePlan(seed, this.#next++, this.#existing);
      this.#counts.set(plan.kind, (this.#counts.get(plan.kind) ?? 0) + 1);
      const what = `plan ${plan.number} (${plan.kind}, ${plan.listener})`;
      try {
        const { answers, complaint } = await play(plan, this.#target);
        this.#answers += answers;
        if (complaint !== null) this.#complain(`${what}: ${complaint}`);
      } catch (error) {
        if (!this.#isOver) this.#complain(`${what}: ${error instanceof Error ? error.stack : error}`);
      }
      // Making plans keeps this process busy: what it has read must be looked at too.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  async #repeat(intervalMs: number, step: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      try {
        await step();
      } catch (error) {
        if (!this.#isOver) this.#complain(error instanceof Error ? `${error.stack}` : String(error));
      }
      await delay(intervalMs);
    }
  }

  async #serve(): Promise<void> {
    await this.#steward.round();
    this.#existing = await this.#steward.existing();
  }

  async #watch(): Promise<void> {
    const now = await sample(this.#target);
    this.#note(complaintAbout(now));
    if (this.#samples.push(now) < SAMPLES_A_MINUTE) return;
    const minute = minuteOf(this.#samples);
    this.#minutes.push(minute);
    this.#samples = [];
    this.#options.print(
      `minute ${this.#minutes.length}: ${this.#next - this.#options.first} connections, ${this.#answers} answers, ` +
        `${this.#steward.rounds} rounds of sound clients (slowest ${Math.round(this.#steward.slowestMs)} ms), ` +
        `RSS ${inMib(now.rssBytes)}, at least ${inMib(minute.rssBytes)}, heap and buffers at least ` +
        `${inMib(minute.liveBytes)}, ${now.connections} open connections, ${now.files} open files`,
    );
  }

  /** Waits until nothing is left of those who have gone. */
  async #settle(before: Sample): Promise<void> {
    this.#steward[Symbol.dispose]();
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const after = await sample(this.#target);
      const left = leftOver(before, after);
      if (left === null) {
        this.#options.print(
          `afterwards: RSS ${inMib(after.rssBytes)}, heap and buffers ` +
            `${inMib(after.heapBytes + after.externalBytes)}, ${after.sockets} sockets (${before.sockets} at first), ` +
            `${after.files} open files (${before.files} at first), no connection, no bytes of requests`,
        );
        return;
      }
      if (performance.now() > deadline) return this.#complain(`after all have left: ${left}`);
      await delay(SAMPLE_INTERVAL_MS);
    }
  }

  #note(complaint: string | null): void {
    if (complaint !== null) this.#complain(complaint);
  }

  #complain(complaint: string): void {
    this.#options.print(`FAULT: ${complaint}`);
    if (this.#complaints.push(complaint) >= MAX_COMPLAINTS) this.#isOver = true;
  }

  #report(): void {
    const { print } = this.#options;
    if (this.#complaints.length > 0) { for (const line of this.#target.recent) print(`  the broker's log: ${line}`); }
    print(`${[...this.#counts].map(([kind, count]) => `${count} of ${kind.trim()}`).join(", ")}`);
    for (const [warning, count] of [...this.#target.warnings].sort(([, a], [, b]) => b - a).slice(0, 60)) {
      print(`  told ${count} times: ${warning}`);
    }
  }
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
