import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppArmorProfile, PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { NodePod } from '../pod/pod.ts';
import { admitAssigned, admitUnassigned, type Offer } from './admission.ts';
import { undeclaredFeature } from './declared-features.ts';
import type { Pressure } from './pressure.ts';

const allocatable = { cpu: '2', memory: '1Gi', pods: '3' };
const podWith = (spec: Partial<PodSpec> = {}) => storedPod('p', { spec });
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
  [
    // Upstream asks whether the taint of the condition is tolerated, which has no value.
    'short memory, the taint tolerated with another value',
    { tolerations: [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Equal', value: 'x' }] },
    [],
    ['MemoryPressure'],
    'Evicted',
  ],
  // Not an extended resource: a node that does not list it has none of it.
  [
    'huge pages that the node does not list',
    asking({ 'hugepages-1Gi': '1Gi' }),
    [],
    [],
    'OutOfhugepages-1Gi',
  ],
  ['a resource of the whole cluster', asking({ 'example.com/licence': '1' }), [], [], ''],
  ['short memory, tolerated', { tolerations: [{ operator: 'Exists' }] }, [], ['MemoryPressure'], ''],
];

for (const [what, spec, others, pressures, reason] of table) {
  test(`a pod – ${what} – is ${reason || 'admitted'}`, () => {
    const verdict = judge(podWith(spec), { pressures: new Set(pressures) }, others.map(podWith));
    assert.equal(verdict?.reason ?? '', reason);
  });
}

const offer: Offer = {
  nodeName: 'n',
  allocatable: { ...allocatable, 'ephemeral-storage': '1Gi', 'hugepages-2Mi': '0' },
  labels: { disk: 'ssd' },
  taints: [],
  pressures: new Set(),
  appArmor: false,
};

function judge(pod: NodePod, differs: Partial<Offer> = {}, others: NodePod[] = []) {
  const all = { ...offer, ...differs };
  return admitUnassigned(pod, all) ?? admitAssigned(pod, others, all);
}

const profile = (type: string): AppArmorProfile => ({ type });
const ofContainer = (appArmorProfile: AppArmorProfile): Partial<PodSpec> => ({
  containers: [{ name: 'c', securityContext: { appArmorProfile } }],
});
const requiring = (key: string, operator: string, field = false): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { [field ? 'matchFields' : 'matchExpressions']: [{ key, operator, values: ['n'] }] },
        ],
      },
    },
  },
});
const rules = (action: string) => [{ action, exitCodes: { operator: 'In', values: [1] } }];
const noAppArmor = 'Cannot enforce AppArmor: AppArmor is not enabled on the host';
const noSuchNode = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";

/** The messages of upstream's kubelet for a pod whose requests the node cannot satisfy. */
const refusals: Record<string, [spec: Partial<PodSpec>, reason: string, message: string]> = {
  'the default AppArmor profile': [
    { securityContext: { appArmorProfile: profile('RuntimeDefault') } },
    'AppArmor',
    noAppArmor,
  ],
  'an AppArmor profile of a container': [ofContainer(profile('Localhost')), 'AppArmor', noAppArmor],
  'another operating system': [
    { os: { name: 'windows' } },
    'PodOSNotSupported',
    "Failed to admit pod as the OS field doesn't match node OS",
  ],
  'strict groups': [
    { securityContext: { supplementalGroupsPolicy: 'Strict' } },
    'SupplementalGroupsPolicyNotSupported',
    'SupplementalGroupsPolicy=Strict is not supported in this node',
  ],
  'a label that the node has not': [{ nodeSelector: { disk: 'tape' } }, 'NodeAffinity', noSuchNode],
  'an affinity that does not hold': [requiring('disk', 'DoesNotExist'), 'NodeAffinity', noSuchNode],
  'an affinity to another node': [requiring('metadata.name', 'NotIn', true), 'NodeAffinity', noSuchNode],
  'too much storage': [
    asking({ 'ephemeral-storage': '2Gi' }),
    'OutOfephemeral-storage',
    "Node didn't have enough resource: ephemeral-storage, requested: 2147483648, used: 0, capacity: 1073741824",
  ],
  'huge pages': [
    asking({ 'hugepages-2Mi': '2Mi' }),
    'OutOfhugepages-2Mi',
    "Node didn't have enough resource: hugepages-2Mi, requested: 2097152, used: 0, capacity: 0",
  ],
};

test('a pod – an extended resource by a claim, none of a plugin – is admitted, its other containers count', () => {
  const resources = { requests: { 'example.com/gpu': '1' } };
  const container = (name: string) => ({ name, resources });
  const mapping = {
    containerName: 'c',
    resourceName: 'example.com/gpu',
    requestName: 'container-0-request-0',
  };
  const status = {
    extendedResourceClaimStatus: { resourceClaimName: 'p-extended', requestMappings: [mapping] },
  };
  const full = { allocatable: { ...allocatable, 'example.com/gpu': '0' } };
  const claiming = (...names: string[]) =>
    storedPod('p', { spec: { containers: names.map(container) }, status });
  assert.equal(judge(claiming('c'), full), undefined);
  assert.equal(judge(claiming('c', 'other'), full)?.reason, 'OutOfexample.com/gpu');
});

