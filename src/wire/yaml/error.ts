/** A text is not valid YAML, or YAML that JSON cannot express; the message is complete. */

export class YamlError extends Error {
  override name = 'YamlError';
}
