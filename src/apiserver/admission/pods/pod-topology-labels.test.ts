import { bindings, nodes, pods } from '#api/generated/kinds.gen.ts';
import { storedNode } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';

const [zone, region] = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];
const node = (labels: Record<string, string>) => [nodes, storedNode('n', { metadata: { labels } })] as const;
const binding = (labels?: object) => ({
  metadata: { name: 'p', ...(labels ? { labels } : {}) },
  target: { kind: 'Node', name: 'n' },
});
const bind = { type: pods, subresource: 'binding' } as const;
const both = { [zone]: 'z', [region]: 'r' };

testAdmission('PodTopologyLabels', podTopologyLabels, [
  {
    name: 'a node with zone and region – the binding carries both, and no other label',
    ...bind,
    object: binding(),
    stored: [node({ ...both, other: 'x' })],
    changes: { metadata: { labels: both } },
  },
  {
    name: 'a node with a zone alone – the binding carries it',
    ...bind,
    object: binding(),
    stored: [node({ [zone]: 'z' })],
    changes: { metadata: { labels: { [zone]: 'z' } } },
  },
  {
    name: 'a binding that says another zone – that of the node is taken',
    ...bind,
    object: binding({ [zone]: 'y', a: 'b' }),
    stored: [node({ [zone]: 'z' })],
    changes: { metadata: { labels: { [zone]: 'z' } } },
  },
  {
    name: 'a node without either – nothing changes',
    ...bind,
    object: binding(),
    stored: [node({ other: 'x' })],
  },
  { name: 'a node that is not there – nothing changes', ...bind, object: binding() },
  {
    name: 'the older resource for bindings – nothing changes',
    type: bindings,
    object: binding(),
    stored: [node(both)],
  },
  {
    name: 'a binding to something that is no node – nothing changes',
    ...bind,
    object: { metadata: { name: 'p' }, target: { name: 'n' } },
    stored: [node(both)],
  },
  {
    name: 'a pod that is made for a node – it has both',
    type: pods,
    object: { metadata: { name: 'p' }, spec: { nodeName: 'n' } },
    stored: [node(both)],
    changes: { metadata: { labels: both } },
  },
  {
    name: 'a pod that is not bound yet – nothing changes',
    type: pods,
    object: { metadata: { name: 'p' }, spec: {} },
    stored: [node(both)],
  },
  {
    name: 'an update of a bound pod – nothing changes',
    type: pods,
    operation: 'UPDATE',
    object: { metadata: { name: 'p' }, spec: { nodeName: 'n' } },
    old: { metadata: { name: 'p' }, spec: { nodeName: 'n' } },
    stored: [node(both)],
  },
]);
