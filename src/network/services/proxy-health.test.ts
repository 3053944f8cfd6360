import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ProxyHealth } from './proxy-health.ts';

const node = { metadata: { name: 'n1' } };

test('proxy health – a change waits for a minute, or writes fail – unhealthy until a write succeeds', async () => {
  const clock = new VirtualClock();
  const health = new ProxyHealth(clock);
  health.updated();
  await clock.advance(120_000);
  assert.equal(health.isHealthy, true, 'nothing waits');
  health.queued();
  health.writing();
  await clock.advance(30_000);
  health.queued();
  health.writing();
  await clock.advance(29_999);
  assert.equal(health.isHealthy, true);
  await clock.advance(1);
  assert.equal(health.isHealthy, false, 'the oldest change counts');
  assert.equal(health.livez().status, 503);
  health.writing();
  health.updated();
  assert.equal(health.livez().status, 200);
});

test('proxy health – continuous changes that are all written – healthy', async () => {
  const clock = new VirtualClock();
  const health = new ProxyHealth(clock);
  health.queued();
  for (let change = 0; change < 10; change++) {
    health.writing();
    health.queued();
    await clock.advance(10_000);
    health.updated();
  }
  assert.equal(health.isHealthy, true);
});

test('/healthz and /livez – the node exists, is about to be removed, is deleted – as kube-proxy answers', async (t) => {
  const clock = new VirtualClock(Date.parse('2026-01-01T00:00:00Z'));
  const health = new ProxyHealth(clock);
  health.updated();
  await clock.advance(5000);
  const good = health.healthz(node);
  assert.equal(good.status, 200);
  assert.deepEqual(JSON.parse(good.body), {
    lastUpdated: '2026-01-01T00:00:05.000Z',
    currentTime: '2026-01-01T00:00:05.000Z',
    nodeEligible: true,
    healthy: true,
    status: { IPv4: { lastUpdated: '2026-01-01T00:00:00.000Z', healthy: true } },
  });
  const tainted = {
    ...node,
    spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] },
  };
  const deleted = { metadata: { ...node.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const lastUpdated = '2026-01-01T00:00:00.000Z';
  for (const [what, leaving] of [
    ['about to be removed', tainted],
    ['being deleted', deleted],
    ['unknown', undefined],
  ] as const) {
    await t.test(what, () => {
      const { status, body } = health.healthz(leaving);
      assert.equal(status, 503);
      assert.deepEqual(JSON.parse(body), { ...JSON.parse(good.body), lastUpdated, nodeEligible: false });
    });
  }
  assert.equal('nodeEligible' in JSON.parse(health.livez().body), false);
});
