/**
 * Validation of events: core events must be in the namespace of their object, those of events.k8s.io must
 * name reporter and reason.
 */

import type { Event, ObjectReference } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { byteLength, dns1123Subdomain, qualifiedName } from '../../validation/validators.ts';

/** In bytes, although upstream's message says characters. */
const textMaxBytes = 128;
const messageMaxBytes = 1024;

/**
 * `reporterField` is the version's name of the reporter field. Other paths are the core ones in both
 * versions.
 */
export function validateEvent(event: Event, reporterField: string): FieldError[] {
  const errors = event.eventTime ? validateReported(event, reporterField) : validateLegacy(event);
  return [...errors, ...checkField('namespace', event.metadata?.namespace, dns1123Subdomain)];
}

/** Field selector keys for the involved object. */
export function referenceFields(field: string, reference: ObjectReference = {}): Record<string, string> {
  const keys = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;
  return Object.fromEntries(keys.map((key) => [`${field}.${key}`, reference[key] ?? '']));
}

function mismatch(about: string): FieldError {
  return invalidValue('involvedObject.namespace', about, 'does not match event.namespace');
}

function validateLegacy({ metadata, involvedObject }: Event): FieldError[] {
  const about = involvedObject?.namespace ?? '';
  const own = metadata?.namespace ?? '';
  const fits = about ? about === own : ['', 'default'].includes(own);
  return fits ? [] : [mismatch(about)];
}

function validateReported(event: Event, reporterField: string): FieldError[] {
  const { metadata, involvedObject, reportingComponent: reporter, message = '' } = event;
  const errors: FieldError[] = [];
  if (!involvedObject?.namespace && !['default', 'kube-system'].includes(metadata?.namespace ?? '')) {
    errors.push(mismatch(''));
  }
  if (!reporter) errors.push(required(reporterField));
  errors.push(...checkField(reporterField, reporter, qualifiedName));
  errors.push(...needShort('reportingInstance', event.reportingInstance));
  errors.push(...needShort('action', event.action));
  errors.push(...needShort('reason', event.reason));
  if (byteLength(message) > messageMaxBytes) {
    errors.push(invalidValue('message', '', `can have at most ${messageMaxBytes} characters`));
  }
  return errors;
}

function needShort(field: string, text: string | undefined): FieldError[] {
  if (!text) return [required(field)];
  if (byteLength(text) <= textMaxBytes) return [];
  return [invalidValue(field, '', `can have at most ${textMaxBytes} characters`)];
}
