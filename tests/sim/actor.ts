/**
 * What the clients of a world have in common.
 *
 * @module
 */
import { SimClient } from "./client.ts";
import type { SimLoop } from "./clock.ts";
import type { SimNetwork } from "./network.ts";
import type { Draw } from "./random.ts";
import type { Topics } from "./topics.ts";

/** The world, as its clients see it. */
export interface Stage {
  readonly loop: SimLoop;
  readonly network: SimNetwork;
  readonly topics: Topics;
  /** True once nothing new is to be begun. */
  readonly isEnding: boolean;
  /** How often the power was cut. */
  readonly powerCutCount: number;
  trace(line: string): void;
}

/** How long a client waits before it tries again, at most, in milliseconds. */
const RETRY_MS = 100;

/** What each client does once more when the trouble is over, and all must work. */
const LAST_ACTS = 5;

/** Somebody who does one thing after the other, by one connection. */
export abstract class Actor {
  readonly name: string;
  protected readonly stage: Stage;
  protected readonly draw: Draw;
  protected readonly client: SimClient;
  /** True once it has nothing left to do. */
  isDone = false;

  constructor(name: string, stage: Stage, draw: Draw) {
    this.name = name;
    this.stage = stage;
    this.draw = draw;
    this.client = new SimClient(stage.loop, stage.network);
  }

  /** Acts until the world is ending, and a little longer. What was begun is brought to its end. */
  async run(): Promise<void> {
    while (!this.stage.isEnding) await this.act();
    for (let count = 0; count < LAST_ACTS; count++) await this.act();
    this.close();
    this.isDone = true;
  }

  close(): void {
    this.client.close();
  }

  protected abstract act(): Promise<void>;

  protected pause(mostMs: number = RETRY_MS): Promise<void> {
    return this.stage.loop.sleep(this.draw.time(0, mostMs));
  }

  protected trace(line: string): void {
    this.stage.trace(`${this.name}: ${line}`);
  }
}
