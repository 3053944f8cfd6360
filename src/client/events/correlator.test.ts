import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { EventCorrelator } from './correlator.ts';

const facts = { component: 'kubelet', about: 'Pod/default/web', eventType: 'Normal', reason: 'Pulled' };

test('event correlator – the same event again – is counted on the first', () => {
  const correlator = new EventCorrelator(new VirtualClock());
  const first = correlator.judge({ ...facts, message: 'done' });
  assert.equal(first?.previous, undefined);
  correlator.remember(first!.key, { name: 'web.1', count: 1, firstTimestamp: '' });
  assert.equal(correlator.judge({ ...facts, message: 'done' })?.previous?.name, 'web.1');
});

test('event correlator – the tenth different message of one reason – is combined, until ten quiet minutes have passed', async () => {
  const clock = new VirtualClock();
  const correlator = new EventCorrelator(clock);
  const judge = (i: number) => correlator.judge({ ...facts, message: `layer ${i}` });
  for (let i = 0; i < 9; i++) assert.equal(judge(i)?.message, `layer ${i}`);
  const combined = judge(9);
  assert.equal(combined?.message, '(combined from similar events): layer 9');
  assert.equal(judge(10)?.key, combined?.key, 'combined events share one object');
  await clock.advance(10 * 60_000 + 1);
  assert.equal(judge(11)?.message, 'layer 11');
});

test('event correlator – one source and object – 25 events, then one every five minutes', async () => {
  const clock = new VirtualClock();
  const correlator = new EventCorrelator(clock);
  const judge = () => correlator.judge({ ...facts, message: 'again' });
  for (let i = 0; i < 25; i++) assert.ok(judge());
  assert.equal(judge(), undefined);
  assert.ok(correlator.judge({ ...facts, about: 'Pod/default/other', message: 'again' }));
  await clock.advance(300_001);
  assert.ok(judge());
});
