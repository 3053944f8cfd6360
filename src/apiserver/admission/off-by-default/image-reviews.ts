/** Reviews of images by the webhook of an image policy; its answers are kept for a while. */

import { type ConfigTypes, schemaOf } from '#api/configuration/config-file.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import { readReview } from '../../outgoing/read-review.ts';
import { retriedPost } from '../../outgoing/retried-post.ts';
import type { WebhookClient } from '../../outgoing/webhook-client.ts';
import type { ImagePolicy } from './image-policy.ts';

export interface Review {
  readonly allowed?: boolean;
  readonly reason?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** What is read of an answer. */
const types: ConfigTypes = {
  'io.k8s.api.imagepolicy.v1alpha1.ImageReview': {
    status: '#io.k8s.api.imagepolicy.v1alpha1.ImageReviewStatus',
  },
  'io.k8s.api.imagepolicy.v1alpha1.ImageReviewStatus': {
    allowed: 'boolean',
    reason: 'string',
    auditAnnotations: '{}string',
  },
};
const type = 'io.k8s.api.imagepolicy.v1alpha1.ImageReview';
const kind = 'ImageReview';
const apiVersion = 'imagepolicy.k8s.io/v1alpha1';

const keptMax = 1024;
/** Of one review; a longer one is asked for each time. */
const keptTextMax = 10_000;
const callMsMax = 30_000;

export interface ImagePolicyParts {
  readonly env: Pick<Env, 'clock' | 'random' | 'log'>;
  readonly client: WebhookClient;
}

/** Returns a function that asks for the review of a spec, which is in JSON. */
export function imageReviews(
  parts: ImagePolicyParts,
  policy: ImagePolicy,
): (spec: string) => Promise<Review> {
  const kept = new RecentMap<string, { readonly review: Review; readonly untilMs: number }>(keptMax);
  const { clock } = parts.env;
  return async (spec) => {
    const known = kept.get(spec);
    if (known && known.untilMs > clock.monotonicMs()) return known.review;
    const review = await ask(parts, policy, spec);
    const untilMs = clock.monotonicMs() + (review.allowed ? policy.allowMs : policy.denyMs);
    if (spec.length <= keptTextMax) kept.set(spec, { review, untilMs });
    return review;
  };
}

async function ask({ env, client }: ImagePolicyParts, policy: ImagePolicy, spec: string): Promise<Review> {
  const { access, retryMs: firstPauseMs } = policy;
  const head = `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":{}`;
  const post = { env, client, access, firstPauseMs, timeoutMs: callMsMax };
  const answer = await retriedPost(post, `${head},"spec":${spec},"status":{"allowed":false}}`);
  const review = readReview(answer, { schema: schemaOf(types), type, kind, apiVersion });
  return (review['status'] ?? {}) as Review;
}