for (const [what, [spec, reason, message]] of Object.entries(refusals)) {
  test(`a pod – requests ${what} – is rejected: ${reason}`, () => {
    assert.deepEqual(judge(podWith(spec)), { reason, message });
  });
}

const accepted: Record<string, Partial<PodSpec>> = {
  'no AppArmor at all': { securityContext: { appArmorProfile: profile('Unconfined') } },
  'its own operating system': { os: { name: 'linux' } },
  'merged groups': { securityContext: { supplementalGroupsPolicy: 'Merge' } },
  'a restart of one container': { containers: [{ name: 'c', restartPolicyRules: rules('Restart') }] },
  'a restart of all containers': {
    initContainers: [{ name: 'i', restartPolicyRules: rules('RestartAllContainers') }],
  },
  'a label that the node has': { nodeSelector: { disk: 'ssd' } },
  'this node by name': requiring('metadata.name', 'In', true),
  'a device that no node offers': asking({ 'example.com/device': '1' }),
  'storage that is there': asking({ 'ephemeral-storage': '1Gi' }),
};

for (const [what, spec] of Object.entries(accepted)) {
  test(`a pod – requests ${what} – is admitted`, () => {
    assert.equal(judge(podWith(spec)), undefined);
  });
}

test('two pods – whose ephemeral storage fits only one by one – are not both admitted', () => {
  const half = podWith(asking({ 'ephemeral-storage': '600Mi' }));
  assert.equal(judge(half), undefined);
  assert.equal(judge(half, {}, [half])?.reason, 'OutOfephemeral-storage');
});

test('an AppArmor profile – on a kernel that enforces it – is admitted', () => {
  assert.equal(judge(podWith(ofContainer(profile('RuntimeDefault'))), { appArmor: true }), undefined);
});

test('a pod – labelled for another operating system – is rejected', () => {
  const pod = podWith();
  pod.metadata.labels = { 'kubernetes.io/os': 'windows' };
  assert.equal(judge(pod)?.reason, 'PodOSSelectorNodeLabelDoesNotMatch');
});

test('an AppArmor profile – in the old annotation – counts for its container', () => {
  const pod = podWith();
  pod.metadata.annotations = { 'container.apparmor.security.beta.kubernetes.io/c': 'localhost/mine' };
  assert.equal(judge(pod)?.reason, 'AppArmor');
});

const taint = (effect: string) => ({ key: 'gone', value: 'yes', effect });
const notTolerated = {
  reason: 'TaintToleration',
  message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
};

test('a pod – does not tolerate a NoExecute taint of the node – is rejected: TaintToleration', () => {
  assert.deepEqual(judge(podWith(), { taints: [taint('NoExecute')] }), notTolerated);
});

test('a pod – does not tolerate a NoSchedule taint of the node – is admitted', () => {
  assert.equal(judge(podWith(), { taints: [taint('NoSchedule')] }), undefined);
});

test('a pod – tolerates the taint – is admitted', () => {
  const tolerations = [{ key: 'gone', operator: 'Exists', effect: 'NoExecute' }];
  assert.equal(judge(podWith({ tolerations }), { taints: [taint('NoExecute')] }), undefined);
});

test('a static pod – does not tolerate a NoExecute taint of the node – is admitted', () => {
  const pod = podWith();
  pod.metadata.annotations = { 'kubernetes.io/config.source': 'file' };
  assert.equal(judge(pod, { taints: [taint('NoExecute')] }), undefined);
});

test('a pod – has a taken port and does not tolerate the taint – is rejected for the port', () => {
  const [pod, other] = [podWith(port(80)), podWith(port(80))];
  assert.equal(judge(pod, { taints: [taint('NoExecute')] }, [other])?.reason, 'NodePorts');
});

test('a pod – does not tolerate the taint and needs AppArmor – is rejected for the taint', () => {
  const pod = podWith(ofContainer(profile('RuntimeDefault')));
  assert.deepEqual(judge(pod, { taints: [taint('NoExecute')] }), notTolerated);
});

test('a pod – needs a feature that the node does not declare – is rejected', () => {
  const containers = [{ name: 'c', restartPolicyRules: rules('RestartAllContainers') }];
  assert.deepEqual(undeclaredFeature(podWith({ containers }), []), {
    reason: 'PodFeatureUnsupported',
    message: 'Pod requires node features that are not available: RestartAllContainersOnContainerExits',
  });
});
