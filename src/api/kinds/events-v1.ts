/** Event of events.k8s.io: the same record as the core one, under newer names. */

import { deepEqual } from '../deep-equal.ts';
import { checkImmutable } from '../field-checks.ts';
import { type FieldError, invalidValue, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import type { EventsV1Event } from '../types.gen.ts';
import { eventsV1Facts, validateEvent } from './event-validation.ts';

export const eventsV1Event: Strategy<EventsV1Event> = {
  allowCreateOnUpdate: true,
  validate: (event) => [...validateEvent(eventsV1Facts(event), 'reportingController'), ...validateNew(event)],
  validateUpdate: (event, old) => [
    ...validateEvent(eventsV1Facts(event), 'reportingController'),
    ...(deepEqual(event.series, old.series) ? [] : validateSeries(event)),
    ...validateUnchanged(event, old),
  ],
  selectableFields(event) {
    const regarding = event.regarding ?? {};
    return {
      'regarding.kind': regarding.kind ?? '',
      'regarding.namespace': regarding.namespace ?? '',
      'regarding.name': regarding.name ?? '',
      'regarding.uid': regarding.uid ?? '',
      'regarding.apiVersion': regarding.apiVersion ?? '',
      'regarding.resourceVersion': regarding.resourceVersion ?? '',
      'regarding.fieldPath': regarding.fieldPath ?? '',
      reason: event.reason ?? '',
      reportingController: event.reportingController ?? '',
      type: event.type ?? '',
    };
  },
};

function validateNew(event: EventsV1Event): FieldError[] {
  const errors = validateSeries(event);
  if (!event.eventTime) errors.push(required('eventTime'));
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(invalidValue('type', '', `has invalid value: ${event.type ?? ''}`));
  }
  const unset = 'needs to be unset';
  if (event.deprecatedFirstTimestamp) errors.push(invalidValue('firstTimestamp', '', unset));
  if (event.deprecatedLastTimestamp) errors.push(invalidValue('lastTimestamp', '', unset));
  if (event.deprecatedCount) errors.push(invalidValue('count', '', unset));
  if (event.deprecatedSource?.component || event.deprecatedSource?.host) {
    errors.push(invalidValue('source', '', unset));
  }
  return errors;
}

function validateSeries({ series }: EventsV1Event): FieldError[] {
  if (!series) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) errors.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'));
  return errors;
}

/** Only the series of an event goes on. */
function validateUnchanged(event: EventsV1Event, old: EventsV1Event): FieldError[] {
  const fields = {
    involvedObject: 'regarding',
    reason: 'reason',
    message: 'note',
    source: 'deprecatedSource',
    firstTimestamp: 'deprecatedFirstTimestamp',
    lastTimestamp: 'deprecatedLastTimestamp',
    count: 'deprecatedCount',
    type: 'type',
    eventTime: 'eventTime',
    action: 'action',
    related: 'related',
    reportingController: 'reportingController',
    reportingInstance: 'reportingInstance',
  } as const;
  return Object.entries(fields).flatMap(([path, key]) => checkImmutable(path, event[key], old[key]));
}
