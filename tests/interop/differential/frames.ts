/**
 * Frames: what is no request at all, requests in versions that there are not, and ApiVersions, by which a client finds out.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { DescribeTopicPartitionsRequest } from "../../../lib/protocol/messages/describe_topic_partitions.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { ask, askChanged, type Case, pipeline, sendHex, type Step, type StepOptions, topic } from "../support/case.ts";

const SOFTWARE = { clientSoftwareName: "raw-client", clientSoftwareVersion: "1.0" };

/** Shows whether the connection is still there. */
const stillThere: Step = ask(ApiVersionsRequest, 0, {}, { as: "is the connection still there?" });

/** Sends bytes for which a broker closes the connection. */
function refused(as: string, hex: string): Step {
  return sendHex(as, hex, {}, { reconnect: true });
}

/** Sends bytes that a broker keeps until there are more. */
function kept(as: string, hex: string): Step {
  return sendHex(as, hex, {}, { maySayNothing: true, reconnect: true });
}

const lengths: Case[] = [
  {
    name: "a frame whose length cannot be",
    steps: [
      refused("a negative length", "ffffffff 0012000000000001ffff"),
      refused("the most negative length", "80000000"),
      refused("above socket.request.max.bytes", "06400001 0012000000000001ffff"),
      refused("the greatest length", "7fffffff 0012000000000001ffff"),
      refused("an HTTP request", "474554202f20485454502f312e310d0a486f73743a20780d0a0d0a"),
      refused("a TLS hello", "16030100c8010000c40303"),
    ],
  },
  {
    name: "a frame too short for a header",
    steps: [
      refused("length 0", "00000000"),
      refused("length 1", "00000001 00"),
      refused("length 7", "00000007 00120000000000"),
      sendHex("length 8, no client id", "00000008 0012000000000001", {}, {
        reconnect: true,
        differs: [{
          at: "",
          reason:
            "Barnabas answers ApiVersions from its first eight bytes alone, for clients that do not know better yet",
        }],
      }),
    ],
  },
  {
    name: "half a frame, then silence",
    steps: [kept("half a length", "0000"), kept("half a header", "00000023 00120004")],
  },
];

const headers: Case[] = [{
  name: "API keys and versions that there are not",
  steps: [
    refused("key 999", "0000000a 03e7 0000 00000001 ffff"),
    refused("key -1", "0000000a ffff 0000 00000001 ffff"),
    refused("key 4, LeaderAndIsr, which is gone", "0000000a 0004 0000 00000001 ffff"),
    refused("key 52, Vote, which is for controllers", "0000000a 0034 0000 00000001 ffff"),
    refused("Metadata v99", "0000000a 0003 0063 00000001 ffff"),
    refused("Metadata v-1", "0000000a 0003 ffff 00000001 ffff"),
    refused("Produce v2, which is announced but gone", "0000000a 0000 0002 00000001 ffff"),
    refused("Fetch v3, which is gone", "0000000a 0001 0003 00000001 ffff"),
    refused("CreateTopics v1, which is gone", "0000000a 0013 0001 00000001 ffff"),
    refused("InitProducerId v6, which is not stable", "0000000a 0016 0006 00000001 ffff"),
  ],
}];

const ANY_METADATA = { request: MetadataRequest, version: 1 };

const BELOW_NULL: StepOptions = {
  reconnect: true,
  differs: [{
    at: "",
    barnabas: "connection closed",
    reason: "Apache Kafka takes any negative length for the -1 that means null; Barnabas takes the others for damage",
  }],
};

const LEFT_OVER: StepOptions = {
  as: "with bytes left over",
  reconnect: true,
  differs: [{
    at: "",
    barnabas: "connection closed",
    reason: "Apache Kafka does not look at what follows a request; Barnabas takes it for the damage it is",
  }],
};

const bodies: Case[] = [
  {
    name: "bodies that do not decode",
    steps: [
      askChanged(MetadataRequest, 12, { topics: [] }, (body) => body.subarray(0, body.length - 1), {
        as: "a byte too few",
        reconnect: true,
      }),
      askChanged(MetadataRequest, 1, { topics: [{ name: "a" }] }, (body) => body.subarray(0, body.length - 1), {
        as: "a byte too few",
        reconnect: true,
      }),
      refused("an array of 2^31 - 1 topics", "00000010 0003 0001 00000001 ffff 7fffffff 0000"),
      sendHex("an array of -2 topics", "0000000e 0003 0001 00000001 ffff fffffffe", ANY_METADATA, BELOW_NULL),
      refused("null topics in version 0", "0000000e 0003 0000 00000001 ffff ffffffff"),
      refused("a name of negative length", "00000010 0003 0001 00000001 ffff 00000001 fff0"),
      refused("a null name", "00000010 0003 0001 00000001 ffff 00000001 ffff"),
      sendHex("a client id of negative length", "0000000e 0003 0001 00000001 fffe ffffffff", ANY_METADATA, BELOW_NULL),
      refused("a client id that is too long", "0000000e 0003 0001 00000001 7fff ffffffff"),
      refused("a varint without end", "00000011 0003 000c 00000001 ffff 00 ffffffffff7f"),
    ],
  },
  {
    name: "tagged fields that are unknown, and bad ones",
    steps: [
      // A Metadata request of version 12 for no topics, with tag 5 of two bytes in its body, and then in its header.
      sendHex("an unknown tag in the body", "00000013 0003 000c 00000001 ffff 00 01 01 00 01 05 02 abcd", {
        request: MetadataRequest,
        version: 12,
      }),
      sendHex("an unknown tag in the header", "00000013 0003 000c 00000001 ffff 01 05 02 abcd 01 01 00 00", {
        request: MetadataRequest,
        version: 12,
      }),
      refused("a tag longer than what is there", "00000013 0003 000c 00000001 ffff 00 01 01 00 01 05 20 abcd"),
      refused("more tags than there are", "00000013 0003 000c 00000001 ffff 00 01 01 00 07 05 02 abcd"),
      sendHex("a tag twice", "00000015 0003 000c 00000001 ffff 00 01 01 00 02 05 02 abcd 05 00", {
        request: MetadataRequest,
        version: 12,
      }),
      sendHex("tags that fall", "00000015 0003 000c 00000001 ffff 00 01 01 00 02 05 02 abcd 04 00", {
        request: MetadataRequest,
        version: 12,
      }),
    ],
  },
  {
    name: "bytes left over after a request",
    steps: [
      askChanged(MetadataRequest, 1, { topics: [] }, (body) => concat([body, new Uint8Array(3)]), LEFT_OVER),
      askChanged(
        DescribeTopicPartitionsRequest,
        0,
        { topics: [] },
        (body) => concat([body, new Uint8Array(1)]),
        LEFT_OVER,
      ),
      askChanged(ApiVersionsRequest, 0, {}, (body) => concat([body, new Uint8Array(1)]), {
        as: "which is answered all the same",
        reconnect: true,
      }),
    ],
  },
];

