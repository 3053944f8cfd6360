/** An Event of events.k8s.io, which is stored as a core Event, is read back unchanged. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '../../meta/object.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';
import { eventsV1Event } from './events-v1.ts';

const eventsV1 = eventsV1Event.conversion!;
const meta = { name: 'x', namespace: 'ns' };

test('an event – converted to core and back – has other field names, the same values', () => {
  const stored: AnyObject = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: meta,
    involvedObject: { kind: 'Pod', name: 'p' },
    message: 'm',
    source: { component: 'c' },
    count: 2,
    reason: 'r',
    action: 'a',
  };
  const converted = eventsV1.fromStored(structuredClone(stored));
  assert.deepEqual(converted['regarding'], { kind: 'Pod', name: 'p' });
  assert.deepEqual([converted['note'], converted['deprecatedCount'], converted['reason']], ['m', 2, 'r']);
  assert.deepEqual(eventsV1.toStored(structuredClone(converted)), stored);
  assert.equal(eventsV1.storedField('regarding.uid'), 'involvedObject.uid');
});

test('an event – about something else than before – shows the object as Go does, and its reason twice', () => {
  const event: AnyObject = {
    metadata: meta,
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'a.b/c',
  };
  const old: AnyObject = { ...event, reportingInstance: 'i', action: 'a', reason: 'r', type: 'Normal' };
  const about = { namespace: 'ns', name: 'p' };
  const now: AnyObject = { ...old, reason: 's', regarding: { ...about, name: 'q' } };
  const before: AnyObject = { ...old, regarding: about };
  const errors = eventsV1Event.validateUpdate!(now, before);
  const shown =
    '{"Kind":"","Namespace":"ns","Name":"q","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}';
  const immutable = 'field is immutable';
  assert.deepEqual(errors.map(fieldErrorMessage), [
    `involvedObject: Invalid value: ${shown}: ${immutable}`,
    `reason: Invalid value: "s": ${immutable}`,
    `reason: Invalid value: "s": ${immutable}`,
  ]);
});
