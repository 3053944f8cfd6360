/** Reads a container image reference as far as the API server needs it: which tag does it ask for? */

/** The tag; `latest` when neither tag nor digest is given, `''` when only a digest is. */
export function imageTag(image: string): string {
  const [reference = '', digest] = image.split('@', 2);
  const colon = reference.lastIndexOf(':');
  if (colon > reference.lastIndexOf('/')) return reference.slice(colon + 1);
  return digest === undefined ? 'latest' : '';
}

/** `Always` for `:latest` and untagged images, else `IfNotPresent`. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  if (!image) return 'IfNotPresent';
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';
}
