import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/types.gen.ts';
import { admitPod } from './admission.ts';
import type { Pressure } from './node-pressure.ts';
import type { NodePod } from './pod.ts';

const allocatable = { cpu: '2', memory: '1Gi', pods: '3' };
const podWith = (spec: Partial<PodSpec> = {}): NodePod =>
  ({ metadata: { name: 'p', uid: 'u' }, spec: { containers: [{ name: 'c' }], ...spec } }) as NodePod;
const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
  containers: [{ name: 'c', resources: { requests } }],
});
const port = (hostPort: number, hostIP?: string, protocol = 'TCP'): Partial<PodSpec> => ({
  containers: [
    { name: 'c', ports: [{ containerPort: 1, hostPort, protocol, ...(hostIP ? { hostIP } : {}) }] },
  ],
});
const sysctl = (name: string): Partial<PodSpec> => ({ securityContext: { sysctls: [{ name, value: '1' }] } });

const table: [
  what: string,
  spec: Partial<PodSpec>,
  others: Partial<PodSpec>[],
  pressures: Pressure[],
  reason: string,
][] = [
  ['a small pod', {}, [], [], ''],
  ['one too many', {}, [{}, {}, {}], [], 'OutOfpods'],
  ['too much cpu', asking({ cpu: '2' }), [asking({ cpu: '1m' })], [], 'OutOfcpu'],
  ['just enough cpu', asking({ cpu: '1' }), [asking({ cpu: '1' })], [], ''],
  [
    'too much memory for the whole pod',
    { resources: { requests: { memory: '2Gi' } } },
    [],
    [],
    'OutOfmemory',
  ],
  ['a taken port', port(80), [port(80)], [], 'NodePorts'],
  ['a port at one address', port(80, '10.0.0.1'), [port(80)], [], 'NodePorts'],
  ['ports at two addresses', port(80, '10.0.0.1'), [port(80, '10.0.0.2')], [], ''],
  ['ports of two protocols', port(80), [port(80, undefined, 'UDP')], [], ''],
  ['a safe setting', sysctl('net.ipv4.tcp_syncookies'), [], [], ''],
  [
    'a safe setting in the host network',
    { ...sysctl('net.ipv4.tcp_syncookies'), hostNetwork: true },
    [],
    [],
    'SysctlForbidden',
  ],
  ['an unsafe setting', sysctl('kernel.msgmax'), [], [], 'SysctlForbidden'],
  ['a full disk', asking({ cpu: '1' }), [], ['DiskPressure'], 'Evicted'],
  ['a full disk and a critical pod', { priority: 2_000_001_000 }, [], ['DiskPressure'], ''],
  ['short memory, best effort', {}, [], ['MemoryPressure'], 'Evicted'],
  ['short memory, burstable', asking({ memory: '1Mi' }), [], ['MemoryPressure'], ''],
  ['short memory, tolerated', { tolerations: [{ operator: 'Exists' }] }, [], ['MemoryPressure'], ''],
];

for (const [what, spec, others, pressures, reason] of table)
  test(`${what}: ${reason || 'admitted'}`, () => {
    const verdict = admitPod(podWith(spec), others.map(podWith), allocatable, new Set(pressures));
    assert.equal(verdict?.reason ?? '', reason);
    if (verdict) assert.match(verdict.message, /^Pod was rejected: /);
  });
