import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { formatQuorumState, parseQuorumState } from "../../lib/metadata/quorum_state.ts";
import { readFixture } from "./support.ts";

const read = (path: string) => new TextDecoder().decode(readFixture(path));

Deno.test("quorum-state is read and written as Apache Kafka writes it, for a static and for a dynamic quorum", () => {
  const cases = [
    ["static", { leaderEpoch: 3, leaderId: 1, staticVoters: [1] }],
    ["dynamic", { leaderEpoch: 2, leaderId: 1, staticVoters: null }],
  ] as const;
  for (const [fixture, state] of cases) {
    const text = read(`${fixture}/__cluster_metadata-0/quorum-state`);
    assertEquals(parseQuorumState(text, "quorum-state"), state);
    assertEquals(formatQuorumState(state), text);
  }
});

Deno.test("a quorum-state that is damaged says so and names the file", () => {
  for (const text of ["", "{", "[]", "null", '{"data_version":2}', '{"leaderId":"x","data_version":1}']) {
    const error = assertThrows(() => parseQuorumState(text, "folder/quorum-state"), Error);
    assertStringIncludes(error.message, "Cannot read folder/quorum-state: ");
  }
});
