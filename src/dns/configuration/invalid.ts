/** A configuration that can't be served as it is written. The message names the place. */

export class InvalidConfiguration extends Error {
  override name = 'InvalidConfiguration';
}
