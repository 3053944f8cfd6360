import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { type Allocation, Allocations, idsOf, nodesOfDevices } from './allocations.ts';

const thing = 'example.com/thing';

/** `-1:a 0:b,c`: ids by NUMA node. */
function allocationOf(text: string): Allocation {
  const byNode = text.split(' ').map((part) => {
    const [node, ids = ''] = part.split(':');
    return [Number(node), ids.split(',')] as const;
  });
  const answer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };
  return { byNode: new Map(byNode), answer };
}

function allocationsOf(containers: Record<string, string>): Allocations {
  const entries = Object.entries(containers).map(([container, text]) => ({
    podUid: 'p',
    container,
    resource: thing,
    allocation: allocationOf(text),
  }));
  return new Allocations(entries);
}

test('an allocation – a device near to two NUMA nodes, one without topology – has each once, with its nodes', () => {
  const allocation = allocationOf('-1:a 0:b 1:b,c');
  assert.deepEqual([...idsOf(allocation)], ['a', 'b', 'c']);
  const nodes = new Map<string, number[]>([
    ['a', []],
    ['b', [0, 1]],
    ['c', [1]],
  ]);
  assert.deepEqual(nodesOfDevices(allocation), nodes);
});

test('allocations – of two containers of a pod – are the pod’s together, until it is released', () => {
  const allocations = allocationsOf({ main: '0:a', side: '0:b' });
  assert.deepEqual(allocations.podIds('p', thing), new Set(['a', 'b']));
  assert.equal(allocations.ids('p', 'other', thing), undefined);
  assert.deepEqual([...allocations.podUids()], ['p']);
  allocations.release('p');
  assert.deepEqual([allocations.hasPod('p'), allocations.entries()], [false, []]);
});

/** Which devices the container `main` may take over; `i`: init containers, `s`: a sidecar. */
const rows: [what: string, has: Record<string, string>, reusable: string[]][] = [
  ['of init containers', { i1: '0:a', i2: '0:b' }, ['a', 'b']],
  ['of a sidecar', { s: '0:a' }, []],
  ['of an init container, that a later sidecar has', { i1: '0:a,b', s: '0:a' }, ['b']],
  ['of a container beside it', { other: '0:a' }, []],
  ['of an init container, that a container beside it has', { i1: '0:a,b', other: '0:b' }, ['a']],
];

for (const [what, has, reusable] of rows) {
  test(`devices – ${what} – are ${reusable.join(' and ') || 'not'} for reuse`, () => {
    const pod = storedPod('p', {
      metadata: { uid: 'p' },
      spec: {
        initContainers: [{ name: 'i1' }, { name: 'i2' }, { name: 's', restartPolicy: 'Always' }],
        containers: [{ name: 'other' }, { name: 'main' }],
      },
    });
    assert.deepEqual([...allocationsOf(has).reusable(pod, 'main', thing)], reusable);
  });
}
