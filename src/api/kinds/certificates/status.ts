/**
 * The status of a CertificateSigningRequest: it is approved or denied once, and gets its certificate once.
 */

import { X509Certificate } from 'node:crypto';
import { copyJson } from '#base/copy-json.ts';
import type {
  CertificateSigningRequestCondition as Condition,
  CertificateSigningRequest as Request,
} from '../../generated/types.gen.ts';
import { replaceParts } from '../../kind/replace-parts.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { pemBlocks } from '../../values/pem-blocks.ts';

const verdicts = ['Approved', 'Denied'];
const lasting = [...verdicts, 'Failed'];

/** Conditions get their times unless the client sets them. */
function withTimes({ status }: Request, old: Request, now: string): Condition[] | undefined {
  const before = new Map<string, string>();
  for (const { type, status: value, lastTransitionTime } of old.status?.conditions ?? []) {
    const key = `${type}/${value}`;
    if (lastTransitionTime && !before.has(key)) before.set(key, lastTransitionTime);
  }
  return status?.conditions?.map((condition) => ({
    ...condition,
    lastUpdateTime: condition.lastUpdateTime ?? now,
    lastTransitionTime:
      condition.lastTransitionTime ?? before.get(`${condition.type}/${condition.status}`) ?? now,
  }));
}

/** An approver changes conditions only. */
export function prepareDecided(request: Request, old: Request, now: string): void {
  const conditions = withTimes(request, old, now);
  replaceParts(request, old, { status: { ...old.status, conditions } }, true);
}

/** A signer changes neither the request nor the decision. */
export function prepareSigned(request: Request, old: Request, now: string): void {
  request.spec = copyJson(old.spec);
  for (const type of verdicts) {
    const before = ofType(old, type);
    const places = (request.status?.conditions ?? []).flatMap((other, i) => (other.type === type ? [i] : []));
    if (places.length !== before.length) continue;
    for (const [n, place] of places.entries()) request.status!.conditions![place] = { ...before[n]! };
  }
  const conditions = withTimes(request, old, now);
  if (conditions) request.status!.conditions = conditions;
}

export function validateApproval(request: Request, old: Request): FieldError[] {
  return [...validateConditions(request, old), ...noneRemoved(request, old)];
}

export function validateSigned(request: Request, old: Request): FieldError[] {
  return [
    ...validateConditions(request, old),
    ...validateCertificate(request, old),
    ...noneRemoved(request, old),
    ...verdicts
      .filter((type) => ofType(request, type).length > ofType(old, type).length)
      .map((type) =>
        forbiddenField('status.conditions', `updates may not add a condition of type "${type}"`),
      ),
    ...certificateKept(request, old),
  ];
}

function ofType({ status }: Request, type: string): Condition[] {
  return status?.conditions?.filter((other) => other.type === type) ?? [];
}

function noneRemoved(request: Request, old: Request): FieldError[] {
  return lasting
    .filter((type) => ofType(request, type).length < ofType(old, type).length)
    .map((type) =>
      forbiddenField('status.conditions', `updates may not remove a condition of type "${type}"`),
    );
}

/** Stored invalid conditions may stay. */
function validateConditions(request: Request, old: Request): FieldError[] {
  const errors: FieldError[] = [];
  const before = old.status?.conditions ?? [];
  const mayBeBoth = verdicts.every((type) => before.some((other) => other.type === type));
  const mayRepeat = new Set(before.map(({ type }) => type)).size < before.length;
  const seen = new Set<string>();
  for (const [i, { type, status }] of (request.status?.conditions ?? []).entries()) {
    const field = `status.conditions[${i}]`;
    if (!type && before.every((other) => other.type)) errors.push(required(`${field}.type`));
    const allowed = lasting.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (!status) errors.push(required(`${field}.status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${field}.status`, status, allowed));
    const other = verdicts.find((other) => other !== type);
    if (verdicts.includes(type) && !mayBeBoth && seen.has(other!)) {
      const text = 'Approved and Denied conditions are mutually exclusive';
      errors.push(invalidValue('status.conditions', type, text));
    }
    if (seen.has(type) && !mayRepeat) errors.push(duplicate(`${field}.type`, type));
    seen.add(type);
  }
  return errors;
}

function certificateKept(request: Request, old: Request): FieldError[] {
  const before = old.status?.certificate;
  if (!before || before === request.status?.certificate) return [];
  return [forbiddenField('status.certificate', 'updates may not modify existing certificate content')];
}

function validateCertificate({ status }: Request, old: Request): FieldError[] {
  const { certificate = '' } = status ?? {};
  const before = old.status?.certificate ?? '';
  if (certificate === before || certificateProblem(before)) return [];
  const problem = certificateProblem(certificate);
  return problem ? [invalidValue('status.certificate', '<certificate data>', problem)] : [];
}

function certificateProblem(base64: string): string | undefined {
  if (base64 === '') return undefined;
  const blocks = pemBlocks(Buffer.from(base64, 'base64').toString('latin1'));
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const { text, type, body } of blocks) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    }
    if (body.includes(':')) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(text);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return undefined;
}
