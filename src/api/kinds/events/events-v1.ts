/** Event of events.k8s.io: the core Event with newer field names. */

import { events, eventsK8sIoEvents } from '../../generated/kinds.gen.ts';
import type { Event, EventsV1Event, ObjectReference } from '../../generated/types.gen.ts';
import { GoText } from '../../go/text.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { uncounted } from '../../kind/quota.ts';
import type { AnyObject } from '../../meta/object.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { fieldIsImmutable } from '../../validation/validators.ts';
import { eventCells, eventColumns } from './columns.ts';
import { asCoreEvent, withCoreNames, withEventsV1Names } from './event-names.ts';
import { referenceFields, validateEvent } from './validation.ts';

export const eventsV1Event = defineKind(eventsK8sIoEvents, {
  allowCreateOnUpdate: true,
  setDefaults(event) {
    event.deprecatedSource ??= {};
  },
  quota: uncounted,
  validate: (event) => [...validateEvent(asCoreEvent(event), reporterField), ...validateNew(event)],
  validateUpdate: (event, old) => [
    ...validateEvent(asCoreEvent(event), reporterField),
    ...(deepEqual(event.series, old.series) ? [] : validateSeries(event)),
    ...validateUnchanged(event, old),
  ],
  selectableFields(event) {
    return {
      ...referenceFields('regarding', event.regarding),
      reason: event.reason ?? '',
      reportingController: event.reportingController ?? '',
      type: event.type ?? '',
    };
  },
  /** Stored as a core Event, with other field names. */
  conversion: {
    storedAs: events,
    fromStored(stored) {
      const { kind, apiVersion: _, ...rest } = stored;
      return { kind, apiVersion: 'events.k8s.io/v1', ...withEventsV1Names(rest) } as AnyObject;
    },
    toStored(object) {
      const { kind, apiVersion: _, ...rest } = object;
      return { kind, apiVersion: 'v1', ...withCoreNames(rest) } as AnyObject;
    },
    storedField(field) {
      if (field === 'reportingController') return 'reportingComponent';
      return field.startsWith('regarding.') ? `involvedObject.${field.slice('regarding.'.length)}` : field;
    },
  },
  printer: {
    columns: eventColumns,
    cells: (event, now) => eventCells(asCoreEvent(event), now),
  },
});

/** The one path that differs from core's. */
const reporterField = 'reportingController';

function validateNew(event: EventsV1Event): FieldError[] {
  const errors = validateSeries(event);
  if (!event.eventTime) errors.push(required('eventTime'));
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(invalidValue('type', '', `has invalid value: ${event.type ?? ''}`));
  }
  const { firstTimestamp, lastTimestamp, count, source } = asCoreEvent(event);
  for (const [path, value] of Object.entries({ firstTimestamp, lastTimestamp, count })) {
    if (value) errors.push(invalidValue(path, '', 'needs to be unset'));
  }
  if (source?.component || source?.host) errors.push(invalidValue('source', '', 'needs to be unset'));
  return errors;
}

function validateSeries({ series }: EventsV1Event): FieldError[] {
  if (!series) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) errors.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'));
  return errors;
}

const fixedFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  // Upstream looks twice.
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const;

/** What Go shows of an absent field; of the absent fields that are not listed null. */
const zeros: Readonly<Partial<Record<(typeof fixedFields)[number], string | number>>> = {
  reason: '',
  message: '',
  count: 0,
  type: '',
  action: '',
  reportingComponent: '',
  reportingInstance: '',
};

/** Only the series of an event may change. */
function validateUnchanged(event: EventsV1Event, old: EventsV1Event): FieldError[] {
  const [now, before] = [asCoreEvent(event), asCoreEvent(old)];
  return fixedFields.flatMap((field) => {
    const path = field === 'reportingComponent' ? reporterField : field;
    if (deepEqual(now[field] ?? zeros[field], before[field] ?? zeros[field])) return [];
    return [invalidValue(path, shownField(now, field), fieldIsImmutable)];
  });
}

function shownField(event: Event, field: (typeof fixedFields)[number]): unknown {
  if (field === 'involvedObject' || field === 'related') return shownReference(event[field]);
  if (field !== 'source') return event[field] ?? zeros[field];
  const { component = '', host = '' } = event.source ?? {};
  return new GoText(JSON.stringify({ Component: component, Host: host }));
}

/** Upstream's struct has no names for JSON. */
function shownReference(reference: ObjectReference | undefined): GoText {
  if (!reference) return new GoText('null');
  const { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath } = reference;
  const values = [kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath];
  const names = ['Kind', 'Namespace', 'Name', 'UID', 'APIVersion', 'ResourceVersion', 'FieldPath'];
  return new GoText(JSON.stringify(Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))));
}
