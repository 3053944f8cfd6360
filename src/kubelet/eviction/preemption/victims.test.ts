import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemPriorities } from '#api/pods/system-priority.ts';
import { storedPod } from '#testing/objects.ts';
import { victimsFor } from './victims.ts';

type Class = 'best-effort' | 'burstable' | 'guaranteed' | 'cluster-critical' | 'node-critical';

/** Requests `size` mebibytes of memory and thousandths of a processor. */
function pod(name: string, qosClass: Class, size = 0) {
  const amounts = { cpu: `${size}m`, memory: `${size}Mi` };
  const limits = qosClass === 'guaranteed' ? { limits: amounts } : {};
  const resources = size > 0 ? { requests: amounts, ...limits } : {};
  const priority = systemPriorities[`system-${qosClass}` as keyof typeof systemPriorities] ?? 0;
  return storedPod(name, { spec: { priority, containers: [{ name: 'c', resources }] } });
}

const bestEffort = pod('best-effort', 'best-effort');
const small = pod('small', 'burstable', 100);
const large = pod('large', 'burstable', 300);
const sure = pod('sure', 'guaranteed', 100);
const largeSure = pod('large-sure', 'guaranteed', 300);
const clusterCritical = pod('cluster-critical', 'cluster-critical', 100);
const nodeCritical = pod('node-critical', 'node-critical', 100);
const every = [bestEffort, small, large, sure, largeSure];

const table: [
  what: string,
  preemptor: typeof small,
  pods: (typeof small)[],
  missing: [cpu: number, mebi: number, pods: number],
  victims: string | undefined,
][] = [
  ['nothing is missing', clusterCritical, [small], [0, 0, 0], ''],
  ['no pod runs', clusterCritical, [], [0, 0, 1], undefined],
  ['one pod has just enough', clusterCritical, [small], [100, 100, 1], 'small'],
  ['all have too little', clusterCritical, [small], [200, 200, 2], undefined],
  ['only processors are too few', clusterCritical, [small], [200, 100, 1], undefined],
  ['a BestEffort pod is enough', clusterCritical, [small, bestEffort], [0, 0, 1], 'best-effort'],
  ['a Burstable pod is enough', clusterCritical, [small, sure], [0, 0, 1], 'small'],
  [
    'of two Burstable pods the smaller is enough',
    clusterCritical,
    [bestEffort, large, small],
    [100, 100, 0],
    'small',
  ],
  ['only the larger is enough', clusterCritical, [bestEffort, small, large], [150, 150, 0], 'large'],
  ['both are needed', clusterCritical, every, [350, 350, 0], 'small large'],
  ['a Guaranteed pod is needed too', clusterCritical, every, [0, 550, 0], 'large large-sure'],
  ['the node has too many pods', clusterCritical, every, [0, 0, 2], 'best-effort small'],
  ['a critical pod of lower priority', nodeCritical, [clusterCritical], [100, 0, 0], 'cluster-critical'],
  ['a critical pod of higher priority', clusterCritical, [nodeCritical], [100, 0, 0], undefined],
  [
    'a critical pod of equal priority',
    clusterCritical,
    [pod('equal', 'cluster-critical', 100)],
    [100, 0, 0],
    undefined,
  ],
];

for (const [what, preemptor, pods, [cpu, mebi, count], expected] of table) {
  test(`victims of a critical pod – ${what} – ${expected ?? 'none'}`, () => {
    const amounts: [string, number][] = [
      ['cpu', cpu],
      ['memory', mebi * 2 ** 20],
      ['pods', count],
    ];
    const missing = new Map(amounts.filter(([, amount]) => amount > 0));
    const victims = victimsFor(preemptor, pods, missing)?.map(({ metadata }) => metadata.name);
    assert.equal(victims?.sort(order).join(' '), expected);
  });
}

function order(a: string, b: string): number {
  const names = every.map(({ metadata }) => metadata.name);
  return names.indexOf(a) - names.indexOf(b);
}
