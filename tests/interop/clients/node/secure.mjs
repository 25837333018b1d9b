// What the programs of tests/interop/support/secure_clients.ts on Node have in common: the arguments.
import { readFileSync } from "node:fs";
import { argv } from "node:process";

/** Where to connect, what to write to, and how to be believed. */
export const [bootstrap, topic, text] = argv.slice(2);
export const security = JSON.parse(text);

/** The options of Node's TLS; undefined without. */
export const tls = security.ca === undefined ? undefined : {
  ca: readFileSync(security.ca, "utf8"),
  ...(security.certificate === undefined ? {} : {
    key: readFileSync(security.certificate, "utf8"),
    cert: readFileSync(security.certificate, "utf8"),
  }),
};
