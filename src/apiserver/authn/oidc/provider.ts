/**
 * The discovery document and the public keys of an OpenID Connect issuer, read over HTTPS. Discovery is tried every
 * ten seconds until it succeeds, since the issuer may run in this very cluster. Keys are cached, and fetched again
 * for a token that none of them has signed.
 */

import { compactVerify, errors, importJWK, type JWK } from 'jose';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { BadToken } from '../../contract/authentication.ts';
import { JsonClient } from '../../outgoing/json-client.ts';
import type { JwtIssuer } from './configuration.ts';
import type { JwtMetrics } from './jwt-metrics.ts';

const retryMs = 10_000;
/** Tokens with unknown keys cause at most one request for keys in this time. */
const refetchPauseMs = 1000;
const wellKnown = '/.well-known/openid-configuration';
const notSigned = 'failed to verify id token signature';

export class OidcProvider {
  readonly #issuer: JwtIssuer['issuer'];
  readonly #algorithms: readonly string[];
  readonly #clock: Clock;
  readonly #client: JsonClient;
  readonly #attempts: Repeater;
  readonly #metrics: JwtMetrics | undefined;
  #keySetUrl: string | undefined;
  #keys: readonly JWK[] = [];
  #fetching: Promise<readonly JWK[]> | undefined;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #problem: string;

  constructor(
    issuer: JwtIssuer['issuer'],
    algorithms: readonly string[],
    env: Pick<Env, 'clock' | 'log'>,
    metrics?: JwtMetrics,
  ) {
    this.#metrics = metrics;
    this.#issuer = issuer;
    this.#algorithms = algorithms;
    this.#clock = env.clock;
    this.#problem = `oidc: authenticator for issuer "${issuer.url}" is not initialized`;
    this.#client = new JsonClient(issuer.certificateAuthority);
    this.#attempts = new Repeater(env.clock, retryMs, async () => {
      try {
        await this.#discover();
        this.#attempts.stop();
      } catch (error) {
        this.#problem = (error as Error).message;
        env.log.warn('an issuer of tokens could not be reached', {
          issuer: issuer.url,
          error: this.#problem,
        });
      }
    });
  }

  start(): void {
    this.#attempts.start(0);
  }

  async stop(): Promise<void> {
    this.#attempts.stop();
    await this.#client.close();
  }

  /** Why tokens cannot be verified yet; undefined after discovery. */
  get problem(): string | undefined {
    return this.#keySetUrl === undefined ? this.#problem : undefined;
  }

  /** The payload of a token with a valid signature. Throws `BadToken`. */
  async verify(token: string): Promise<JsonObject> {
    const { alg, kid } = headerOf(token);
    if (typeof alg !== 'string' || !this.#algorithms.includes(alg)) {
      throw verification(
        `oidc: id token signed with unsupported algorithm, expected ${goList(this.#algorithms)} got "${String(alg ?? '')}"`,
      );
    }
    const fitting = (keys: readonly JWK[]) => keys.filter((key) => !kid || key.kid === kid);
    const payload =
      (await verifiedBy(token, alg, fitting(this.#keys))) ??
      (await verifiedBy(token, alg, fitting(await this.#freshKeys())));
    if (!payload) throw verification(`failed to verify signature: ${notSigned}`);
    return payload;
  }

  async #discover(): Promise<void> {
    const { url, discoveryURL } = this.#issuer;
    const document = await this.#client.get(discoveryURL || `${url.replace(/\/$/, '')}${wellKnown}`);
    const { issuer, jwks_uri: keySetUrl } = document;
    if (issuer !== url) {
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected "${url}" got "${String(issuer ?? '')}"`,
      );
    }
    if (typeof keySetUrl !== 'string' || !URL.canParse(keySetUrl)) {
      throw new Error('provider did not return JWKS URL');
    }
    this.#keySetUrl = keySetUrl;
  }

  /** Concurrent callers share one request. */
  async #freshKeys(): Promise<readonly JWK[]> {
    if (!this.#fetching && this.#clock.monotonicMs() - this.#fetchedAtMs < refetchPauseMs) return this.#keys;
    this.#fetching ??= this.#fetchKeys().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchKeys(): Promise<readonly JWK[]> {
    try {
      const keySet = await this.#client.get(this.#keySetUrl!);
      const { keys } = keySet;
      this.#metrics?.fetched(this.#issuer.url, JSON.stringify(keySet), this.#clock.now());
      this.#keys = (Array.isArray(keys) ? keys : []).filter(
        (key): key is JWK => isJsonObject(key) && (key['use'] ?? 'sig') === 'sig',
      );
      this.#fetchedAtMs = this.#clock.monotonicMs();
      return this.#keys;
    } catch (error) {
      this.#metrics?.fetched(this.#issuer.url, undefined, this.#clock.now());
      throw verification(
        `failed to verify signature: fetching keys oidc: get keys failed ${(error as Error).message}`,
      );
    }
  }
}

async function verifiedBy(token: string, alg: string, keys: readonly JWK[]): Promise<JsonObject | undefined> {
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(token, await importJWK(key, alg), { algorithms: [alg] });
      const claims: unknown = JSON.parse(Buffer.from(payload).toString());
      return isJsonObject(claims) ? claims : undefined;
    } catch (error) {
      // The next key is tried after a damaged key, and after a key of another type.
      const isOfKey = error instanceof errors.JOSEError || error instanceof TypeError;
      if (!isOfKey && !(error instanceof SyntaxError) && !(error instanceof DOMException)) throw error;
    }
  }
  return undefined;
}

function headerOf(token: string): JsonObject {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());
    if (isJsonObject(header)) return header;
  } catch {
    // The error is thrown below.
  }
  throw verification('oidc: malformed jwt: the header is no JSON object');
}

export const verificationPrefix = 'oidc: verify token: ';

export function verification(what: string): BadToken {
  return new BadToken(`${verificationPrefix}${what}`);
}

export function goList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}
