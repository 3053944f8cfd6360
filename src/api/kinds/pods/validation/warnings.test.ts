/** The warnings of pods and pod templates, over all files of the room `warnings`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../../meta/object.ts';
import { hard, soft } from '../../../pods/affinity-terms.ts';

const plain: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};

function podWarnings(changes: Record<string, unknown>): string[] {
  const { setDefaults, warningsBeforeCreate, prepareForCreate, warnings } = strategyFor('', 'pods');
  const pod = changed(plain, changes);
  setDefaults!(pod);
  const before = warningsBeforeCreate!(pod);
  prepareForCreate!(pod, '2026-01-01T00:00:00Z', { name: 'jane', groups: [] });
  return [...before, ...warnings!(pod)];
}

const apparmor = 'container.apparmor.security.beta.kubernetes.io/c';
const nothing = 'a null labelSelector results in matching no pod';
const appArmorText = `metadata.annotations[${apparmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`;

const cases: [string, Record<string, unknown>, string[]][] = [
  ['a plain pod', {}, []],
  [
    'a name that is no label',
    { 'metadata.name': 'web.a' },
    [
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ],
  ],
  [
    'old node labels',
    {
      'spec.nodeSelector': { 'beta.kubernetes.io/os': 'linux' },
      'spec.affinity': {
        nodeAffinity: {
          [hard]: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' }] },
            ],
          },
          [soft]: [
            {
              weight: 1,
              preference: { matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] },
            },
          ],
        },
      },
      'spec.topologySpreadConstraints': [
        {
          maxSkew: 1,
          topologyKey: 'failure-domain.beta.kubernetes.io/region',
          whenUnsatisfiable: 'DoNotSchedule',
        },
      ],
    },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      `spec.affinity.nodeAffinity.${hard}.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead`,
      `spec.affinity.nodeAffinity.${soft}[0].preference.matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead`,
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/region is deprecated since v1.17; use "topology.kubernetes.io/region" instead',
      `spec.topologySpreadConstraints[0].labelSelector: ${nothing}`,
    ],
  ],
  [
    'affinity to no pod',
    {
      'spec.affinity': {
        podAffinity: { [hard]: [{ topologyKey: 'a' }] },
        podAntiAffinity: { [soft]: [{ weight: 1, podAffinityTerm: { topologyKey: 'a' } }] },
      },
    },
    [
      `spec.affinity.podAffinity.${hard}[0].labelSelector: ${nothing}`,
      `spec.affinity.podAntiAffinity.${soft}[0].podAffinityTerm.labelSelector: ${nothing}`,
    ],
  ],
  [
    'annotations of the past',
    {
      'metadata.annotations': {
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
        'scheduler.alpha.kubernetes.io/critical-pod': '',
        'security.alpha.kubernetes.io/sysctls': 'a=b',
      },
    },
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
      'metadata.annotations[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
    ],
  ],
  [
    'AppArmor by annotation alone',
    { 'metadata.annotations': { [apparmor]: 'runtime/default' } },
    [appArmorText],
  ],
  [
    'AppArmor by annotation and field',
    {
      'metadata.annotations': { [apparmor]: 'runtime/default' },
      'spec.containers.0.securityContext': { appArmorProfile: { type: 'RuntimeDefault' } },
    },
    [],
  ],
  [
    'AppArmor as the whole pod has it',
    {
      'metadata.annotations': { [apparmor]: 'unconfined' },
      'spec.securityContext': { appArmorProfile: { type: 'Unconfined' } },
    },
    [],
  ],
  [
    'volumes that are gone',
    {
      'spec.volumes': [
        { name: 'a', gitRepo: { repository: 'r' } },
        { name: 'b', glusterfs: { endpoints: 'e', path: 'p' } },
        { name: 'c', storageos: { volumeName: 'v' } },
      ],
    },
    [
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.volumes[1].glusterfs: deprecated in v1.25, non-functional in v1.26+',
      'spec.volumes[2].storageOS: deprecated in v1.22, non-functional in v1.25+',
    ],
  ],
  [
    'files in each other’s way',
    {
      'spec.volumes': [
        {
          name: 'v',
          configMap: {
            name: 'foo',
            items: [
              { key: 'a', path: 'test' },
              { key: 'b', path: 'test/app' },
            ],
          },
        },
        {
          name: 'p',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token' } },
              { secret: { name: 's', items: [{ key: 'a', path: 'token/' }] } },
              {},
            ],
          },
        },
      ],
    },
    [
      'volume "v" (ConfigMap "foo"): overlapping paths: "test/app" with "test"',
      'volume "p" (Projected) has no sources provided',
      'volume "p" (Projected): overlapping paths: "token" (Secret "s") with "token" (ServiceAccountToken)',
    ],
  ],
  [
    'names twice',
    {
      'spec.hostAliases': [{ ip: '1.2.3.4' }, { ip: '1.2.3.4' }],
      'spec.imagePullSecrets': [{ name: 'a' }, { name: 'a' }, { name: '' }],
    },
    [
      'spec.hostAliases[1].ip: duplicate ip "1.2.3.4"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  ],
  [
    'parts of a byte',
    {
      'spec.overhead': { memory: '1500m' },
      'spec.containers.0.resources': { requests: { memory: '128m' }, limits: { memory: '128m', cpu: '5m' } },
    },
    [
      'spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.containers[0].resources.limits[memory]: fractional byte value "128m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "128m" is invalid, must be an integer',
    ],
  ],
  [
    'variables that hide others',
    {
      'spec.containers.0.env': [
        { name: 'A', value: 'x' },
        { name: 'A', value: '$(A)y' },
        { name: 'A', value: '$(A)' },
        { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'B', value: 'x' },
      ],
    },
    [
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
      'spec.containers[0].env[3]: hides previous definition of "A", which may be dropped when using apply',
    ],
  ],
  [
    'ports twice',
    {
      'spec.containers.0.ports': [
        { name: 'a', containerPort: 80 },
        { name: 'b', containerPort: 80, hostPort: 8080 },
        { containerPort: 80, hostPort: 8080, hostIP: '1.2.3.4' },
        { containerPort: 81, hostIP: '1.2.3.4' },
      ],
      'spec.initContainers': [{ name: 'i', image: 'i', ports: [{ name: 'a', containerPort: 80 }] }],
    },
    [
      'spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]',
      'spec.containers[0].ports[1]: overlapping port definition with spec.initContainers[0].ports[0]',
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.initContainers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: dangerously ambiguous port definition with spec.containers[0].ports[1]',
      'spec.containers[0].ports[3]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:1.2.3.4}',
      'spec.containers[0].ports[0]: duplicate port name "a" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]',
    ],
  ],
  [
    // A negative grace period of a Pod becomes 1 before warnings are computed.
    'a negative grace period and long addresses',
    {
      'spec.terminationGracePeriodSeconds': -1,
      'spec.dnsConfig': { nameservers: ['fd00:0:0::1'] },
      'spec.hostAliases': [{ ip: 'FD00::2' }],
    },
    [
      'spec.dnsConfig.nameservers[0]: IPv6 address "fd00:0:0::1" should be in RFC 5952 canonical format ("fd00::1")',
      'spec.hostAliases[0].ip: IPv6 address "FD00::2" should be in RFC 5952 canonical format ("fd00::2")',
    ],
  ],
];

for (const [what, changes, texts] of cases) {
  test(`warnings of a pod – ${what} – are upstream's`, () => assert.deepEqual(podWarnings(changes), texts));
}

test('warnings of a pod – on update – none', () => {
  const pod = changed(plain, { 'spec.terminationGracePeriodSeconds': -1 });
  assert.deepEqual(strategyFor('', 'pods').warnings!(pod, pod), []);
});

test('warnings of a template – a negative grace period – it is kept, with a warning', () => {
  const deployment = created('apps', 'deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { template: changed(plain, { 'spec.terminationGracePeriodSeconds': -1 }) },
  });
  assert.deepEqual(strategyFor('apps', 'deployments').warnings!(deployment), [
    'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ]);
});

test('warnings of a template – on create and when its generation increases – are returned', () => {
  const { warnings } = strategyFor('apps', 'deployments');
  const ofGeneration = (generation: number): AnyObject => ({
    ...created('apps', 'deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: { template: { metadata: { annotations: { [apparmor]: 'unconfined' } }, spec: plain['spec'] } },
    }),
    metadata: { name: 'web', generation },
  });
  const text = `spec.template.metadata.annotations[${apparmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
  assert.deepEqual(warnings!(ofGeneration(1)), [text]);
  assert.deepEqual(warnings!(ofGeneration(1), ofGeneration(1)), []);
  assert.deepEqual(warnings!(ofGeneration(2), ofGeneration(1)), [text]);
});
