import { assertEquals } from "@std/assert";
import { tcp } from "../../lib/shell/listen.ts";

/** What Deno says when a process may open no more files, and then a connection. */
class ExhaustedListener {
  readonly addr = { transport: "tcp", hostname: "127.0.0.1", port: 9092 };
  #failures = 3;
  readonly connection = {
    localAddr: this.addr,
    remoteAddr: { ...this.addr, port: 50_000 },
    setNoDelay() {},
    setKeepAlive() {},
    close() {},
  };

  accept() {
    return this.#failures-- > 0 ? Promise.reject(new Error("Too many open files")) : Promise.resolve(this.connection);
  }

  close() {}
}

Deno.test("where no connection can be accepted it is told once, and tried again until one can", async () => {
  const listen = Deno.listen;
  try {
    Deno.listen = (() => new ExhaustedListener()) as unknown as typeof Deno.listen;
    const warnings: string[] = [];
    const listener = await tcp.listen({ host: "127.0.0.1", port: 9092 }, (line) => warnings.push(line));
    assertEquals((await listener.accept())?.remote.port, 50_000);
    assertEquals(warnings, [
      "No client can connect to port 9092 for the time being: Too many open files. " +
      "If there are too many open files, raise their limit (ulimit -n)",
    ]);
  } finally {
    Deno.listen = listen;
  }
});
