/** The response of an admission webhook: an AdmissionReview, validated as upstream. */

import { kindText } from '#api/go/kind-text.ts';
import type { Status } from '#api/meta/status.ts';
import { goJsonType, goQuoted } from '#wire/json/go-values.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { parseJsonBody, UnreadableBody } from '../../codec/decode/parse-body.ts';
import type { ReviewVersion } from './hook.ts';

export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly result: Partial<Status> | undefined;
  /** Of a mutating webhook; empty without a patch. */
  readonly patch: string;
  readonly patchType: string;
}

/** The body is no AdmissionReview: counts as a failed call. */
export class UnreadableReview extends Error {}

/** An AdmissionReview without a valid response to the request. */
export class InvalidReview extends Error {}

/** Throws `UnreadableReview` and `InvalidReview`. */
export function readResponse(
  body: Uint8Array,
  version: ReviewVersion,
  uid: string,
  isMutating: boolean,
): AdmissionResponse {
  const review = reviewIn(body);
  const { response } = review;
  if (response === undefined || response === null) throw new InvalidReview('webhook response was absent');
  const fields = readFields(response);
  if (version === 'v1') checkV1(review, fields, uid, isMutating);
  const patch = isMutating ? Buffer.from(fields.patch, 'base64').toString() : '';
  // v1beta1 does not require the type of a patch.
  const patchType = version === 'v1beta1' && patch ? 'JSONPatch' : (fields.patchType ?? '');
  return { ...fields, patch, patchType };
}

function reviewIn(body: Uint8Array): JsonObject {
  if (body.length === 0) {
    throw new UnreadableReview('0-length response with status code: 200 and content type: application/json');
  }
  let review: unknown;
  try {
    review = parseJsonBody(body);
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error;
    throw new UnreadableReview(`couldn't get version/kind; json parse error: ${error.message}`);
  }
  if (!isJsonObject(review)) {
    throw new UnreadableReview(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${goJsonType(review)} into Go value of type struct { APIVersion string "json:"apiVersion,omitempty""; Kind string "json:"kind,omitempty"" }`,
    );
  }
  return review;
}

function checkV1(
  review: JsonObject,
  { uid: answered, patch, patchType }: Fields,
  uid: string,
  isMutating: boolean,
): void {
  if (answered !== uid) {
    throw new InvalidReview(`expected response.uid=${goQuoted(uid)}, got ${goQuoted(answered)}`);
  }
  const kind = kindText(review);
  if (kind !== v1Kind) throw new InvalidReview(`expected webhook response of ${v1Kind}, got ${kind}`);
  if (isMutating) checkPatch(patch, patchType);
  else if (patch) throw new InvalidReview('validating webhook may not return response.patch');
  else if (patchType !== undefined) {
    throw new InvalidReview('validating webhook may not return response.patchType');
  }
}

const v1Kind = 'admission.k8s.io/v1, Kind=AdmissionReview';

function checkPatch(patch: string, patchType: string | undefined): void {
  if (patch && patchType === undefined) {
    throw new InvalidReview('webhook returned response.patch but not response.patchType');
  }
  if (!patch && patchType !== undefined) {
    throw new InvalidReview('webhook returned response.patchType but not response.patch');
  }
  if (patchType === '') throw new InvalidReview('webhook returned invalid response.patchType of ""');
}

interface Fields extends Omit<AdmissionResponse, 'patchType'> {
  readonly uid: string;
  readonly patchType: string | undefined;
}

function readFields(response: unknown): Fields {
  const fields = fieldsOf(response, 'AdmissionReview.response', 'v1.AdmissionResponse');
  return {
    uid: text(fields, 'uid', 'types.UID') ?? '',
    allowed: typed(fields, 'allowed', 'boolean', 'bool') === true,
    patch: text(fields, 'patch', '[]uint8') ?? '',
    patchType: text(fields, 'patchType', 'v1.PatchType'),
    result: resultOf(fields),
    auditAnnotations: textsByKey(fields),
    warnings: texts(fields),
  };
}

function resultOf(response: JsonObject): Partial<Status> | undefined {
  if (response['status'] === undefined || response['status'] === null) return undefined;
  const status = fieldsOf(response['status'], 'AdmissionReview.response.status', 'v1.Status');
  typed(status, 'code', 'number', 'int32');
  for (const key of ['message', 'status'] as const) typed(status, key, 'string', 'string');
  typed(status, 'reason', 'string', 'v1.StatusReason');
  return status as Partial<Status>;
}

function fieldsOf(value: unknown, field: string, goType: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw misfit(value, field, goType);
}

function text(fields: JsonObject, key: string, goType: string): string | undefined {
  return typed(fields, key, 'string', goType) as string | undefined;
}

function typed(fields: JsonObject, key: string, wanted: string, goType: string): unknown {
  const value = fields[key] ?? undefined;
  if (value === undefined || typeof value === wanted) return value;
  throw misfit(value, `AdmissionReview.response.${key}`, goType);
}

function textsByKey({ auditAnnotations }: JsonObject): Record<string, string> {
  const map = fieldsOf(
    auditAnnotations ?? {},
    'AdmissionReview.response.auditAnnotations',
    'map[string]string',
  );
  return Object.fromEntries(Object.keys(map).map((key) => [key, text(map, key, 'string') ?? '']));
}

function texts({ warnings }: JsonObject): string[] {
  const list = warnings ?? [];
  if (!Array.isArray(list)) throw misfit(list, 'AdmissionReview.response.warnings', '[]string');
  return list.map((item: unknown) => {
    if (typeof item === 'string') return item;
    throw misfit(item, 'AdmissionReview.response.warnings', 'string');
  });
}

function misfit(value: unknown, field: string, goType: string): UnreadableReview {
  return new UnreadableReview(
    `json: cannot unmarshal ${goJsonType(value)} into Go struct field ${field} of type ${goType}`,
  );
}
