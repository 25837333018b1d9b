import { assertEquals } from "@std/assert";
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from "../../../lib/protocol/messages/unregister_broker.ts";
import { errorOf, TestBroker } from "./support.ts";

Deno.test("a broker that is not registered, and the one that runs, are not unregistered", async () => {
  await using broker = await TestBroker.start();
  const unregister = async (brokerId: number) =>
    errorOf(await broker.ask(UnregisterBrokerRequest, UnregisterBrokerResponse, 0, { brokerId }));
  assertEquals(await unregister(7), "BROKER_ID_NOT_REGISTERED: Broker ID 7 is not currently registered");
  assertEquals(await unregister(-1), "BROKER_ID_NOT_REGISTERED: Broker ID -1 is not currently registered");
  assertEquals(
    await unregister(1),
    "INVALID_REQUEST: Broker ID 1 is the only broker of this cluster, and running",
  );
});
