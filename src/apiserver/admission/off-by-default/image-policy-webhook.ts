/**
 * A webhook judges the images of each pod by an ImageReview, and its answers are kept for a while. Upstream:
 * ImagePolicyWebhook, off by default.
 */

import { type ConfigTypes, schemaOf } from '#api/configuration/config-file.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import { readReview } from '../../outgoing/read-review.ts';
import { retriedPost } from '../../outgoing/retried-post.ts';
import type { WebhookClient } from '../../outgoing/webhook-client.ts';
import { readWebhookKubeconfig, type WebhookAccess } from '../../outgoing/webhook-kubeconfig.ts';

export interface ImagePolicy {
  readonly access: WebhookAccess;
  readonly allowMs: number;
  readonly denyMs: number;
  readonly retryMs: number;
  /** Whether pods are let in where the webhook fails. */
  readonly defaultAllow: boolean;
}

interface Review {
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
const auditPrefix = 'imagepolicywebhook.image-policy.k8s.io/';
const failedOpenAnnotation = 'alpha.image-policy.k8s.io/failed-open';

const seconds = 1000;
const minutes = 60 * seconds;

/** Throws an Error for an invalid configuration; without one, too. */
export function readImagePolicy(document: unknown, readFile: (path: string) => string): ImagePolicy {
  if (document === undefined) throw new Error('no config specified');
  const given = isJsonObject(document) ? document['imagePolicy'] : undefined;
  const { kubeConfigFile, allowTTL, denyTTL, retryBackoff, defaultAllow } = isJsonObject(given) ? given : {};
  const ttl = { unitMs: seconds, unit: 's', minMs: seconds, maxMs: 30 * minutes };
  const retry = { unitMs: 1, unit: 'ms', minMs: 1, maxMs: 5 * minutes };
  return {
    access: readWebhookKubeconfig(typeof kubeConfigFile === 'string' ? kubeConfigFile : '', readFile),
    retryMs: duration(retryBackoff, { ...retry, defaultMs: 500 }),
    allowMs: duration(allowTTL, { ...ttl, defaultMs: 5 * minutes }),
    denyMs: duration(denyTTL, { ...ttl, defaultMs: 30 * seconds }),
    defaultAllow: defaultAllow === true,
  };
}

interface Bounds {
  readonly unitMs: number;
  readonly unit: string;
  readonly minMs: number;
  readonly maxMs: number;
  readonly defaultMs: number;
}

/** 0 stands for the default, -1 for none. */
function duration(value: unknown = 0, { unitMs, unit, minMs, maxMs, defaultMs }: Bounds): number {
  if (value === 0) return defaultMs;
  if (value === -1) return 0;
  const ms = typeof value === 'number' ? value * unitMs : Number.NaN;
  if (ms >= minMs && ms <= maxMs) return ms;
  throw new Error(
    `valid value is between ${minMs / unitMs}${unit} and ${maxMs / unitMs}${unit}, got ${value}`,
  );
}

export interface ImagePolicyParts {
  readonly env: Pick<Env, 'clock' | 'random' | 'log'>;
  readonly client: WebhookClient;
}

export function imagePolicyWebhook(parts: ImagePolicyParts, policy: ImagePolicy): AdmissionPlugin {
  const kept = new RecentMap<string, { readonly review: Review; readonly untilMs: number }>(keptMax);
  const { clock } = parts.env;
  const reviewOf = async (spec: string): Promise<Review> => {
    const known = kept.get(spec);
    if (known && known.untilMs > clock.monotonicMs()) return known.review;
    const review = await ask(parts, policy, spec);
    const untilMs = clock.monotonicMs() + (review.allowed ? policy.allowMs : policy.denyMs);
    if (spec.length <= keptTextMax) kept.set(spec, { review, untilMs });
    return review;
  };
  return defineAdmission({
    name: 'ImagePolicyWebhook',
    rules: [
      {
        operations: ['CREATE', 'UPDATE'],
        apiGroups: [''],
        resources: ['pods', 'pods/ephemeralcontainers'],
      },
    ],
    async validate(attributes) {
      const { type, name, request } = attributes;
      let review: Review;
      try {
        review = await reviewOf(JSON.stringify(specOf(attributes)));
      } catch (error) {
        parts.env.log.info('the webhook of the image policy could not be called', {
          error: errorText(error),
        });
        if (!policy.defaultAllow) throw forbidden(type, name, errorText(error));
        failOpen(attributes);
        return;
      }
      for (const [key, value] of Object.entries(review.auditAnnotations ?? {})) {
        request?.annotate(auditPrefix + key, value);
      }
      if (review.allowed) return;
      throw forbidden(
        type,
        name,
        review.reason
          ? `image policy webhook backend denied one or more images: ${review.reason}`
          : 'one or more images rejected by webhook backend',
      );
    },
  });
}

function specOf({ object, subresource, namespace }: AdmissionAttributes): object {
  const { metadata, spec } = object as Pod;
  const containers =
    subresource === ''
      ? [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
      : (spec?.ephemeralContainers ?? []);
  const annotations = Object.entries(metadata?.annotations ?? {})
    .filter(([key]) => key.includes('.image-policy.k8s.io/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(containers.length > 0 ? { containers: containers.map(({ image }) => (image ? { image } : {})) } : {}),
    ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
    ...(namespace === '' ? {} : { namespace }),
  };
}

/** `spec`: in JSON. */
async function ask({ env, client }: ImagePolicyParts, policy: ImagePolicy, spec: string): Promise<Review> {
  const { access, retryMs: firstPauseMs } = policy;
  const head = `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":{}`;
  const post = { env, client, access, firstPauseMs, timeoutMs: callMsMax };
  const answer = await retriedPost(post, `${head},"spec":${spec},"status":{"allowed":false}}`);
  const review = readReview(answer, { schema: schemaOf(types), type, kind, apiVersion });
  return (review['status'] ?? {}) as Review;
}

/** Upstream marks the pod too, though plugins that judge change nothing else. */
function failOpen({ object, request }: AdmissionAttributes): void {
  request?.annotate(`${auditPrefix}failed-open`, 'true');
  const { metadata } = object as Pod;
  metadata!.annotations = { ...metadata!.annotations, [failedOpenAnnotation]: 'true' };
}
