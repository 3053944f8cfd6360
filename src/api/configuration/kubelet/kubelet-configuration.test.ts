import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import { readKubeletConfiguration } from './kubelet-configuration.ts';

const garbage = { highPercent: 85, lowPercent: 80, ageMinMs: 120_000, ageMaxMs: undefined };
const images = { parallelPullsMax: 5, garbage };

test('the section of the kubelet – empty – has the defaults', () => {
  const { eviction, reserved, cpus: _, ...rest } = readKubeletConfiguration({});
  assert.deepEqual(rest, {
    enforcement: { pods: true, groups: [] },
    reservedFor: { kube: new Map(), system: new Map() },
    topology: { policy: 'none', scope: 'container', prefersClosest: false, numaNodesMax: 8 },
    memory: { policy: 'None', reserved: [] },
    podsMax: 110,
    images,
    pidsPerPodMax: undefined,
    swapBehavior: 'NoSwap',
    unsafeSysctls: [],
    shutdownPeriods: [],
    staticPods: { path: undefined, intervalMs: 20_000, address: undefined },
  });
  assert.deepEqual(
    [eviction.pressureTransitionMs, eviction.podGraceSecondsMax, reserved.size],
    [300_000, 0, 0],
  );
});

test('the section of the kubelet – a whole KubeletConfiguration – is read', () => {
  const configuration = readKubeletConfiguration({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    evictionPressureTransitionPeriod: '30s',
    evictionMaxPodGracePeriod: 60,
    kubeReserved: { cpu: '100m', memory: '1Gi' },
    systemReserved: 'memory=500Mi,pid=1000',
    enforceNodeAllocatable: ['none'],
    maxPods: 20,
    podPidsLimit: 64,
    staticPodPath: '/etc/manifests',
    allowedUnsafeSysctls: ['kernel.msg*', 'net/core/somaxconn'],
    failSwapOn: false,
    memorySwap: { swapBehavior: 'LimitedSwap' },
    shutdownGracePeriod: '30s',
    shutdownGracePeriodCriticalPods: '10s',
    fileCheckFrequency: '5s',
  });
  assert.deepEqual(
    [...configuration.reserved].map(([name, quantity]) => `${name}=${quantity}`),
    ['cpu=100m', 'memory=1524Mi', 'pid=1k'],
  );
  const { eviction, reserved: _, reservedFor: __, cpus: ___, ...rest } = configuration;
  assert.deepEqual(rest, {
    enforcement: { pods: false, groups: [] },
    topology: { policy: 'none', scope: 'container', prefersClosest: false, numaNodesMax: 8 },
    memory: { policy: 'None', reserved: [] },
    podsMax: 20,
    images,
    pidsPerPodMax: 64,
    swapBehavior: 'LimitedSwap',
    unsafeSysctls: [
      { name: 'kernel.msg', isPrefix: true, namespace: 'ipc' },
      { name: 'net.core.somaxconn', isPrefix: false, namespace: 'net' },
    ],
    shutdownPeriods: [
      { priority: 0, graceSeconds: 20 },
      { priority: 2_000_000_000, graceSeconds: 10 },
    ],
    staticPods: { path: '/etc/manifests', intervalMs: 5000, address: undefined },
  });
  assert.deepEqual([eviction.pressureTransitionMs, eviction.podGraceSecondsMax], [30_000, 60]);
  assert.ok(!eviction.thresholds.some(({ signal }) => signal === 'allocatableMemory.available'));
});

test('periods of a shutdown – by priority – are in the order of priorities', () => {
  const shutdownGracePeriodByPodPriority = [
    { priority: 1000, shutdownGracePeriodSeconds: 10 },
    { priority: -5, shutdownGracePeriodSeconds: 60 },
  ];
  assert.deepEqual(readKubeletConfiguration({ shutdownGracePeriodByPodPriority }).shutdownPeriods, [
    { priority: -5, graceSeconds: 60 },
    { priority: 1000, graceSeconds: 10 },
  ]);
});

const period = { priority: 1, shutdownGracePeriodSeconds: 1 };
const periodsText =
  'kubelet: shutdownGracePeriodByPodPriority is [{"priority":1}], which is not a list of { priority, shutdownGracePeriodSeconds }';

const invalid: [what: string, section: JsonObject, error: string][] = [
  [
    'more for critical pods than for all',
    { shutdownGracePeriod: '10s', shutdownGracePeriodCriticalPods: '11s' },
    'kubelet: invalid configuration: shutdownGracePeriodCriticalPods must be <= shutdownGracePeriod',
  ],
  [
    'less than a second',
    { shutdownGracePeriod: '500ms' },
    'kubelet: invalid configuration: shutdownGracePeriod must be either zero or otherwise >= 1 sec',
  ],
  [
    'both kinds of periods',
    { shutdownGracePeriod: '10s', shutdownGracePeriodByPodPriority: [period] },
    'kubelet: invalid configuration: Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
  ],
  ['a period without its seconds', { shutdownGracePeriodByPodPriority: [{ priority: 1 }] }, periodsText],
  [
    'a setting of the whole machine',
    { allowedUnsafeSysctls: ['vm.swappiness'] },
    'kubelet: the sysctls "vm.swappiness" are not known to be namespaced',
  ],
  [
    'no setting',
    { allowedUnsafeSysctls: ['Net.*'] },
    'kubelet: sysctl "Net.*" must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]$',
  ],
  [
    'an unknown use of swap',
    { memorySwap: { swapBehavior: 'Unlimited' } },
    'kubelet: invalid configuration: memorySwap.swapBehavior "Unlimited" must be one of: "", "LimitedSwap" or "NoSwap"',
  ],
  ['an unknown field', { evictionHrad: '' }, 'kubelet has an unknown field "evictionHrad"'],
  [
    'an enforcement without its group',
    { enforceNodeAllocatable: ['kube-reserved'] },
    'kubelet: invalid configuration: kubeReservedCgroup (--kube-reserved-cgroup) must be specified when "kube-reserved" or "kube-reserved-compressible" included in enforceNodeAllocatable (--enforce-node-allocatable)',
  ],
  ['an unknown resource', { kubeReserved: 'gpu=1' }, 'kubelet: cannot reserve "gpu" resource'],
  [
    'a negative reservation',
    { systemReserved: 'cpu=-1' },
    'kubelet: resource quantity for "cpu" cannot be negative: -1',
  ],
];

for (const [what, section, message] of invalid) {
  test(`the section of the kubelet – ${what} – is rejected: ${message}`, () =>
    assert.throws(() => readKubeletConfiguration(section), { message }));
}
