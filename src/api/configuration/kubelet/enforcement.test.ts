import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EnforcementFields, readEnforcement } from './enforcement.ts';
import { readReserved } from './reserved.ts';

const reserved = { system: readReserved({ cpu: '1', pid: '100' }), kube: readReserved({ memory: '1Gi' }) };
const groups = { systemReservedCgroup: '/system', kubeReservedCgroup: '/kube' };

test('what is enforced – by default – is the limit of all pods', () => {
  assert.deepEqual(readEnforcement({}, reserved), { pods: true, groups: [] });
});

test('what is enforced – of the control groups of the machine – is the reservation of each', () => {
  const enforceNodeAllocatable = ['kube-reserved-compressible', 'system-reserved', 'pods'];
  assert.deepEqual(readEnforcement({ enforceNodeAllocatable, ...groups }, reserved), {
    pods: true,
    groups: [
      { owner: 'system', cgroup: '/system', limits: reserved.system, compressibleOnly: false },
      { owner: 'kube', cgroup: '/kube', limits: reserved.kube, compressibleOnly: true },
    ],
  });
});

const invalid: [what: string, fields: EnforcementFields, error: string][] = [
  [
    'of a group without its name',
    { enforceNodeAllocatable: ['system-reserved'], kubeReservedCgroup: '/kube' },
    'systemReservedCgroup (--system-reserved-cgroup) must be specified when "system-reserved" or "system-reserved-compressible" included in enforceNodeAllocatable (--enforce-node-allocatable)',
  ],
  [
    'of the shares of a group without its name',
    { enforceNodeAllocatable: ['pods', 'kube-reserved-compressible'] },
    'kubeReservedCgroup (--kube-reserved-cgroup) must be specified when "kube-reserved" or "kube-reserved-compressible" included in enforceNodeAllocatable (--enforce-node-allocatable)',
  ],
  [
    'of all limits of a group and its shares alone',
    { enforceNodeAllocatable: ['kube-reserved', 'kube-reserved-compressible'], ...groups },
    'both "kube-reserved-compressible" and "kube-reserved" cannot be specified together in enforceNodeAllocatable (--enforce-node-allocatable)',
  ],
  [
    'twice the same',
    { enforceNodeAllocatable: ['pods', 'pods'] },
    'duplicated enforcements "pods" in enforceNodeAllocatable (--enforce-node-allocatable)',
  ],
  [
    'of none and more',
    { enforceNodeAllocatable: ['pods', 'none'] },
    'enforceNodeAllocatable (--enforce-node-allocatable) may not contain additional enforcements when "none" is specified',
  ],
  [
    'of an unknown key',
    { enforceNodeAllocatable: ['pod'] },
    'option "pod" specified for enforceNodeAllocatable (--enforce-node-allocatable). Valid options are "pods", "system-reserved", "system-reserved-compressible", "kube-reserved", "kube-reserved-compressible" or "none"',
  ],
  [
    'beside processors that are reserved by number',
    { reservedSystemCPUs: '0-1', systemReservedCgroup: '/system' },
    "can't use reservedSystemCPUs (--reserved-cpus) with systemReservedCgroup (--system-reserved-cgroup) or kubeReservedCgroup (--kube-reserved-cgroup)",
  ],
];

for (const [what, fields, error] of invalid) {
  test(`an enforcement – ${what} – is refused`, () => {
    const message = `kubelet: invalid configuration: ${error}`;
    assert.throws(() => readEnforcement(fields, reserved), { message });
  });
}
