import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ReservedGroup } from '#api/configuration/kubelet/enforcement.ts';
import { readReserved } from '#api/configuration/kubelet/reserved.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { isCgroupV2 } from '#host/kernel/capabilities.ts';
import { removeCgroups } from '#host/kernel/cgroups/cgroups.ts';
import { limitReserved } from './reserved-limits.ts';

class Events implements EventRecorder {
  readonly log: string[] = [];

  event: EventRecorder['event'] = (_, type, reason, message) => {
    this.log.push(`${type} ${reason} ${message}`);
  };

  async flushed() {}
}

const limits = readReserved({ cpu: '500m', memory: '64Mi', pid: '100', 'ephemeral-storage': '1Gi' });
const group = (more: Partial<ReservedGroup> = {}): ReservedGroup => {
  return { owner: 'system', cgroup: '/system', limits, compressibleOnly: false, ...more };
};
const canMake = process.platform === 'linux' && process.getuid?.() === 0 && !isCgroupV2();

test('reserved groups – that exist – are limited, each with an event', {
  skip: canMake ? false : 'needs root on cgroup v1',
}, async (t) => {
  const cgroup = `/kybern-test-${process.pid}-reserved`;
  const mounts = readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`);
  for (const mount of mounts) mkdirSync(`${mount}${cgroup}`, { recursive: true });
  t.after(() => removeCgroups(cgroup));
  const events = new Events();
  await limitReserved([group({ cgroup })], { events, nodeName: 'n' });
  const read = (file: string) => readFileSync(`/sys/fs/cgroup/${file}`, 'utf8').trim();
  assert.deepEqual(
    [
      read(`cpu${cgroup}/cpu.shares`),
      read(`memory${cgroup}/memory.limit_in_bytes`),
      read(`pids${cgroup}/pids.max`),
    ],
    ['512', String(64 * 2 ** 20), '100'],
  );
  assert.deepEqual(events.log, [
    `Normal NodeAllocatableEnforced Updated limits on system reserved cgroup ${cgroup}`,
  ]);
});

test('a reserved group – of which the share of processors alone is enforced – has no other limit', async () => {
  const written: unknown[] = [];
  const limit = async (...args: unknown[]) => void written.push(args);
  await limitReserved(
    [group({ owner: 'kube', compressibleOnly: true })],
    { events: new Events(), nodeName: 'n' },
    limit,
  );
  assert.deepEqual(written, [['/system', { cpuShares: 512 }]]);
});

test('a reserved group – that cannot be limited – is an event and an error with the same words', async () => {
  const events = new Events();
  const limit = () =>
    Promise.reject(new Error('cgroup ["system"] has some missing paths: /sys/fs/cgroup/cpu/system'));
  const groups = [group({ compressibleOnly: true }), group({ owner: 'kube' })];
  const message =
    'Failed to enforce System Reserved Compressible Cgroup Limits on "/system": cgroup ["system"] has some missing paths: /sys/fs/cgroup/cpu/system';
  await assert.rejects(limitReserved(groups, { events, nodeName: 'n' }, limit), { message });
  assert.deepEqual(events.log, [`Warning FailedNodeAllocatableEnforcement ${message}`]);
});
