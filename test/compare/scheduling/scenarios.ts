/** Clusters in which a pod finds no node, or only by preemption: each with the pods that are scheduled there, in order. */

import {
  csiNodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type {
  Affinity,
  PodAffinityTerm,
  TopologySpreadConstraint,
  Volume,
} from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { NodeShape, PodShape } from '#testing/scheduling/objects.ts';

export interface Scenario {
  readonly title: string;
  readonly nodes: readonly NodeShape[];
  /** Created before the pods. */
  readonly objects?: readonly (readonly [ResourceType, KubeObject])[];
  /** Pods that have a node from the beginning. */
  readonly placed?: readonly PodShape[];
  readonly pods: readonly PodShape[];
}

const zone = 'topology.kubernetes.io/zone';
const named = (count: number, shape: Omit<NodeShape, 'name'> = {}): NodeShape[] =>
  Array.from({ length: count }, (_, i) => ({ name: `n${i}`, ...shape }));
const inZones = (...zones: string[]): NodeShape[] =>
  zones.map((value, i) => ({ name: `n${i}`, labels: { [zone]: value } }));
const taint = (key: string, effect = 'NoSchedule', value = '') => ({ key, effect, value });
const web = { app: 'web' };
const term = (topologyKey: string, matchLabels = web): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels },
});
const requires = (kind: 'podAffinity' | 'podAntiAffinity', ...terms: PodAffinityTerm[]): Affinity => ({
  [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const onNodes = (key: string, ...values: string[]): Affinity => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }],
    },
  },
});
const byName = (...names: string[]): Affinity => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: names.map((name) => ({
        matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
      })),
    },
  },
});
const spread = (
  topologyKey: string,
  more: Partial<TopologySpreadConstraint> = {},
): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: web },
  ...more,
});
const claimed = (claimName: string): Volume[] => [{ name: 'data', persistentVolumeClaim: { claimName } }];
const withClaim = (name: string, claimName: string): PodShape => ({
  name,
  spec: { volumes: claimed(claimName) },
});

function storageClass(name: string, more: object = {}): readonly [ResourceType, KubeObject] {
  const fields = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' };
  return [storageClasses, { metadata: { name }, ...fields, ...more } as KubeObject];
}

function claim(name: string, spec: object = {}): readonly [ResourceType, KubeObject] {
  const whole = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'late',
    ...spec,
  };
  // No controller here binds the claims that name a volume.
  const isBound = 'volumeName' in spec && spec.volumeName !== 'gone';
  const annotations = isBound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {};
  return [persistentVolumeClaims, { metadata: { name, annotations }, spec: whole } as KubeObject];
}

function volume(name: string, spec: object = {}, labels: Record<string, string> = {}) {
  const whole = {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    storageClassName: 'late',
    hostPath: { path: '/data' },
    ...spec,
  };
  return [persistentVolumes, { metadata: { name, labels }, spec: whole } as KubeObject] as const;
}

const onlyOn = (name: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
      ],
    },
  },
});

