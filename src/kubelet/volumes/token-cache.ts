/**
 * Service account tokens of this node's pods: requested once, and again when four fifths of their time are
 * over.
 */

import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { ServiceAccountTokenProjection, TokenRequest } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../pod/pod.ts';

interface Token {
  readonly text: string;
  readonly issuedAtMs: number;
  readonly renewAtMs: number;
}

export interface TokenSource extends Pick<ServiceAccountTokenProjection, 'audience' | 'expirationSeconds'> {
  /** A ServiceAccount of the same name with another uid gets none. */
  readonly accountUid?: string;
}

const defaultSeconds = 3600;
const ageMaxMs = 24 * 3_600_000;

export class TokenCache {
  readonly #env: Env;
  readonly #client: Client;
  readonly #tokens = new Map<string, Token>();

  constructor(env: Env, client: Client) {
    this.#env = env;
    this.#client = client;
  }

  async get(pod: NodePod, source: TokenSource): Promise<string> {
    const { audience = '', expirationSeconds = defaultSeconds, accountUid = '' } = source;
    const key = `${pod.metadata.uid}/${audience}/${expirationSeconds}/${accountUid}`;
    const known = this.#tokens.get(key);
    if (known && isGoodAt(known, this.#env.clock.now())) return known.text;
    try {
      const token = await this.#request(pod, source);
      this.#tokens.set(key, token);
      return token.text;
    } catch (error) {
      // The old one is still good for a fifth of its life.
      if (known) return known.text;
      throw error;
    }
  }

  forget(podUid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${podUid}/`)) this.#tokens.delete(key);
  }

  async #request(pod: NodePod, source: TokenSource): Promise<Token> {
    const { name, uid, namespace = '' } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? 'default';
    const expirationSeconds = source.expirationSeconds ?? defaultSeconds;
    const issuedAtMs = this.#env.clock.now();
    const answer = await this.#client.createSubresource<TokenRequest>(
      serviceAccounts,
      { namespace, name: account },
      'token',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        ...(source.accountUid === undefined ? {} : { metadata: { uid: source.accountUid } }),
        spec: {
          audiences: source.audience ? [source.audience] : [],
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      } as TokenRequest,
    );
    const nowMs = this.#env.clock.now();
    const expiresAtMs =
      Date.parse(answer.status?.expirationTimestamp ?? '') || nowMs + expirationSeconds * 1000;
    const renewAtMs = nowMs + Math.min((expiresAtMs - nowMs) * 0.8, ageMaxMs);
    return { text: answer.status?.token ?? '', issuedAtMs, renewAtMs };
  }
}

/** A token issued before the wall clock was set back is not valid yet, for as long as it was set back. */
function isGoodAt({ issuedAtMs, renewAtMs }: Token, nowMs: number): boolean {
  return issuedAtMs <= nowMs && nowMs < renewAtMs;
}
