/** Calls a webhook: sends the review, validates the response, and records its warnings and audit annotations. */

import { badRequest, StatusError, serviceUnavailable } from '#api/meta/status.ts';
import { qualifiedName } from '#api/validation/validators.ts';
import type { Random } from '#base/random.ts';
import { errorText } from '#base/text/error-text.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import { type WebhookClient, WebhookUnreachable } from '../../outgoing/webhook-client.ts';
import type { ObjectViews } from '../objects/shown-objects.ts';
import { type AdmissionResponse, InvalidReview, readResponse } from './admission-response.ts';
import { reviewText } from './admission-review.ts';
import { denial } from './denial.ts';
import type { MatchedHook } from './hook-source.ts';

export interface CallParts {
  readonly client: WebhookClient;
  readonly random: Random;
}

/** The webhook could not be called, or its response is invalid: its failure policy decides. */
export class CallFailed extends Error {
  /** The Status that metrics count. */
  readonly status: StatusError;
  readonly isCanceled: boolean;

  constructor(hookName: string, why: string, status: StatusError, isCanceled = false) {
    super(`failed calling webhook "${hookName}": ${why}`);
    this.status = status;
    this.isCanceled = isCanceled;
  }
}

/** Throws `CallFailed`; `Denied` if the webhook denies the request; a StatusError for an unsupported dry run. */
export async function callHook(
  { client, random }: CallParts,
  { hook, type }: MatchedHook,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  isMutating: boolean,
): Promise<AdmissionResponse> {
  const { name, reviewVersion, target, timeoutMs } = hook;
  if (attributes.dryRun && !hook.allowsDryRun) {
    throw badRequest(`admission webhook "${name}" does not support dry run`);
  }
  if (!reviewVersion) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new CallFailed(
      name,
      `could not create admission objects: ${why}`,
      badRequest('error creating admission objects'),
    );
  }
  const uid = random.uuid();
  const body = reviewText(reviewVersion, uid, attributes, type, views.texts(type));
  const { request } = attributes;
  const call = {
    timeoutMs: Math.min(timeoutMs, Math.max(0, request?.timeLeftMs() ?? timeoutMs)),
    sendsTimeout: true,
    signal: request?.signal,
  };
  const response = await client.post(target, body, call).then(
    (answer) => read(() => readResponse(answer.body, reviewVersion, uid, isMutating), name),
    (error: unknown) => {
      throw unanswered(name, error);
    },
  );
  keepAnnotations(attributes, name, response);
  for (const text of response.warnings) attributes.warn(text);
  if (!response.allowed) throw denial(name, response.result);
  return response;
}

function read(readIt: () => AdmissionResponse, name: string): AdmissionResponse {
  try {
    return readIt();
  } catch (error) {
    if (!(error instanceof InvalidReview)) throw unanswered(name, error);
    throw new CallFailed(
      name,
      `received invalid webhook response: ${error.message}`,
      serviceUnavailable('error validating webhook response'),
    );
  }
}

function unanswered(name: string, error: unknown): CallFailed {
  const status = error instanceof StatusError ? error : serviceUnavailable('error calling webhook');
  const isCanceled = error instanceof WebhookUnreachable && error.isCanceled;
  return new CallFailed(name, `failed to call webhook: ${errorText(error)}`, status, isCanceled);
}

/** As upstream, annotations whose key is no qualified name are left out. */
function keepAnnotations(
  { request }: AdmissionAttributes,
  name: string,
  { auditAnnotations }: AdmissionResponse,
): void {
  for (const [key, value] of Object.entries(auditAnnotations)) {
    const full = `${name}/${key}`;
    if (!key.includes('/') && qualifiedName(full).length === 0) request?.annotate(full, value);
  }
}
