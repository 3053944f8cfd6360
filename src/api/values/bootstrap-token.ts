/** Bootstrap tokens, and the Secrets of type bootstrap.kubernetes.io/token that they are kept in. */

import { createHmac } from 'node:crypto';
import { rfc3339 } from '#base/clock.ts';
import type { Random } from '#base/random.ts';

export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';
export const bootstrapTokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const rfc3339Pattern = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

interface TokenSecret {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Empty where there is no such key. */
export function textOfKey(secret: TokenSecret, key: string): string {
  return Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
}

/** Undefined: never. What is no time has expired. */
export function expiryMs(secret: TokenSecret): number | undefined {
  const text = textOfKey(secret, 'expiration');
  if (text === '') return undefined;
  const ms = rfc3339Pattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

export function isExpired(secret: TokenSecret, nowMs: number): boolean {
  const ms = expiryMs(secret);
  return ms !== undefined && ms <= nowMs;
}

/** Sorted; undefined where a group is not one of bootstrappers. */
export function bootstrapGroups(secret: TokenSecret): readonly string[] | undefined {
  const text = textOfKey(secret, 'auth-extra-groups');
  const extra = text === '' ? [] : text.split(',');
  if (!extra.every((group) => groupPattern.test(group))) return undefined;
  return [...new Set(['system:bootstrappers', ...extra])].sort();
}

/** `id.secret` is the token. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** The group of users of tokens by which nodes join: kubeadm's. */
export const joiningGroup = 'system:bootstrappers:kubeadm:default-node-token';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function newBootstrapToken(random: Pick<Random, 'bytes'>): BootstrapToken {
  return { id: randomText(random, 6), secret: randomText(random, 16) };
}

/** Every character with the same chance: bytes beyond the last whole alphabet are left out. */
function randomText(random: Pick<Random, 'bytes'>, length: number): string {
  const bound = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    const usable = [...random.bytes(length)].filter((byte) => byte < bound);
    text += usable.map((byte) => alphabet[byte % alphabet.length]).join('');
  }
  return text.slice(0, length);
}

/** Undefined for a text that is no token. */
export function parseBootstrapToken(text: string): BootstrapToken | undefined {
  const [, id, secret] = bootstrapTokenPattern.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}

export interface TokenFacts {
  /** In milliseconds since the epoch; undefined: never. */
  readonly expiresAtMs?: number | undefined;
  readonly description?: string | undefined;
}

/** As `kubeadm token create` makes it: for joining nodes and for the signature of cluster-info. */
export function bootstrapTokenSecret({ id, secret }: BootstrapToken, facts: TokenFacts) {
  const { expiresAtMs, description } = facts;
  const values = {
    'token-id': id,
    'token-secret': secret,
    ...(expiresAtMs === undefined ? {} : { expiration: rfc3339(expiresAtMs) }),
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': joiningGroup,
    ...(description ? { description } : {}),
  };
  const data = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return {
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: bootstrapTokenType,
    data: Object.fromEntries(data),
  };
}

/** The token's signature of a text: a JSON Web Signature with detached content (RFC 7515, appendix F). */
export function detachedSignature(content: string, { id, secret }: BootstrapToken): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64url');
  const header = base64(JSON.stringify({ alg: 'HS256', kid: id }));
  const signature = createHmac('sha256', secret)
    .update(`${header}.${base64(content)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}
