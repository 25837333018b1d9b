/** Rates over sampled windows, with the figures that Apache Kafka's `Rate` gives for the same input. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { SampledRate, throttleTimeMs } from "../../lib/quotas/sampled_rate.ts";

const WINDOWS = { samples: 11, windowSizeMs: 1000 };

Deno.test("a rate without anything recorded is 0", () => {
  assertEquals(new SampledRate(WINDOWS).measure(5_000), 0);
});

Deno.test("the first value is spread over all windows but one", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(5_000, 100);
  assertEquals(rate.windowSizeMs(100), 10_000);
  assertEquals(rate.measure(100), 500);
});

Deno.test("the window grows by the part of the current one that has passed", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(5_000, 0);
  assertEquals(rate.windowSizeMs(400), 10_400);
  assertEquals(rate.measure(400), 5_000 / 10.4);
});

Deno.test("with as many windows as there are, the window begins with the oldest sample", () => {
  const rate = new SampledRate(WINDOWS);
  for (let second = 0; second <= 10; second++) rate.record(100, second * 1000);
  assertEquals(rate.windowSizeMs(10_500), 10_500);
  assertEquals(rate.measure(10_500), 1_100 / 10.5);
});

Deno.test("a sample counts until all windows have passed since its last event", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(1_000, 0);
  rate.record(1_000, 999);
  assert(rate.measure(11_998) > 0);
  assertEquals(rate.measure(11_999), 0);
  assert(rate.isForgotten(11_999));
});

Deno.test("samples are used again after a round of all windows", () => {
  const rate = new SampledRate(WINDOWS);
  for (let second = 0; second < 40; second++) rate.record(100, second * 1000);
  // The sample of eleven seconds ago is just forgotten, and holds the place of the next one.
  assertEquals(rate.measure(39_000), 1_100 / 10);
});

Deno.test("what was recorded can be taken back", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(700, 0);
  rate.record(300, 10);
  rate.record(-300, 10);
  assertEquals(rate.measure(10), 700 / 10.01);
});

Deno.test("a clock that is set back does not keep what was recorded in the future", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(1e9, 3_600_000);
  assertEquals(rate.measure(0), 0);
  rate.record(100, 0);
  assertEquals(rate.measure(0), 10);
});

Deno.test("there is no throttle time at the bound, and above it as long as the rate needs to come back to it", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(10_000, 0);
  assertEquals(throttleTimeMs(rate, 1_000, 0), 0);
  rate.record(5_000, 0);
  // 1,500 a second over 10 s; over 15 s it is 1,000.
  assertEquals(throttleTimeMs(rate, 1_000, 0), 5_000);
});

Deno.test("a throttle time is no longer than the longest that is given, and fits into a response", () => {
  const rate = new SampledRate(WINDOWS);
  rate.record(1e15, 0);
  assertEquals(throttleTimeMs(rate, 1_000, 0, 1_000), 1_000);
  assertEquals(throttleTimeMs(rate, 1e-9, 0), 2 ** 31 - 1);
});

Deno.test("a client that waits as long as it is told stays within its quota in the long run", () => {
  // Requests that are no larger than what comes in a window: Apache Kafka's rule, and so this one, is more generous to such
  // as fill all windows at once, since these are forgotten while the client waits.
  const mostBytes = 1_000;
  const request = fc.record({
    bytes: fc.integer({ min: 1, max: mostBytes }),
    pauseMs: fc.integer({ min: 0, max: 50 }),
  });
  const requests = fc.array(request, { minLength: 500, maxLength: 1_000, size: "max" });
  fc.assert(fc.property(requests, fc.integer({ min: mostBytes, max: 20_000 }), (requests, bound) => {
    const rate = new SampledRate(WINDOWS);
    let nowMs = 0;
    let bytes = 0;
    for (const request of requests) {
      rate.record(request.bytes, nowMs);
      bytes += request.bytes;
      nowMs += throttleTimeMs(rate, bound, nowMs) + request.pauseMs;
    }
    // A burst that fills all windows is free.
    assertLessOrEqual(bytes, bound * (nowMs / 1000 + WINDOWS.samples));
  }));
});

Deno.test("one forgotten rate measures like a new one, whatever was recorded", () => {
  const events = fc.array(
    fc.record({ value: fc.integer({ min: 0, max: 1_000 }), ms: fc.integer({ min: 0, max: 3_000 }) }),
  );
  fc.assert(fc.property(events, events, (before, after) => {
    const old = new SampledRate(WINDOWS);
    let nowMs = 0;
    for (const { value, ms } of before) old.record(value, nowMs += ms);
    nowMs += 11_000;
    assert(before.length === 0 || old.isForgotten(nowMs));
    const fresh = new SampledRate(WINDOWS);
    for (const { value, ms } of after) {
      nowMs += ms;
      old.record(value, nowMs);
      fresh.record(value, nowMs);
    }
    assertEquals(old.measure(nowMs).toFixed(9), fresh.measure(nowMs).toFixed(9));
  }));
});
