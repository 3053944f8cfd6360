/**
 * Authenticates bearer tokens by a TokenReview of a webhook. The last token authenticator: the webhook gets every
 * token that no other one knows.
 */

import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { BadToken, type KnownToken, type TokenAuthenticator } from '../../contract/authentication.ts';
import { retriedPost } from '../../outgoing/retried-post.ts';
import { type WebhookClient, WebhookUnreachable } from '../../outgoing/webhook-client.ts';
import type { WebhookAccess } from '../../outgoing/webhook-kubeconfig.ts';
import { withAuthenticated } from './of-api-server.ts';

export interface WebhookTokensOptions {
  readonly env: Pick<Env, 'clock' | 'random' | 'log'>;
  readonly client: WebhookClient;
  readonly access: WebhookAccess;
  readonly version: 'v1' | 'v1beta1';
  readonly apiAudiences: readonly string[];
}

/** Upstream's, after a temporary error of the webhook. */
const firstPauseMs = 500;
const callMsMax = 30_000;

export function webhookTokens(options: WebhookTokensOptions): TokenAuthenticator {
  return {
    name: 'webhook',
    async authenticate(token, audiences) {
      const status = statusOf(await review(options, token, audiences));
      const meant = texts(status['audiences']);
      const common = audiences.filter((audience) =>
        (meant.length > 0 ? meant : options.apiAudiences).includes(audience),
      );
      if (common.length === 0) return undefined;
      if (status['authenticated'] === true) return knownToken(status['user'], common);
      if (typeof status['error'] === 'string' && status['error'] !== '') throw new BadToken(status['error']);
      return undefined;
    },
  };
}

async function review(options: WebhookTokensOptions, token: string, audiences: readonly string[]) {
  const { env, client, access, version } = options;
  const apiVersion = `authentication.k8s.io/${version}`;
  const metadata = { creationTimestamp: null };
  const spec = { token, audiences };
  const body = JSON.stringify({ kind: 'TokenReview', apiVersion, metadata, spec, status: { user: {} } });
  try {
    return await retriedPost({ env, client, access, firstPauseMs, timeoutMs: callMsMax }, body);
  } catch (error) {
    if (!(error instanceof StatusError || error instanceof WebhookUnreachable)) throw error;
    env.log.error('the token webhook could not be called', { error: error.message });
    throw new BadToken(error.message);
  }
}

function statusOf(answer: Uint8Array): JsonObject {
  try {
    const document: unknown = JSON.parse(Buffer.from(answer).toString());
    if (isJsonObject(document) && isJsonObject(document['status'])) return document['status'];
  } catch {
    // The error is thrown below.
  }
  throw new BadToken('the answer of the webhook is no TokenReview');
}

function knownToken(user: unknown, audiences: readonly string[]): KnownToken {
  const { username, uid, groups, extra } = isJsonObject(user) ? user : {};
  const more = Object.entries(isJsonObject(extra) ? extra : {}).map(([key, values]) => [key, texts(values)]);
  return {
    user: withAuthenticated({
      name: typeof username === 'string' ? username : '',
      ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
      groups: texts(groups),
      ...(more.length > 0 ? { extra: Object.fromEntries(more) } : {}),
    }),
    audiences,
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
