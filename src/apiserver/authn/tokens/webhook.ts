/**
 * Authenticates bearer tokens by a TokenReview of a webhook. The last token authenticator: the webhook gets every
 * token that no other one knows.
 */

import type { TokenReviewStatus, UserInfo } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { KubeconfigAccess } from '#client/transport/kubeconfig.ts';
import { BadToken, type KnownToken, type TokenAuthenticator } from '../../contract/authentication.ts';
import { readReview } from '../../outgoing/read-review.ts';
import { retriedPost } from '../../outgoing/retried-post.ts';
import { type WebhookClient, WebhookUnreachable } from '../../outgoing/webhook-client.ts';
import { withAuthenticated } from './of-api-server.ts';

export interface WebhookTokensOptions {
  readonly env: Pick<Env, 'clock' | 'random' | 'log'>;
  readonly client: WebhookClient;
  readonly access: KubeconfigAccess;
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
      const status = statusOf(await review(options, token, audiences), options.version);
      const meant = status.audiences ?? [];
      const common = audiences.filter((audience) =>
        (meant.length > 0 ? meant : options.apiAudiences).includes(audience),
      );
      if (common.length === 0) return undefined;
      if (status.authenticated) return knownToken(status.user ?? {}, common);
      if (status.error) throw new BadToken(status.error);
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

function statusOf(answer: Uint8Array, version: string): TokenReviewStatus {
  const type = 'io.k8s.api.authentication.v1.TokenReview';
  const apiVersion = `authentication.k8s.io/${version}`;
  try {
    const found = readReview(answer, { schema: loadSchema(), type, kind: 'TokenReview', apiVersion });
    return (found['status'] ?? {}) as TokenReviewStatus;
  } catch (error) {
    throw new BadToken(errorText(error));
  }
}

function knownToken(
  { username = '', uid, groups = [], extra = {} }: UserInfo,
  audiences: readonly string[],
): KnownToken {
  return {
    user: withAuthenticated({
      name: username,
      ...(uid ? { uid } : {}),
      groups,
      ...(Object.keys(extra).length > 0 ? { extra } : {}),
    }),
    audiences,
  };
}
