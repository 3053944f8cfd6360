/**
 * Signs and verifies the JSON Web Tokens of ServiceAccounts: tokens bound to an object and a time, and legacy tokens
 * of Secrets.
 *
 * Verifies only the signature. The claims, and whether the account and the bound object still exist, are checked
 * with every request: `tokens/service-account.ts`, `tokens/legacy.ts`.
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { compactVerify, errors, exportJWK, type JWK, SignJWT } from 'jose';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { BadToken } from '../contract/authentication.ts';

export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** The private claims, under `kubernetes.io`. */
export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
  /** Seconds; the holder should have fetched a newer one by then. */
  readonly warnafter?: number;
}

export interface ServiceAccountTokens {
  /** Of new tokens. */
  readonly issuer: string;
  /** Issuers whose tokens are accepted. */
  readonly issuers: readonly string[];
  /** The audiences of which the API server accepts tokens; also the default audiences of new tokens. */
  readonly apiAudiences: readonly string[];
  sign(
    claims: KubernetesClaims,
    options: { audiences: readonly string[]; lifeMs: number; issuedAtMs: number },
  ): Promise<string>;
  /** A token of a Secret, without expiry and audience. */
  signLegacy(account: BoundObject & { readonly namespace: string }, secretName: string): Promise<string>;
  /** The payload of a token with a valid signature. Throws `BadToken`. */
  verifySignature(token: string): Promise<JsonObject>;
  /** The public keys, for `/openid/v1/jwks`. */
  keySet(): Promise<{ keys: JWK[] }>;
}

export const legacyIssuer = 'kubernetes/serviceaccount';
export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';
/** As Go: padding is refused. The library ignores it, so that a token could be written in many ways. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const cacheEntriesMax = 4096;
const badSignature = 'go-jose/go-jose: error in cryptographic primitive';

export interface ServiceAccountTokenOptions {
  readonly env: Pick<Env, 'random'>;
  readonly privatePem: string;
  /** Accepted public keys, one or more in each PEM. Default: the signing key. */
  readonly publicPems?: readonly string[];
  /** Accepted issuers; the first is the issuer of new tokens. */
  readonly issuers?: readonly string[];
  /** Default: the issuers. */
  readonly apiAudiences?: readonly string[];
}

export function serviceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  const { random } = options.env;
  const issuers = options.issuers ?? [defaultIssuer];
  const apiAudiences = options.apiAudiences ?? issuers;
  const signing = keyOf(createPrivateKey(options.privatePem));
  const accepted = options.publicPems?.flatMap(publicKeys) ?? [keyOf(createPublicKey(options.privatePem))];
  const verified = new RecentMap<string, JsonObject>(cacheEntriesMax);

  const signed = (claims: JsonObject) =>
    new SignJWT(claims).setProtectedHeader({ alg: signing.alg, kid: signing.id }).sign(signing.key);

  return {
    issuer: issuers[0]!,
    issuers,
    apiAudiences,
    sign(claims, { audiences, lifeMs, issuedAtMs }) {
      const issuedAt = Math.floor(issuedAtMs / 1000);
      return signed({
        aud: [...audiences],
        exp: issuedAt + Math.floor(lifeMs / 1000),
        iat: issuedAt,
        iss: issuers[0]!,
        jti: random.uuid(),
        'kubernetes.io': claims,
        nbf: issuedAt,
        sub: `system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`,
      });
    },
    signLegacy({ namespace, name, uid }, secretName) {
      const prefix = 'kubernetes.io/serviceaccount';
      return signed({
        iss: legacyIssuer,
        [`${prefix}/namespace`]: namespace,
        [`${prefix}/secret.name`]: secretName,
        [`${prefix}/service-account.name`]: name,
        [`${prefix}/service-account.uid`]: uid,
        sub: `system:serviceaccount:${namespace}:${name}`,
      });
    },
    async verifySignature(token) {
      const cached = verified.get(token);
      if (cached) return cached;
      const payload = await verifiedPayload(token, accepted);
      verified.set(token, payload);
      return payload;
    },
    async keySet() {
      const entries = accepted.map(async ({ id, key, alg }) => ({
        ...(await exportJWK(key)),
        use: 'sig',
        kid: id,
        alg,
      }));
      return { keys: await Promise.all(entries) };
    },
  };
}

interface Key {
  readonly id: string;
  readonly key: KeyObject;
  readonly alg: string;
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** As upstream: the key ID is the hash of the public key's DER, the same on every server. */
function keyOf(key: KeyObject): Key {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const alg = key.asymmetricKeyType === 'rsa' ? 'RS256' : curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (!alg) throw new Error('unknown private key type, must be *rsa.PrivateKey or *ecdsa.PrivateKey');
  return { id: createHash('sha256').update(der).digest('base64url'), key, alg };
}

/** Every key of a PEM file; of a private key its public part. */
function publicKeys(pem: string): Key[] {
  const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? [];
  const keys = blocks.filter((block) => /PUBLIC KEY|PRIVATE KEY|CERTIFICATE/.test(block));
  if (keys.length === 0) throw new Error('data does not contain any valid RSA or ECDSA public keys');
  return keys.map((block) => keyOf(createPublicKey(block)));
}

async function verifiedPayload(token: string, accepted: readonly Key[]): Promise<JsonObject> {
  const { kid } = headerOf(token);
  const keys = typeof kid === 'string' && kid !== '' ? accepted.filter(({ id }) => id === kid) : accepted;
  if (keys.length === 0) throw new BadToken('invalid signature, no keys found');
  for (const { key, alg } of keys) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [alg] });
      const claims: unknown = JSON.parse(Buffer.from(payload).toString());
      if (isJsonObject(claims)) return claims;
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof SyntaxError)) throw error;
    }
  }
  throw new BadToken(badSignature);
}

function headerOf(token: string): JsonObject {
  const header = jsonOf(token.split('.', 1)[0]!);
  return isJsonObject(header) ? header : {};
}

/** The issuer claim of a token, without any verification; undefined if it is no JSON Web Token. */
export function untrustedIssuer(token: string): string | undefined {
  const issuer = untrustedClaims(token)?.['iss'];
  return typeof issuer === 'string' ? issuer : undefined;
}

/** The claims of a token, without any verification; undefined if it is no JSON Web Token. */
export function untrustedClaims(token: string): JsonObject | undefined {
  if (!compactForm.test(token)) return undefined;
  const claims = jsonOf(token.split('.')[1]!);
  return isJsonObject(claims) ? claims : undefined;
}

function jsonOf(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64url').toString());
  } catch {
    return undefined;
  }
}
