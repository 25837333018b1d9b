/**
 * Configs: every setting of brokers, topics and groups, as Apache Kafka names them: what each is, what it may be, what holds.
 *
 * In: text that people write, in a `.properties` file, in environment variables, in flags, in requests. Out: typed settings
 * ({@linkcode BrokerSettings}, {@linkcode logConfigFor}), complaints in the words of Apache Kafka, and what DescribeConfigs shows.
 *
 * @module
 */
export { BROKER_CONFIGS, brokerConfig, type BrokerConfigName } from "./broker.ts";
export * from "./describe.ts";
export { groupConfig, type GroupConfigName, validateGroupConfigs } from "./group_settings.ts";
export { type AdvertisedAddress, isLoopback, type ListenerSettings } from "./listeners.ts";
export { type LoadedSettings, loadSettings, type SettingsFlags, type SettingsSources } from "./load.ts";
export { configRules } from "./rules.ts";
export { readSaslSettings, type SaslMechanism, type SaslSettings } from "./sasl_settings.ts";
export { BrokerSettings, type ConfigTexts, type DynamicBrokerConfigs } from "./settings.ts";
export { SettingsError } from "./settings_error.ts";
export { readTlsSettings } from "./tls_settings.ts";
export {
  logConfigFor,
  topicConfig,
  type TopicConfigName,
  validateTopicConfig,
  validateTopicConfigs,
} from "./topic_settings.ts";
