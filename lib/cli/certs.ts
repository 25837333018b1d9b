/**
 * The verb `certs`: an authority for development, and certificates of a broker and its clients that it has signed, with the
 * settings that use them. One step, and every client of this machine can talk TLS.
 *
 * Files that are there are left alone: so another `--client` is added to what was made before.
 *
 * @module
 */
import { CertificateAuthority, type KeyAndCertificate, writePrivateFile } from "../shell/certificates.ts";
import { DenoDisk } from "../shell/disk.ts";
import { type Program, UserError } from "./program.ts";

/** What `certs` can be told. */
export interface CertsArguments {
  /** Where the files go; made where it is not there. */
  readonly folder: string;
  /** The names and addresses by which clients reach the broker. */
  readonly hosts: readonly string[];
  /** The names of the clients, which become those of their principals. */
  readonly clients: readonly string[];
  readonly validDays: number;
}

/** The names by which a broker on this machine is reached. */
export const LOCAL_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "::1"];

const AUTHORITY = "ca.pem";
const AUTHORITY_KEY = "ca.key";
const SERVER = "server.pem";

/** Makes what is missing, and says what to do with it. */
export async function certs(program: Program, args: CertsArguments): Promise<number> {
  const folder = program.absolutePath(args.folder);
  for (const client of args.clients) checkName(client);
  new DenoDisk().makeFolderSync(folder);
  const made: string[] = [];
  const write = (name: string, text: string) => {
    if (writePrivateFile(`${folder}/${name}`, text)) made.push(name);
  };
  const authority = await openAuthority(program, folder, args.validDays);
  write(AUTHORITY_KEY, authority.pem.key);
  write(AUTHORITY, authority.pem.certificate);
  if (!exists(folder, SERVER)) {
    const { hosts, validDays } = args;
    write(SERVER, joined(await authority.issue({ name: hosts[0], hosts, validDays })));
  }
  write("server.properties", serverProperties(folder));
  for (const name of args.clients) {
    if (exists(folder, `${name}.pem`)) continue;
    write(`${name}.pem`, joined(await authority.issue({ name, hosts: [], validDays: args.validDays })));
    write(`${name}.properties`, javaProperties(folder, name));
    write(`${name}.librdkafka.conf`, librdkafkaProperties(folder, name));
  }
  program.write(summary(folder, made, args.clients[0]));
  return 0;
}

async function openAuthority(program: Program, folder: string, validDays: number): Promise<CertificateAuthority> {
  const hasKey = exists(folder, AUTHORITY_KEY);
  if (hasKey !== exists(folder, AUTHORITY)) {
    throw new UserError(
      `Cannot use ${folder}: it has only one of ${AUTHORITY} and ${AUTHORITY_KEY}. Remove it, or name another folder`,
    );
  }
  if (!hasKey) return await CertificateAuthority.create("Barnabas development CA", validDays);
  const [key, certificate] = [AUTHORITY_KEY, AUTHORITY].map((name) => program.readTextFile(`${folder}/${name}`));
  try {
    return await CertificateAuthority.open({ key, certificate });
  } catch (error) {
    throw new UserError(`Cannot sign with ${folder}/${AUTHORITY_KEY}: ${(error as Error).message}`, { cause: error });
  }
}

function checkName(name: string): void {
  if (/^[\w.@-]+$/.test(name) && !["ca", "server"].includes(name)) return;
  throw new UserError(
    `Cannot make a certificate for the client "${name}": use letters, digits, dots, hyphens and @, and not ca or server`,
  );
}

function exists(folder: string, name: string): boolean {
  return new DenoDisk().statSync(`${folder}/${name}`) !== null;
}

/** Key and certificate in one file, as Apache Kafka wants a PEM key store; all other clients can read it, too. */
function joined({ key, certificate }: KeyAndCertificate): string {
  return key + certificate;
}

function serverProperties(folder: string): string {
  return `# A listener with TLS; clients must show a certificate of the same authority.
listeners=SSL://localhost:9093
ssl.keystore.type=PEM
ssl.keystore.location=${folder}/${SERVER}
ssl.truststore.type=PEM
ssl.truststore.location=${folder}/${AUTHORITY}
ssl.client.auth=required
# The principal of a client is User:name, not User:CN=name.
ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT
`;
}

function javaProperties(folder: string, client: string): string {
  return `# For clients in Java, and the tools of Apache Kafka (--command-config).
security.protocol=SSL
ssl.truststore.type=PEM
ssl.truststore.location=${folder}/${AUTHORITY}
ssl.keystore.type=PEM
ssl.keystore.location=${folder}/${client}.pem
`;
}

function librdkafkaProperties(folder: string, client: string): string {
  return `# For kcat (-F) and other clients on librdkafka.
security.protocol=SSL
ssl.ca.location=${folder}/${AUTHORITY}
ssl.certificate.location=${folder}/${client}.pem
ssl.key.location=${folder}/${client}.pem
`;
}

function summary(folder: string, made: readonly string[], client: string): string {
  const what = made.length === 0 ? "Everything is there already" : `Made ${made.join(", ")}`;
  return `${what} in ${folder}

  barnabas ${folder}/server.properties                                the broker, on localhost:9093
  kcat -F ${folder}/${client}.librdkafka.conf -b localhost:9093 -L     a client on librdkafka
  kafka-topics --bootstrap-server localhost:9093 --command-config ${folder}/${client}.properties --list

Keep ${AUTHORITY_KEY} to yourself: whoever has it can make certificates that the broker believes.
`;
}
