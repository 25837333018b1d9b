/**
 * What is wrong with the settings, for the person who wrote them.
 *
 * @module
 */

/** Settings with which the broker cannot start. The message has a line for each problem. */
export class SettingsError extends Error {
  override name = "SettingsError";

  /**
   * @param config the name of the config at fault; "" where the problem is none of one config
   * @param problem what is wrong and what to do, such as `has no listener for clients`; it follows the name
   */
  constructor(readonly config: string, readonly problem: string) {
    super(config === "" ? problem : `${config} ${problem}`);
  }
}
