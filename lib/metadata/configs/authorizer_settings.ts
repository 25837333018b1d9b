/**
 * Authorization: the configs `authorizer.class.name`, `super.users` and `allow.everyone.if.no.acl.found`, read together.
 *
 * @module
 */
import type { AuthorizerSettings } from "../../security/authorizer.ts";
import type { BrokerSettings } from "./settings.ts";
import { SettingsError } from "./settings_error.ts";

const STANDARD = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/**
 * The settings of the authorizer; null where there is none.
 *
 * @throws {SettingsError} where another one than Apache Kafka's own is named, or a super user cannot be read.
 */
export function readAuthorizerSettings(settings: BrokerSettings): AuthorizerSettings | null {
  const className = settings.get("authorizer.class.name");
  if (className === "") return null;
  if (className !== STANDARD) {
    throw new SettingsError(
      "authorizer.class.name",
      `is ${className}: there are no Java classes to load, but ${STANDARD}`,
    );
  }
  const superUsers = settings.get("super.users").split(";").map((user) => user.trim()).filter((user) => user !== "");
  const malformed = superUsers.find((user) => !/^[^:]+:/.test(user));
  if (malformed !== undefined) {
    throw new SettingsError(
      "super.users",
      `has "${malformed}", expected TYPE:NAME entries such as User:admin;User:backup`,
    );
  }
  return {
    superUsers: new Set(superUsers),
    allowEveryoneIfNoAclFound: settings.get("allow.everyone.if.no.acl.found"),
  };
}
