import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { auditIds, auditEvent as event, recordingSink } from '#testing/server/audit-events.ts';
import { AuditMetrics } from '../audit-metrics.ts';
import { eventText } from '../event.ts';
import { truncatingSink } from './truncating.ts';

function start() {
  const { batches, sink } = recordingSink();
  const options = { eventBytesMax: 500, batchBytesMax: 800 };
  return { batches, truncating: truncatingSink(sink, options, new AuditMetrics(silentLog)) };
}

test('an event – too large – loses its objects, and has the annotation truncated', () => {
  const { batches, truncating } = start();
  const requestObject = JSON.stringify('x'.repeat(1000));
  truncating.process([event('large', { requestObject, responseObject: '{}' })]);
  const large = JSON.parse(eventText(batches[0]![0]!));
  assert.deepEqual(large.annotations, { 'audit.k8s.io/truncated': 'true' });
  assert.equal('requestObject' in large || 'responseObject' in large, false);
});

test('an event – too large without its objects – is lost, other events are not', () => {
  const { batches, truncating } = start();
  truncating.process([event('lost', { requestURI: `/${'x'.repeat(1000)}` }), event('small')]);
  assert.deepEqual(batches.map(auditIds), [['small']]);
});

test('a batch – too large – is split between its events', () => {
  const { batches, truncating } = start();
  truncating.process(['a', 'b', 'c', 'd', 'e'].map((id) => event(id)));
  assert.deepEqual(batches.flatMap(auditIds), ['a', 'b', 'c', 'd', 'e']);
  for (const batch of batches) {
    const bytes = batch.reduce((sum, part) => sum + Buffer.byteLength(eventText(part)), 0);
    assert.ok(bytes <= 800, `${bytes} bytes of ${auditIds(batch)}`);
  }
});

test('events – that are small – are unchanged', () => {
  const { batches, truncating } = start();
  truncating.process([event('a'), event('b')]);
  assert.deepEqual(batches, [[event('a'), event('b')]]);
});
