/** Bootstrap tokens as their Secrets of type bootstrap.kubernetes.io/token say them. */

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