const clients: Case[] = [{
  name: "client ids and correlation ids",
  steps: [
    ask(MetadataRequest, 1, { topics: [] }, { header: { clientId: null }, as: "no client id" }),
    ask(MetadataRequest, 1, { topics: [] }, { header: { clientId: "" }, as: "an empty client id" }),
    ask(MetadataRequest, 12, { topics: [] }, { header: { clientId: "kätzchen" }, as: "a client id with an umlaut" }),
    ask(MetadataRequest, 12, { topics: [] }, { header: { correlationId: -7 }, as: "a negative correlation id" }),
    ask(MetadataRequest, 12, { topics: [] }, {
      header: { correlationId: 0x7fffffff },
      as: "the greatest correlation id",
    }),
  ],
}];

const order: Case[] = [{
  name: "pipelined requests are answered in order",
  steps: [
    ...topic("pipelined"),
    pipeline("a slow fetch, then three quick requests", [
      ask(FetchRequest, 12, {
        maxWaitMs: 300,
        minBytes: 1,
        topics: [{ topic: "pipelined", partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }] }],
      }, { header: { correlationId: 11 } }),
      ask(MetadataRequest, 12, { topics: [{ name: "pipelined" }] }, { header: { correlationId: 12 } }),
      ask(ApiVersionsRequest, 3, SOFTWARE, { header: { correlationId: 13 } }),
      ask(MetadataRequest, 0, { topics: [{ name: "pipelined" }] }, { header: { correlationId: 14 } }),
    ]),
  ],
}];

const apiVersions: Case[] = [
  {
    name: "ApiVersions, in all versions",
    steps: [
      ask(ApiVersionsRequest, 0, {}),
      ask(ApiVersionsRequest, 1, {}),
      ask(ApiVersionsRequest, 2, {}),
      ask(ApiVersionsRequest, 3, SOFTWARE),
      ask(ApiVersionsRequest, 4, SOFTWARE),
      ask(ApiVersionsRequest, 3, SOFTWARE, { as: "again" }),
    ],
  },
  {
    name: "ApiVersions in a version that there is not is answered in version 0",
    steps: [5, 99, 0x4a4f, -1].flatMap((version) => {
      const hexVersion = (version & 0xffff).toString(16).padStart(4, "0");
      return [
        sendHex(`v${version}`, `00000016 0012 ${hexVersion} 00000001 0002 6162 00 026e 0276 00 00000000`, {
          request: ApiVersionsRequest,
          version: 0,
        }),
        stillThere,
      ];
    }),
  },
  {
    name: "ApiVersions: software names that are not allowed",
    steps: [
      ["", "1.0"],
      ["raw", ""],
      ["raw client", "1.0"],
      ["-raw", "1.0"],
      ["raw-", "1.0"],
      ["räw", "1.0"],
      ["raw_client", "1.0"],
      ["raw", "1.0!"],
      ["raw", ".1"],
      ["r", "1"],
      ["raw.client-2", "1.0-rc.1"],
    ].flatMap(([clientSoftwareName, clientSoftwareVersion]) => [
      ask(ApiVersionsRequest, 3, { clientSoftwareName, clientSoftwareVersion }, {
        as: `"${clientSoftwareName}" "${clientSoftwareVersion}"`,
      }),
      stillThere,
    ]),
  },
  {
    name: "the frames that learners send, well-formed",
    steps: [
      sendHex(
        "ApiVersions v26447",
        "00000023 0012 674a 4f74d28b 0009 6b61666b612d636c69 00 0a6b61666b612d636c69 04302e31 00",
        { request: ApiVersionsRequest, version: 0, correlationId: 0x4f74d28b },
      ),
      sendHex(
        "ApiVersions v4",
        "00000023 0012 0004 50b2a730 0009 6b61666b612d636c69 00 0a6b61666b612d636c69 04302e31 00",
        { request: ApiVersionsRequest, version: 4, correlationId: 0x50b2a730 },
      ),
      sendHex(
        "DescribeTopicPartitions of an unknown topic",
        "00000031 004b 0000 2aa78ccf 000c 6b61666b612d746573746572 00 02 12 756e6b6e6f776e2d746f7069632d717578 00 00000001 ff 00",
        { request: DescribeTopicPartitionsRequest, version: 0, correlationId: 0x2aa78ccf },
      ),
    ],
  },
];

export const frameCases: readonly Case[] = [
  ...lengths,
  ...headers,
  ...bodies,
  ...clients,
  ...order,
  ...apiVersions,
];
