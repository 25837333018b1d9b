import { assertEquals } from "@std/assert";
import { Flusher, type FlushJob } from "../../lib/log/flusher.ts";

/** A job whose runs end when told. */
class ManualJob implements FlushJob {
  started = 0;
  #finish: (() => void)[] = [];

  run(): Promise<void> {
    this.started++;
    return new Promise((resolve) => this.#finish.push(resolve));
  }

  async finish(): Promise<void> {
    this.#finish.shift()!();
    await settled();
  }
}

/** Everything that promises alone set off has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("what is requested in one turn is done in one run", async () => {
  const flusher = new Flusher();
  const job = new ManualJob();
  for (let request = 0; request < 5; request++) flusher.request(job);
  await settled();
  assertEquals(job.started, 1);
  await job.finish();
  assertEquals(job.started, 1);
});

Deno.test("what is requested during a run is done in one more, after it", async () => {
  const flusher = new Flusher();
  const job = new ManualJob();
  flusher.request(job);
  await settled();
  for (let request = 0; request < 5; request++) flusher.request(job);
  await settled();
  assertEquals(job.started, 1);
  await job.finish();
  assertEquals(job.started, 2);
  await job.finish();
  assertEquals(job.started, 2);
});

Deno.test("logs are synced side by side, but not all at once", async () => {
  const flusher = new Flusher();
  const jobs = Array.from({ length: 40 }, () => new ManualJob());
  const started = () => jobs.filter((job) => job.started > 0).length;
  for (const job of jobs) flusher.request(job);
  await settled();
  const atOnce = started();
  assertEquals(atOnce > 1 && atOnce < 40, true);
  for (const job of jobs) {
    await job.finish();
  }
  assertEquals(jobs.map((job) => job.started), jobs.map(() => 1));
});

Deno.test("a run can be waited for, and the one that counts begins after the request", async () => {
  const flusher = new Flusher();
  const job = new ManualJob();
  const done: string[] = [];
  flusher.run(job).then(() => done.push("first"));
  await settled();
  flusher.run(job).then(() => done.push("second"));
  await job.finish();
  assertEquals(done, ["first"]);
  await job.finish();
  assertEquals(done, ["first", "second"]);
});
