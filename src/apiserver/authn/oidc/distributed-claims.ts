/**
 * The groups of a user that a token does not have itself, but names a source for (OpenID Connect Core 1.0, section
 * 5.6.2): a token of that source, verified by the keys of the issuer which it names.
 */

import type { Env } from '#base/env.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { BadToken } from '../../contract/authentication.ts';
import { JsonClient } from '../../outgoing/json-client.ts';
import { untrustedClaims } from '../service-account-tokens.ts';
import type { JwtIssuer } from './configuration.ts';
import { OidcProvider, verificationPrefix } from './provider.ts';
import { verifiedClaims } from './verified-token.ts';

/** Issuers of sources whose keys are kept. */
const issuersMax = 100;

export class DistributedClaims {
  readonly #issuer: JwtIssuer;
  readonly #algorithms: readonly string[];
  readonly #env: Pick<Env, 'clock' | 'log'>;
  readonly #client: JsonClient;
  readonly #providers = new Map<string, OidcProvider>();

  constructor(issuer: JwtIssuer, algorithms: readonly string[], env: Pick<Env, 'clock' | 'log'>) {
    this.#issuer = issuer;
    this.#algorithms = algorithms;
    this.#env = env;
    this.#client = new JsonClient(issuer.issuer.certificateAuthority);
  }

  async stop(): Promise<void> {
    await Promise.all([
      this.#client.close(),
      ...[...this.#providers.values()].map((provider) => provider.stop()),
    ]);
  }

  /** The claims with that of the groups. Rejects with `BadToken`. */
  async expanded(claims: JsonObject): Promise<JsonObject> {
    const { claim } = this.#issuer.claimMappings.groups;
    if (claim === '' || Object.hasOwn(claims, claim)) return claims;
    try {
      const source = sourceOf(claims, claim);
      return source ? { ...claims, [claim]: await this.#resolved(claim, source) } : claims;
    } catch (error) {
      const why = (error as Error).message.replace(verificationPrefix, '');
      throw new BadToken(`oidc: could not expand distributed claims: ${why}`);
    }
  }

  async #resolved(claim: string, { endpoint, accessToken }: Source): Promise<JsonObject[string]> {
    const token = await this.#tokenAt(claim, endpoint, accessToken);
    const issuer = untrustedClaims(token)?.['iss'];
    if (typeof issuer !== 'string') {
      throw new Error(
        `getting untrusted issuer from endpoint ${endpoint} failed for claim ${JSON.stringify(claim)}: token has no issuer`,
      );
    }
    const provider = this.#providerOf(issuer);
    if (provider.problem !== undefined) {
      throw new Error(
        `verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: ${JSON.stringify(issuer)}`,
      );
    }
    const { audiences } = this.#issuer.issuer;
    const found = await verifiedClaims(provider, audiences, this.#env.clock.now(), token).catch(
      (error: Error) => {
        throw new Error(`verify distributed claim token: ${error.message.replace(verificationPrefix, '')}`);
      },
    );
    const value = found[claim];
    if (value !== undefined) return value;
    throw new Error(
      `jwt returned by distributed claim endpoint ${JSON.stringify(endpoint)} did not contain claim: ${claim}`,
    );
  }

  async #tokenAt(claim: string, endpoint: string, accessToken: string): Promise<string> {
    try {
      const headers: Record<string, string> =
        accessToken === '' ? {} : { authorization: `Bearer ${accessToken}` };
      const { status, text } = await this.#client.getText(endpoint, headers);
      if (status >= 200 && status <= 226) return text.trim();
      throw new Error(`error while getting distributed claim JWT: ${status}`);
    } catch (error) {
      throw new Error(
        `while getting distributed claim ${JSON.stringify(claim)}: ${(error as Error).message}`,
      );
    }
  }

  /** Its discovery begins with the first token that names it. */
  #providerOf(url: string): OidcProvider {
    const known = this.#providers.get(url);
    if (known) return known;
    const issuer = { ...this.#issuer.issuer, url, discoveryURL: '' };
    const provider = new OidcProvider(issuer, this.#algorithms, this.#env);
    for (const [oldest, old] of this.#providers) {
      if (this.#providers.size < issuersMax) break;
      this.#providers.delete(oldest);
      void old.stop();
    }
    this.#providers.set(url, provider);
    provider.start();
    return provider;
  }
}

interface Source {
  readonly endpoint: string;
  readonly accessToken: string;
}

/** Undefined where the token names none: also for an aggregated claim, which is ignored as upstream does. */
function sourceOf(claims: JsonObject, claim: string): Source | undefined {
  const { _claim_names: names, _claim_sources: sources } = claims;
  if (names === undefined) return undefined;
  if (!isJsonObject(names)) {
    throw new Error('oidc: error parsing distributed claim names: they are no object');
  }
  if (sources === undefined) throw new Error('oidc: no claim sources');
  if (!isJsonObject(sources)) throw new Error('oidc: could not parse claim sources: they are no object');
  const name = names[claim];
  if (name === undefined) return undefined;
  const source = sources[String(name)];
  if (!isJsonObject(source)) {
    throw new Error(`id token _claim_names contained a source ${String(name)} missing in _claims_sources`);
  }
  const { endpoint, access_token: accessToken = '' } = source;
  if (typeof endpoint !== 'string' || endpoint === '') return undefined;
  return { endpoint, accessToken: String(accessToken) };
}
