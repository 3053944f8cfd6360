/** An Event of events.k8s.io, which is stored as a core Event, is read back unchanged. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '../../meta/object.ts';
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
