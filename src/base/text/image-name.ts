/** Parses a container image reference: registry, repository, tag, or the reason why it is invalid. */

/** The tag; `latest` when neither tag nor digest is given, `''` when only a digest is. */
export function imageTag(image: string): string {
  const [reference = '', digest] = image.split('@', 2);
  const colon = reference.lastIndexOf(':');
  if (colon > reference.lastIndexOf('/')) return reference.slice(colon + 1);
  return digest === undefined ? 'latest' : '';
}

const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const tag = '\\w[\\w.-]{0,127}';
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const reference = new RegExp(
  `^(?:(${domain})/)?(${pathComponent}(?:/${pathComponent})*)(?::${tag})?(?:@${digest})?$`,
);
const nameLengthMax = 255;

export interface ImageName {
  /** `docker.io` when none is written. */
  readonly registry: string;
  /** `library/busybox`. */
  readonly repository: string;
}

/** `docker.io/library/busybox:latest` for `busybox`: the name by which containerd has it. Throws why there is none. */
export function fullImageName(image: string): string {
  const parsed = parseImageName(image);
  if (typeof parsed === 'string') throw new Error(parsed);
  const version = imageVersion(image);
  return `${parsed.registry}/${parsed.repository}${version || ':latest'}`;
}

/** `:1.2`, `@sha256:…`, both or nothing. */
export function imageVersion(image: string): string {
  return /(?::[^:/@]+)?(?:@.+)?$/.exec(image)?.[0] ?? '';
}

/** The parsed name, or the message of the reference library that all runtimes share. */
export function parseImageName(image: string): ImageName | string {
  if (/^[0-9a-f]{64}$/.test(image)) {
    return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  }
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const hasRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = hasRegistry ? first : 'docker.io';
  const rest = hasRegistry ? image.slice(slash + 1) : image;
  const named = rest.split('@', 1)[0]!;
  const colon = named.lastIndexOf(':');
  const name = colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
  if (name !== name.toLowerCase()) {
    return `invalid reference format: repository name (${shortened(registry, name)}) must be lowercase`;
  }
  const repository = shortened(registry, name);
  if (!reference.test(`${registry}/${rest}`)) return 'invalid reference format';
  if (`${registry}/${repository}`.length > nameLengthMax) {
    return 'repository name must not be more than 255 characters';
  }
  return { registry: registry === 'index.docker.io' ? 'docker.io' : registry, repository };
}

function shortened(registry: string, name: string): string {
  return registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
}
