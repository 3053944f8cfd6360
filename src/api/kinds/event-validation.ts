/** Events: old ones must lie in the namespace of what they are about, new ones must say who reports what. */

import { checkField } from '../field-checks.ts';
import { type FieldError, invalidValue, required } from '../field-error.ts';
import type { Event, EventsV1Event } from '../types.gen.ts';
import { dns1123Subdomain, qualifiedName } from '../validators.ts';

const textMaxLength = 128;
const messageMaxLength = 1024;

/** What both versions of the kind have, under one set of names. */
export interface EventFacts {
  readonly eventTime?: string;
  readonly namespace: string;
  readonly about: { readonly namespace?: string };
  readonly controller: string;
  readonly instance: string;
  readonly action: string;
  readonly reason: string;
  readonly message: string;
}

export function coreFacts(event: Event): EventFacts {
  return {
    eventTime: event.eventTime,
    namespace: event.metadata?.namespace ?? '',
    about: event.involvedObject ?? {},
    controller: event.reportingComponent ?? '',
    instance: event.reportingInstance ?? '',
    action: event.action ?? '',
    reason: event.reason ?? '',
    message: event.message ?? '',
  };
}

export function eventsV1Facts(event: EventsV1Event): EventFacts {
  return {
    eventTime: event.eventTime,
    namespace: event.metadata?.namespace ?? '',
    about: event.regarding ?? {},
    controller: event.reportingController ?? '',
    instance: event.reportingInstance ?? '',
    action: event.action ?? '',
    reason: event.reason ?? '',
    message: event.note ?? '',
  };
}

/** `controllerField` is what the version calls the reporter. Other paths are the core ones in both versions. */
export function validateEvent(event: EventFacts, controllerField: string): FieldError[] {
  const errors = event.eventTime ? validateReported(event, controllerField) : validateLegacy(event);
  return [...errors, ...checkField('namespace', event.namespace, dns1123Subdomain)];
}

function mismatch(event: EventFacts): FieldError {
  return invalidValue(
    'involvedObject.namespace',
    event.about.namespace ?? '',
    'does not match event.namespace',
  );
}

function validateLegacy(event: EventFacts): FieldError[] {
  const about = event.about.namespace;
  const fits = about ? about === event.namespace : ['', 'default'].includes(event.namespace);
  return fits ? [] : [mismatch(event)];
}

function validateReported(event: EventFacts, controllerField: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!event.about.namespace && !['default', 'kube-system'].includes(event.namespace)) {
    errors.push(mismatch(event));
  }
  if (!event.controller) errors.push(required(controllerField));
  errors.push(...checkField(controllerField, event.controller, qualifiedName));
  errors.push(...needShort('reportingInstance', event.instance));
  errors.push(...needShort('action', event.action));
  errors.push(...needShort('reason', event.reason));
  if (event.message.length > messageMaxLength) {
    errors.push(invalidValue('message', '', `can have at most ${messageMaxLength} characters`));
  }
  return errors;
}

function needShort(field: string, text: string): FieldError[] {
  if (!text) return [required(field)];
  if (text.length <= textMaxLength) return [];
  return [invalidValue(field, '', `can have at most ${textMaxLength} characters`)];
}
