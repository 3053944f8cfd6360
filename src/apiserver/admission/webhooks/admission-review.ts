/** The AdmissionReview that is sent to a webhook, as JSON. */

import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import { optionsOf, requestFields } from '../objects/admission-request.ts';
import type { ShownObjects } from '../objects/shown-objects.ts';
import type { ReviewVersion } from './hook.ts';

export function reviewText(
  version: ReviewVersion,
  uid: string,
  attributes: AdmissionAttributes,
  type: ResourceType,
  { object, oldObject }: ShownObjects,
): string {
  const begin = JSON.stringify({ uid, ...requestFields(attributes, type) }).slice(0, -1);
  const options = JSON.stringify(optionsOf(attributes));
  const end = `"dryRun":${attributes.dryRun},"options":${options}}`;
  const request = `${begin},"object":${object},"oldObject":${oldObject},${end}`;
  return `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/${version}","request":${request}}`;
}
