/**
 * A way to the broker on which bits are flipped.
 *
 * @module
 */

/** Takes one connection, and passes on what it says to `port`, with a bit of every `flipEvery`th byte flipped. */
export function relay(port: number, flipEvery: number): { readonly port: number } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  passOn(listener, port, flipEvery, open).catch(() => {
    // Either side may go at any time.
  });
  return {
    port: (listener.addr as Deno.NetAddr).port,
    [Symbol.dispose]() {
      for (const end of [listener, ...open]) {
        try {
          end.close();
        } catch {
          // Gone before.
        }
      }
    },
  };
}

async function passOn(listener: Deno.Listener, port: number, flipEvery: number, open: Deno.Conn[]): Promise<void> {
  const client = await listener.accept();
  open.push(client);
  const broker = await Deno.connect({ hostname: "127.0.0.1", port });
  open.push(broker);
  await Promise.all([
    client.readable.pipeThrough(flipping(flipEvery)).pipeTo(broker.writable),
    broker.readable.pipeTo(client.writable),
  ]);
}

function flipping(every: number): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const copy = chunk.slice();
      for (let at = every - 1 - seen % every; at < copy.length; at += every) copy[at] ^= 1 << (at % 8);
      seen += chunk.length;
      controller.enqueue(copy);
    },
  });
}
