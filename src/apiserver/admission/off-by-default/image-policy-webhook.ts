/**
 * A webhook judges the images of each pod by an ImageReview, and its answers are kept for a while. Upstream:
 * ImagePolicyWebhook, off by default.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { errorText } from '#base/text/error-text.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ImagePolicy } from './image-policy.ts';
import { type ImagePolicyParts, imageReviews, type Review } from './image-reviews.ts';

const auditPrefix = 'imagepolicywebhook.image-policy.k8s.io/';
const failedOpenAnnotation = 'alpha.image-policy.k8s.io/failed-open';

export function imagePolicyWebhook(parts: ImagePolicyParts, policy: ImagePolicy): AdmissionPlugin {
  const reviewOf = imageReviews(parts, policy);
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

/** Upstream marks the pod too, though plugins that judge change nothing else. */
function failOpen({ object, request }: AdmissionAttributes): void {
  request?.annotate(`${auditPrefix}failed-open`, 'true');
  const { metadata } = object as Pod;
  metadata!.annotations = { ...metadata!.annotations, [failedOpenAnnotation]: 'true' };
}
