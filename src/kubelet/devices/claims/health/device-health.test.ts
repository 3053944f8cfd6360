import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { DeviceHealths, type ReportedHealth } from './device-health.ts';

const gpu = { pool: 'n1', device: 'gpu-0' };

function report(more: Partial<ReportedHealth> = {}): ReportedHealth {
  return { ...gpu, health: 'Healthy', message: '', timeoutMs: 30_000, ...more };
}

function open() {
  const clock = new VirtualClock();
  return { clock, healths: new DeviceHealths(clock) };
}

test('health – never reported – is unknown', () => {
  const { healths } = open();
  assert.deepEqual(healths.of('d', gpu), { health: 'Unknown', message: '' });
});

test('health – reported again – is a change when it differs', () => {
  const { healths } = open();
  const changes = (...reports: ReportedHealth[]) => healths.update('d', reports).map(({ device }) => device);
  assert.deepEqual(changes(report()), ['gpu-0']);
  assert.deepEqual(changes(report()), []);
  assert.deepEqual(changes(report({ health: 'Unhealthy', message: 'hot' })), ['gpu-0']);
  assert.deepEqual(healths.of('d', gpu), { health: 'Unhealthy', message: 'hot' });
  assert.deepEqual(changes(report({ health: 'Unhealthy', message: 'hotter' })), ['gpu-0']);
  assert.deepEqual(changes(report({ device: 'gpu-1' }), report({ health: 'Unhealthy', message: 'hotter' })), [
    'gpu-1',
  ]);
});

test('health – older than its timeout – is unknown, and a change for the next report', async () => {
  const { clock, healths } = open();
  healths.update('d', [report({ timeoutMs: 5000, message: 'fine' })]);
  await clock.advance(5000);
  assert.equal(healths.of('d', gpu).health, 'Healthy');
  await clock.advance(1);
  assert.deepEqual(healths.of('d', gpu), { health: 'Unknown', message: '' });
  assert.deepEqual(
    healths.update('d', []).map(({ device }) => device),
    ['gpu-0'],
  );
  assert.deepEqual(healths.update('d', []), []);
});

test('health – the driver reports no more – is unknown for its devices alone', () => {
  const { healths } = open();
  healths.update('d', [report()]);
  healths.update('other', [report()]);
  healths.clear('d');
  assert.deepEqual([healths.of('d', gpu).health, healths.of('other', gpu).health], ['Unknown', 'Healthy']);
});

test('health – of ever new devices that never time out – is kept for the latest of them', () => {
  const { healths } = open();
  const many = Array.from({ length: 100_000 }, (_, i) => report({ device: `gpu-${i}`, timeoutMs: 1e15 }));
  healths.update('d', many);
  healths.update('d', [report({ timeoutMs: 1e15 })]);
  const changed = healths.update('d', [report({ device: 'new', timeoutMs: 1e15 })]);
  assert.deepEqual(
    changed.map(({ device }) => device),
    ['new', 'gpu-1'],
  );
  const known = ['gpu-0', 'gpu-1', 'gpu-2', 'new'].map(
    (device) => healths.of('d', { ...gpu, device }).health,
  );
  assert.deepEqual(known, ['Healthy', 'Unknown', 'Healthy', 'Healthy']);
});
