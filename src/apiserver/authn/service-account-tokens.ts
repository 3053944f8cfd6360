/**
 * Signs and verifies the JSON Web Tokens of ServiceAccounts (claims as upstream's bound tokens).
 *
 * Verification here covers what the token itself says: signature, issuer, audience, times. Whether the
 * account and the object it is bound to still exist is asked with every request, by the authenticator.
 */

import { createHash, createPublicKey } from 'node:crypto';
import { errors, exportJWK, importPKCS8, importSPKI, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Env } from '#base/env.ts';
import { isJsonObject } from '#wire/json/value.ts';

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

export interface VerifiedToken {
  readonly subject: string;
  readonly tokenId: string;
  readonly audiences: readonly string[];
  readonly expiresAtMs: number;
  readonly notBeforeMs: number;
  readonly kubernetes: KubernetesClaims;
}

export interface ServiceAccountTokens {
  readonly issuer: string;
  /** What a token must be meant for to be accepted by the API server; the first is the default audience. */
  readonly apiAudiences: readonly string[];
  sign(
    claims: KubernetesClaims,
    options: { audiences: readonly string[]; lifeMs: number; issuedAtMs: number },
  ): Promise<string>;
  /** Undefined when it is not a token of this issuer or is not valid (now, for one of these audiences). */
  verify(token: string, audiences?: readonly string[]): Promise<VerifiedToken | undefined>;
  /** The public keys, for `/openid/v1/jwks`. */
  keySet(): Promise<{ keys: JWK[] }>;
}

const cacheEntriesMax = 4096;
/** The clock skew that is allowed between issuer and verifier: the default of upstream's library. */
const leewayMs = 60_000;
const algorithm = 'ES256';

export function serviceAccountTokens(options: {
  readonly env: Env;
  readonly privatePem: string;
  /** Earlier keys whose tokens are still to be accepted. */
  readonly olderPublicPems?: readonly string[];
  readonly issuer?: string;
  readonly apiAudiences?: readonly string[];
}): ServiceAccountTokens {
  const { clock, random } = options.env;
  const issuer = options.issuer ?? 'https://kubernetes.default.svc.cluster.local';
  const apiAudiences = options.apiAudiences ?? [issuer];
  const publicPem = createPublicKey(options.privatePem).export({ type: 'spki', format: 'pem' }).toString();
  const publicPems = [publicPem, ...(options.olderPublicPems ?? [])];
  const privateKey = importPKCS8(options.privatePem, algorithm);
  const publicKeys = new Map(publicPems.map((pem) => [keyId(pem), importPublic(pem)]));
  const verified = new Map<string, VerifiedToken>();

  async function verifySignature(token: string): Promise<VerifiedToken | undefined> {
    const cached = verified.get(token);
    if (cached) return cached;
    const result = await checkSignature(token, issuer, publicKeys, clock.now());
    if (!result) return undefined;
    if (verified.size >= cacheEntriesMax) verified.delete(verified.keys().next().value!);
    verified.set(token, result);
    return result;
  }

  return {
    issuer,
    apiAudiences,
    async sign(claims, { audiences, lifeMs, issuedAtMs }) {
      const issuedAt = Math.floor(issuedAtMs / 1000);
      return new SignJWT({ 'kubernetes.io': claims })
        .setProtectedHeader({ alg: algorithm, kid: keyId(publicPem) })
        .setAudience([...audiences])
        .setIssuer(issuer)
        .setSubject(`system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(issuedAt + Math.floor(lifeMs / 1000))
        .setJti(random.uuid())
        .sign(await privateKey);
    },
    async verify(token, audiences = apiAudiences) {
      const result = await verifySignature(token);
      if (!result) return undefined;
      const nowMs = clock.now();
      const isExpired = nowMs - leewayMs > result.expiresAtMs;
      if (isExpired || nowMs + leewayMs < result.notBeforeMs) return undefined;
      return result.audiences.some((audience) => audiences.includes(audience)) ? result : undefined;
    },
    async keySet() {
      const entries = [...publicKeys].map(async ([kid, key]) => ({
        ...(await exportJWK((await key).key)),
        use: 'sig',
        kid,
        alg: (await key).alg,
      }));
      return { keys: await Promise.all(entries) };
    },
  };
}

interface PublicKey {
  readonly key: CryptoKey;
  readonly alg: string;
}

async function importPublic(pem: string): Promise<PublicKey> {
  const alg = createPublicKey(pem).asymmetricKeyType === 'rsa' ? 'RS256' : algorithm;
  return { key: await importSPKI(pem, alg, { extractable: true }), alg };
}

/** As upstream: the hash of the public key's DER, so that every server finds the same name. */
function keyId(publicPem: string): string {
  const der = createPublicKey(publicPem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64url');
}

/** Go refuses padding, which the library passes over: one token would have many texts. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

async function checkSignature(
  token: string,
  issuer: string,
  keys: ReadonlyMap<string, Promise<PublicKey>>,
  nowMs: number,
): Promise<VerifiedToken | undefined> {
  if (!compactForm.test(token)) return undefined;
  try {
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        const found = await keys.get(header.kid ?? '');
        if (!found || found.alg !== header.alg) throw new errors.JWKSNoMatchingKey();
        return found.key;
      },
      // The times are checked with every use, the cached ones too.
      {
        issuer,
        currentDate: new Date(nowMs),
        clockTolerance: leewayMs / 1000,
        requiredClaims: ['exp', 'sub', 'aud', 'kubernetes.io'],
      },
    );
    const kubernetes = kubernetesClaims(payload['kubernetes.io']);
    if (!kubernetes || typeof (payload.jti ?? '') !== 'string') return undefined;
    return {
      subject: payload.sub!,
      tokenId: payload.jti ?? '',
      audiences: [payload.aud!].flat(),
      expiresAtMs: payload.exp! * 1000,
      notBeforeMs: (payload.nbf ?? 0) * 1000,
      kubernetes,
    };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** Signed is not well formed: another program may hold the key. What is null is not there. */
function kubernetesClaims(claims: unknown): KubernetesClaims | undefined {
  if (!isJsonObject(claims) || typeof claims['namespace'] !== 'string') return undefined;
  const { serviceaccount, pod, secret, node, warnafter } = claims;
  if (!isBoundObject(serviceaccount)) return undefined;
  const bound = Object.entries({ pod, secret, node }).filter(
    ([, reference]) => (reference ?? undefined) !== undefined,
  );
  if (!bound.every(([, reference]) => isBoundObject(reference))) return undefined;
  return {
    namespace: claims['namespace'],
    serviceaccount,
    ...Object.fromEntries(bound),
    ...(typeof warnafter === 'number' ? { warnafter } : {}),
  };
}

function isBoundObject(value: unknown): value is BoundObject {
  return isJsonObject(value) && typeof value['name'] === 'string' && typeof (value['uid'] ?? '') === 'string';
}
