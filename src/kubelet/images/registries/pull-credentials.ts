/** Which user names and passwords of a pod's pull secrets are meant for the registry of an image. */

import type { Secret } from '#api/generated/types.gen.ts';
import { parseImageName } from '#base/text/image-name.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { RegistryCredentials } from '../../runtime/runtime.ts';

/** Whom a pull is made for: a pod's pull secret, its ServiceAccount, or the node itself, whose images every pod may use. */
export interface PullCredentials {
  readonly credentials: RegistryCredentials;
  readonly secret?: ObjectIdentity;
  readonly serviceAccount?: ObjectIdentity;
}

export interface ObjectIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

interface Entry extends PullCredentials {
  /** `example.org:5000/team`, `*.example.org`. */
  readonly place: string;
}

/** The credentials that may fit the image, the closest first; unreadable entries of a secret are passed over. */
export function credentialsFor(image: string, pullSecrets: readonly Secret[]): PullCredentials[] {
  const name = parseImageName(image);
  if (typeof name === 'string') return [];
  return pullSecrets
    .flatMap(entriesOf)
    .filter(({ place }) => matches(place, name.registry, name.repository))
    .sort((a, b) => b.place.length - a.place.length)
    .map(({ credentials, secret }) => ({ credentials, ...(secret ? { secret } : {}) }));
}

/** Whether a password for `place` may fit an image: `example.org:5000/team`, `*.example.org`. */
export function placeFits(place: string, image: string): boolean {
  const name = parseImageName(image);
  return typeof name !== 'string' && matches(placeOf(place), name.registry, name.repository);
}

function entriesOf(secret: Secret): Entry[] {
  const modern = secret.type === 'kubernetes.io/dockerconfigjson';
  const text = secret.data?.[modern ? '.dockerconfigjson' : '.dockercfg'];
  const config = parsed(Buffer.from(String(text ?? ''), 'base64').toString());
  const auths = (modern ? config?.['auths'] : config) as Record<string, Record<string, string>> | undefined;
  return Object.entries(auths ?? {}).flatMap(([url, auth]) => {
    const credentials = credentialsOf(auth);
    return credentials ? [{ place: placeOf(url), credentials, secret: identityOf(secret) }] : [];
  });
}

function identityOf({ metadata }: Secret): ObjectIdentity {
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function credentialsOf(auth: Record<string, string>): RegistryCredentials | undefined {
  const [, username = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(auth['auth'] ?? '', 'base64').toString()) ?? [];
  const found = {
    username: auth['username'] || username,
    password: auth['password'] || withoutEnding(password, '\0'),
    identityToken: auth['identitytoken'] ?? '',
  };
  return found.username || found.identityToken ? found : undefined;
}

/** Without the scheme and the version of the registry's interface. */
function placeOf(url: string): string {
  const bare = url.replace(/^https?:\/\//, '').replace(/\/v[12](\/|$)/, '/');
  return withoutEnding(bare.replace(/^index\.docker\.io/, 'docker.io'), '/');
}

/** A star stands for any one part of the host name; the rest is a beginning of the image's path. */
function matches(place: string, registry: string, repository: string): boolean {
  const slash = place.indexOf('/');
  const host = slash < 0 ? place : place.slice(0, slash);
  const path = slash < 0 ? '' : place.slice(slash + 1);
  if (path !== '' && !repository.startsWith(path)) return false;
  const wanted = host.split('.');
  const found = registry.split('.');
  return wanted.length === found.length && wanted.every((part, i) => matchesPart(part, found[i]!));
}

function matchesPart(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return pattern === text;
  const end = text.length - last.length;
  if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
