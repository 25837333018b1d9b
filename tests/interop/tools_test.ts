/**
 * Apache Kafka's own tools, unchanged, each with what a user would try and with mistakes: they print the same of Barnabas as
 * of Apache Kafka, and end with the same exit code. What is compared, and what is left out since no two brokers share it,
 * says `support/transcript.ts`.
 *
 * @module
 */
import { assertEquals, assertStringIncludes, fail } from "@std/assert";
import { freePorts, javaCommand, startApacheKafka } from "./support/apache_kafka.ts";
import { startBarnabas } from "./support/barnabas.ts";
import { kcat, run } from "./support/clients.ts";
import { ToolRunner, toolsAreMissing } from "./support/tools.ts";
import { differences, Transcript } from "./support/transcript.ts";
import { FILES, SCRIPTS } from "./tools/mod.ts";

const missing = toolsAreMissing();

Deno.test({
  name: `Apache Kafka's tools find in Barnabas what they find in Apache Kafka${
    missing === null ? "" : ` (ignored: ${missing})`
  }`,
  ignore: missing !== null,
  async fn(test) {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-tools-" });
    try {
      for (const [name, content] of Object.entries(FILES)) Deno.writeTextFileSync(`${folder}/${name}`, content);
      await using apacheKafka = await startApacheKafka({
        folder: `${folder}/apache-kafka`,
        port: freePorts(2),
        quorum: "dynamic",
      });
      await using barnabas = await startBarnabas({
        folder: `${folder}/barnabas/data`,
        settings: { "node.id": "1" },
      });
      await using tools = ToolRunner.start();
      const theirs = new Transcript(tools, apacheKafka, folder);
      const ours = new Transcript(tools, barnabas, folder);
      for (const [theme, steps] of Object.entries(SCRIPTS)) {
        await test.step(theme, async () => {
          const found: string[] = [];
          for (const step of steps) found.push(...differences(step, await theirs.play(step), await ours.play(step)));
          if (found.length > 0) fail(`they differ:\n${found.join("\n")}`);
        });
      }
      assertEquals(await barnabas.stop(), 0, "exit code after SIGTERM");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

const verificationMissing = missing ?? kcat.missing;

Deno.test({
  name: `kafka-replica-verification finds no replica behind${
    verificationMissing === null ? "" : ` (ignored: ${verificationMissing})`
  }`,
  ignore: verificationMissing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-verification-" });
    try {
      await using broker = await startBarnabas({ folder: `${folder}/data` });
      Deno.writeTextFileSync(`${folder}/names.txt`, "ann\nbob\n");
      await run(kcat, "produce", broker.bootstrap, "names", "none", `${folder}/names.txt`);
      // It reports until it is stopped.
      const [java, ...args] = javaCommand("org.apache.kafka.tools.ReplicaVerificationTool");
      const process = new Deno.Command(java, {
        args: [...args, "--broker-list", broker.bootstrap, "--topics-include", "names", "--report-interval-ms", "200"],
        stdout: "piped",
        stderr: "null",
        signal: AbortSignal.timeout(60_000),
      }).spawn();
      const report = "max lag is 0 for partition names-0 at offset 2 among 1 partitions";
      let seen = "";
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
        seen += text;
        if (seen.includes(report)) break;
      }
      process.kill("SIGKILL");
      await process.status;
      assertStringIncludes(seen, report);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
