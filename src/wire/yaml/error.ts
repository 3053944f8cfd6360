/** A text is no YAML, or YAML that JSON has no word for; the message is the whole of what is said of it. */

export class YamlError extends Error {
  override name = 'YamlError';
}
