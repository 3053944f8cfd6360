import { nodes } from '#api/generated/kinds.gen.ts';
import type { Taint } from '#api/generated/types.gen.ts';
import { storedNode } from '#testing/objects.ts';
import { testAdmission } from '../testing/admission.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const other = { key: 'example.com/x', effect: 'NoExecute' };
const node = (taints?: Taint[]) => storedNode('n', { ready: 'missing', spec: taints ? { taints } : {} });

testAdmission('TaintNodesByCondition', () => taintNodesByCondition, [
  {
    name: 'a new node – it has the not-ready taint',
    type: nodes,
    object: node(),
    changes: { spec: { taints: [notReady] } },
  },
  {
    name: 'a new node without a spec – it has the not-ready taint',
    type: nodes,
    object: { metadata: { name: 'n' } },
    changes: { spec: { taints: [notReady] } },
  },
  {
    name: 'a new node with other taints – the not-ready taint is added',
    type: nodes,
    object: node([other]),
    changes: { spec: { taints: [other, notReady] } },
  },
  {
    name: 'the taint with another effect – the not-ready taint is added',
    type: nodes,
    object: node([{ ...notReady, effect: 'NoExecute' }]),
    changes: { spec: { taints: [{ ...notReady, effect: 'NoExecute' }, notReady] } },
  },
  { name: 'a new node that has the taint – nothing changes', type: nodes, object: node([notReady]) },
  {
    name: 'a node that exists – nothing changes',
    type: nodes,
    operation: 'UPDATE',
    object: node(),
    old: node(),
  },
  {
    name: 'the status of a node – nothing changes',
    type: nodes,
    operation: 'UPDATE',
    subresource: 'status',
    object: node(),
    old: node(),
  },
]);
