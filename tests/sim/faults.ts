/**
 * What goes wrong in a world: each seed has its own kinds of trouble, and its own measure of it.
 *
 * @module
 */
import type { SimLoop } from "./clock.ts";
import type { SimDisk } from "./disk.ts";
import type { SimNetwork } from "./network.ts";
import type { Draw } from "./random.ts";

/** How the broker ends. */
export type Ending =
  /** It is told to stop, and does what it does then. */
  | "stop"
  /** `kill -9`: what the page cache has, stays. */
  | "kill"
  /** What was not synced may be lost, torn or out of order. */
  | "power cut";

/** What the faults act upon. */
export interface Victim {
  readonly loop: SimLoop;
  readonly disk: SimDisk;
  readonly network: SimNetwork;
  /** Whether the power may be cut: not where acknowledged records need not survive that. */
  readonly mayCutPower: boolean;
  readonly isEnding: boolean;
  trace(line: string): void;
  /** Ends the broker and starts it again, in a while. */
  restart(ending: Ending): void;
  /** As {@linkcode restart}, in the middle of one of the next changes of the disk. */
  restartAtChange(ending: "kill" | "power cut", count: number): void;
}

/** One kind of trouble. */
type Fault = (victim: Victim, draw: Draw) => void;

const MOST_CLOCK_JUMP_MS = 30 * 60_000;

const FAULTS: readonly Fault[] = [
  function endProcess(victim, draw) {
    victim.restart(endingFor(victim, draw.pick(["stop", "kill", "power cut"])));
  },
  function endProcessAtWrite(victim, draw) {
    const ending = endingFor(victim, draw.pick(["kill", "power cut"]));
    victim.restartAtChange(ending === "stop" ? "kill" : ending, draw.between(1, 60));
  },
  function fillDisk({ disk, loop, trace }, draw) {
    disk.faults.capacityBytes = disk.usedBytes() + draw.below(3000);
    trace("fault: the disk is full");
    loop.after(draw.time(50, 1000), () => disk.faults.capacityBytes = Infinity);
  },
  function slowDisk({ disk, loop, trace }, draw) {
    disk.faults.slowness = draw.pick([10, 100]);
    trace("fault: the disk is slow");
    loop.after(draw.time(50, 1000), () => disk.faults.slowness = 1);
  },
  function failDisk({ disk, loop, trace }, draw) {
    const kind = draw.pick(["readErrors", "writeErrors", "syncErrors"] as const);
    disk.faults[kind] = draw.pick([0.02, 0.3]);
    trace(`fault: ${kind}`);
    loop.after(draw.time(20, 300), () => disk.faults[kind] = 0);
  },
  function cutConnection({ network, trace }) {
    trace("fault: a connection is cut");
    network.cutOne();
  },
  function stallConnection({ network, trace }, draw) {
    trace("fault: a connection stalls");
    network.stallOne(draw.time(10, 3000));
  },
  function jumpClock({ loop, trace }, draw) {
    loop.wallOffsetMs = draw.pick([0, draw.between(-MOST_CLOCK_JUMP_MS, MOST_CLOCK_JUMP_MS)]);
    trace(`fault: the clock on the wall is ${loop.wallOffsetMs} ms off`);
  },
];

function endingFor({ mayCutPower }: Victim, ending: Ending): Ending {
  return ending === "power cut" && !mayCutPower ? "kill" : ending;
}

/** Lets things go wrong until the world is ending. */
export async function cause(victim: Victim, draw: Draw): Promise<void> {
  const kinds = FAULTS.filter(() => draw.chance(0.5));
  const mostPauseMs = draw.pick([100, 400, 1500]);
  victim.trace(`faults: ${kinds.map(({ name }) => name).join(", ")}`);
  while (!victim.isEnding && kinds.length > 0) {
    await victim.loop.sleep(draw.time(0, mostPauseMs));
    if (!victim.isEnding) draw.pick(kinds)(victim, draw);
  }
}