export const scenarios: readonly Scenario[] = [
  { title: 'no nodes', nodes: [], pods: [{ name: 'a', cpu: '1' }] },
  {
    title: 'resources',
    nodes: [
      ...named(2),
      { name: 'n2', pods: '1' },
      { name: 'n3', cpu: '32' },
      { name: 'n4', memory: '64Gi' },
      { name: 'n5', allocatable: { 'example.com/gpu': '1', 'ephemeral-storage': '1Gi' } },
    ],
    placed: [
      { nodeName: 'n2', cpu: '1' },
      { nodeName: 'n0', cpu: '3' },
    ],
    pods: [
      { name: 'cpu', cpu: '64' },
      { name: 'both', cpu: '8', memory: '32Gi' },
      { name: 'gpu', requests: { 'example.com/gpu': '2' } },
      { name: 'disk', requests: { 'ephemeral-storage': '2Gi' } },
      {
        name: 'all',
        cpu: '100',
        memory: '100Gi',
        requests: { 'example.com/gpu': '3', 'ephemeral-storage': '9Gi' },
      },
      { name: 'init', initCpu: ['50', '40'], sidecarCpu: ['3'] },
      { name: 'overhead', cpu: '31', memory: '16Gi' },
    ],
  },
  {
    title: 'taints and cordons',
    nodes: [
      { name: 'n0', taints: [taint('dedicated', 'NoSchedule', 'db')] },
      { name: 'n1', taints: [taint('dedicated', 'NoExecute', 'db')] },
      { name: 'n2', taints: [taint('gpu'), taint('other')] },
      { name: 'n3', unschedulable: true },
      { name: 'n4', cpu: '1' },
    ],
    pods: [
      { name: 'plain', cpu: '2' },
      { name: 'tolerant', cpu: '8', tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
      { name: 'gpu', cpu: '2', tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      { name: 'cordoned', cpu: '9', tolerations: [{ operator: 'Exists' }] },
    ],
  },
  {
    title: 'selectors and node affinity',
    nodes: [
      { name: 'n0', labels: { disk: 'ssd' } },
      { name: 'n1', labels: { disk: 'hdd' } },
      { name: 'n2', labels: { disk: 'ssd' }, taints: [taint('x')] },
      { name: 'n3' },
    ],
    pods: [
      { name: 'selector', nodeSelector: { disk: 'tape' } },
      { name: 'affinity', affinity: onNodes('disk', 'ssd'), cpu: '9' },
      { name: 'named', affinity: byName('n9') },
      { name: 'namedfull', affinity: byName('n1', 'n3'), cpu: '9' },
      { name: 'namedtwo', affinity: byName('n1', 'n9'), nodeSelector: { disk: 'ssd' } },
      { name: 'mixed', nodeSelector: { disk: 'ssd' }, memory: '99Gi' },
    ],
  },
  {
    title: 'pod affinity and anti-affinity',
    nodes: [...inZones('a', 'a', 'b'), { name: 'n3' }],
    placed: [
      { name: 'web', nodeName: 'n0', labels: web },
      {
        name: 'hermit',
        nodeName: 'n2',
        labels: { app: 'hermit' },
        affinity: requires('podAntiAffinity', term(zone, { app: 'cat' })),
      },
    ],
    pods: [
      { name: 'near', labels: { app: 'near' }, affinity: requires('podAffinity', term(zone)), cpu: '9' },
      { name: 'far', labels: { app: 'far' }, affinity: requires('podAntiAffinity', term(zone)), cpu: '9' },
      { name: 'nowhere', affinity: requires('podAffinity', term(zone, { app: 'none' })) },
      { name: 'cat', labels: { app: 'cat' }, nodeSelector: { [zone]: 'b' } },
      {
        name: 'both',
        labels: web,
        affinity: {
          ...requires('podAffinity', term(zone)),
          ...requires('podAntiAffinity', term('kubernetes.io/hostname')),
        },
        cpu: '3',
      },
      { name: 'second', labels: web, affinity: requires('podAntiAffinity', term(zone)) },
    ],
  },
  {
    title: 'spread',
    nodes: [...inZones('a', 'a', 'b'), { name: 'n3' }],
    placed: [
      { name: 'one', nodeName: 'n0', labels: web },
      { name: 'two', nodeName: 'n1', labels: web },
    ],
    pods: [
      { name: 'even', labels: web, spread: [spread(zone)], cpu: '9' },
      { name: 'domains', labels: web, spread: [spread(zone, { minDomains: 4 })] },
      { name: 'noschedule', labels: web, spread: [spread(zone), spread('rack')] },
      {
        name: 'selected',
        labels: web,
        nodeSelector: { [zone]: 'a' },
        spread: [spread('kubernetes.io/hostname'), spread(zone, { nodeAffinityPolicy: 'Ignore' })],
      },
    ],
  },
  {
    title: 'ports',
    nodes: named(3),
    placed: [
      { name: 'p0', nodeName: 'n0', hostPort: 80 },
      { name: 'p1', nodeName: 'n1', hostPort: 80 },
    ],
    pods: [
      { name: 'third', hostPort: 80, cpu: '5' },
      { name: 'fits', hostPort: 80 },
      { name: 'fourth', hostPort: 80 },
    ],
  },
  {
    title: 'scheduling gates',
    nodes: named(1),
    pods: [
      { name: 'gated', spec: { schedulingGates: [{ name: 'example.com/wait' }] } },
      {
        name: 'gates',
        spec: { schedulingGates: [{ name: 'example.com/one' }, { name: 'example.com/two' }] },
      },
    ],
  },
  {
    title: 'volumes',
    nodes: [
      { name: 'n0', labels: { [zone]: 'a' } },
      { name: 'n1', labels: { [zone]: 'b' } },
      { name: 'n2', labels: { [zone]: 'b' }, taints: [taint('x')] },
    ],
    objects: [
      storageClass('late'),
      storageClass('now', { volumeBindingMode: 'Immediate' }),
      storageClass('driver', {
        provisioner: 'csi.example.com',
        allowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: ['c'] }] }],
      }),
      claim('unbound', { storageClassName: 'now' }),
      claim('nothing'),
      claim('noclass', { storageClassName: 'gone' }),
      claim('topology', { storageClassName: 'driver' }),
      claim('lost', { volumeName: 'gone', storageClassName: 'now' }),
      claim('local', { storageClassName: 'pinned', volumeName: 'local' }),
      volume('local', {
        storageClassName: 'pinned',
        claimRef: { namespace: 'default', name: 'local' },
        ...onlyOn('n1'),
      }),
      claim('zonal', { storageClassName: 'zoned', volumeName: 'zonal' }),
      volume(
        'zonal',
        { storageClassName: 'zoned', claimRef: { namespace: 'default', name: 'zonal' } },
        { [zone]: 'z' },
      ),
    ],
    pods: [
      withClaim('absent', 'absent'),
      withClaim('unbound', 'unbound'),
      withClaim('nothing', 'nothing'),
      withClaim('noclass', 'noclass'),
      withClaim('topology', 'topology'),
      withClaim('lost', 'lost'),
      { ...withClaim('local', 'local'), cpu: '9' },
      withClaim('zonal', 'zonal'),
    ],
  },
  {
    title: 'volume limits and restrictions',
    nodes: named(2),
    objects: [
      [
        csiNodes,
        {
          metadata: { name: 'n0' },
          spec: { drivers: [{ name: 'csi.example.com', nodeID: 'n0', allocatable: { count: 1 } }] },
        } as KubeObject,
      ],
      claim('full', { storageClassName: 'x', volumeName: 'full' }),
      volume('full', {
        storageClassName: 'x',
        hostPath: undefined,
        claimRef: { namespace: 'default', name: 'full' },
        csi: { driver: 'csi.example.com', volumeHandle: 'full' },
      }),
      claim('more', { storageClassName: 'x', volumeName: 'more' }),
      volume('more', {
        storageClassName: 'x',
        hostPath: undefined,
        claimRef: { namespace: 'default', name: 'more' },
        csi: { driver: 'csi.example.com', volumeHandle: 'more' },
      }),
      claim('alone', { storageClassName: 'x', volumeName: 'alone', accessModes: ['ReadWriteOncePod'] }),
      volume('alone', {
        storageClassName: 'x',
        hostPath: undefined,
        accessModes: ['ReadWriteOncePod'],
        claimRef: { namespace: 'default', name: 'alone' },
        csi: { driver: 'csi.example.com', volumeHandle: 'alone' },
      }),
    ],
    placed: [
      { ...withClaim('holder', 'full'), nodeName: 'n0' },
      { ...withClaim('owner', 'alone'), nodeName: 'n1' },
    ],
    pods: [
      { ...withClaim('more', 'more'), nodeSelector: { 'kubernetes.io/hostname': 'n0' } },
      withClaim('second', 'alone'),
    ],
  },
  {
    title: 'preemption',
    nodes: named(3, { cpu: '4' }),
    placed: [
      { name: 'low', nodeName: 'n0', cpu: '3', spec: { priorityClassName: 'low' } },
      { name: 'high', nodeName: 'n1', cpu: '3', spec: { priorityClassName: 'high' } },
      { name: 'high2', nodeName: 'n2', cpu: '3', spec: { priorityClassName: 'high' } },
    ],
    pods: [
      { name: 'helpless', cpu: '3', spec: { priorityClassName: 'low' } },
      { name: 'never', cpu: '3', spec: { priorityClassName: 'polite' } },
      { name: 'toobig', cpu: '9', spec: { priorityClassName: 'high' } },
      { name: 'urgent', cpu: '3', spec: { priorityClassName: 'high' } },
    ],
  },
  {
    title: 'preemption that does not help',
    nodes: [
      { name: 'n0', cpu: '4', taints: [taint('x')] },
      { name: 'n1', cpu: '4' },
      { name: 'n2', cpu: '2' },
      { name: 'n3', cpu: '4' },
    ],
    placed: [
      { name: 'high1', nodeName: 'n1', cpu: '3', spec: { priorityClassName: 'high' } },
      { name: 'mixed', nodeName: 'n3', cpu: '1', spec: { priorityClassName: 'low' } },
      { name: 'mixedhigh', nodeName: 'n3', cpu: '2', spec: { priorityClassName: 'high' } },
    ],
    pods: [{ name: 'urgent', cpu: '3', spec: { priorityClassName: 'high' } }],
  },
  {
    title: 'preemption with disruption budgets',
    nodes: named(2, { cpu: '4' }),
    objects: [
      [
        podDisruptionBudgets,
        {
          metadata: { name: 'guard' },
          spec: { minAvailable: 1, selector: { matchLabels: web } },
        } as KubeObject,
      ],
    ],
    placed: [
      { name: 'guarded', nodeName: 'n0', cpu: '3', labels: web, spec: { priorityClassName: 'low' } },
      { name: 'free', nodeName: 'n1', cpu: '3', spec: { priorityClassName: 'low' } },
    ],
    pods: [{ name: 'urgent', cpu: '3', spec: { priorityClassName: 'high' } }],
  },
  {
    title: 'preemption and topology',
    nodes: inZones('a', 'b'),
    placed: [
      {
        name: 'lonely',
        nodeName: 'n0',
        labels: { app: 'lonely' },
        affinity: requires('podAntiAffinity', term(zone)),
        spec: { priorityClassName: 'low' },
      },
      { name: 'web', nodeName: 'n1', labels: web, spec: { priorityClassName: 'high' } },
    ],
    pods: [
      {
        name: 'urgent',
        labels: web,
        affinity: requires('podAntiAffinity', term(zone)),
        spec: { priorityClassName: 'high' },
      },
      {
        name: 'near',
        affinity: requires('podAffinity', term(zone, { app: 'none' })),
        spec: { priorityClassName: 'high' },
      },
      {
        name: 'spread',
        labels: { app: 'lonely' },
        spread: [spread(zone, { minDomains: 3, labelSelector: { matchLabels: { app: 'lonely' } } })],
        spec: { priorityClassName: 'high' },
      },
    ],
  },
  {
    title: 'preemption by ports and volumes',
    nodes: named(2),
    objects: [
      claim('alone', { storageClassName: 'x', volumeName: 'alone', accessModes: ['ReadWriteOncePod'] }),
      volume('alone', {
        storageClassName: 'x',
        accessModes: ['ReadWriteOncePod'],
        claimRef: { namespace: 'default', name: 'alone' },
      }),
    ],
    placed: [
      { name: 'p0', nodeName: 'n0', hostPort: 80, spec: { priorityClassName: 'low' } },
      { name: 'p1', nodeName: 'n1', hostPort: 80, spec: { priorityClassName: 'high' } },
      { name: 'owner', nodeName: 'n1', spec: { priorityClassName: 'low', volumes: claimed('alone') } },
    ],
    pods: [
      { name: 'port', hostPort: 80, spec: { priorityClassName: 'high' } },
      { name: 'volume', spec: { priorityClassName: 'high', volumes: claimed('alone') } },
    ],
  },
  {
    title: 'many reasons',
    nodes: [
      { name: 'n0', labels: { [zone]: 'a' }, cpu: '1' },
      { name: 'n1', labels: { [zone]: 'a' }, memory: '1Gi' },
      { name: 'n2', labels: { [zone]: 'b' }, taints: [taint('x')] },
      { name: 'n3', labels: { [zone]: 'b' }, unschedulable: true },
      { name: 'n4', labels: { disk: 'ssd', [zone]: 'c' } },
      { name: 'n5', labels: { [zone]: 'd' }, pods: '0' },
      { name: 'n6', labels: { [zone]: 'e' } },
      { name: 'n7' },
      { name: 'n8', labels: { [zone]: 'f' } },
    ],
    placed: [
      { name: 'port', nodeName: 'n6', hostPort: 8080, spec: { priorityClassName: 'high' } },
      { name: 'web', nodeName: 'n8', labels: web },
    ],
    pods: [
      {
        name: 'picky',
        cpu: '2',
        memory: '2Gi',
        hostPort: 8080,
        labels: web,
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }],
            },
          },
          ...requires('podAntiAffinity', term('kubernetes.io/hostname')),
        },
        spread: [spread(zone)],
        spec: { priorityClassName: 'high' },
      },
    ],
  },
  {
    title: 'wrong affinity and names',
    nodes: named(2),
    placed: [{ name: 'low', nodeName: 'n0', cpu: '4', spec: { priorityClassName: 'low' } }],
    pods: [
      {
        name: 'conflict',
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchFields: [
                    { key: 'metadata.name', operator: 'In', values: ['n0'] },
                    { key: 'metadata.name', operator: 'In', values: ['n1'] },
                  ],
                },
              ],
            },
          },
        },
      },
      {
        name: 'empty',
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } },
        },
      },
      { name: 'named', cpu: '2', affinity: byName('n0'), spec: { priorityClassName: 'high' } },
    ],
  },
];
