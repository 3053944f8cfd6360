import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DaemonSet, DaemonSetSpec, Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { changedName } from '#testing/controllers/changed-name.ts';
import { podTemplate } from '#testing/objects/workloads.ts';
import { storedMetadata, storedNode, storedPod } from '#testing/objects.ts';
import { decideDaemonSet } from './decide.ts';
import { nodeOfPod, podOfDaemonSet } from './pod.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => rfc3339(nowMs - seconds * 1000);

function daemonSet(spec: Partial<DaemonSetSpec> = {}): Stored<DaemonSet> {
  return {
    metadata: storedMetadata('ds', { namespace: 'default', generation: 3 }),
    spec: {
      selector: { matchLabels: { app: 'ds' } },
      template: podTemplate('ds'),
      ...spec,
    },
  };
}

interface Traits {
  hash?: string;
  phase?: string;
  ready?: boolean;
  age?: number;
  deleting?: boolean;
}

function pod(name: string, node: string, traits: Traits = {}): Stored<Pod> {
  const { hash = 'new', phase = 'Running', ready = true, age = 100, deleting } = traits;
  return storedPod(name, {
    metadata: {
      creationTimestamp: ago(age),
      labels: { app: 'ds', 'controller-revision-hash': hash },
      ...(deleting ? { deletionTimestamp: ago(1) } : {}),
    },
    node,
    phase,
    ...(ready ? { ready: ago(50) } : {}),
  });
}

const nodes = (...names: string[]): Stored<Node>[] => names.map((name) => storedNode(name));

function decide(set: Stored<DaemonSet>, on: Stored<Node>[], pods: Stored<Pod>[], mayChange = true) {
  const waitMs = (node: string) => (node === 'refusing' ? 7_000 : 0);
  return decideDaemonSet({ set, nodes: on, pods, hash: 'new', mayChange, nowMs, waitMs });
}

/** `+node` for a creation, `-pod` for a removal. */
function changes({ actions }: Plan): string[] {
  const together = actions.find((action) => action.do === 'together');
  if (together?.do !== 'together') return [];
  return together.actions
    .map((action) =>
      action.do === 'create' ? `+${nodeOfPod(action.object as Pod)}` : `-${changedName(action)}`,
    )
    .sort();
}

function statusOf({ actions }: Plan) {
  const update = actions.find((action): action is Extract<Action, { do: 'updateStatus' }> => {
    return action.do === 'updateStatus';
  });
  return (update?.object as DaemonSet | undefined)?.status;
}

describe('a node – what is there – missing pods are created, doubles and ended ones deleted', () => {
  const cases: [string, Stored<Pod>[], string[]][] = [
    ['nothing there', [], ['+n1']],
    ['one is there', [pod('a', 'n1')], []],
    ['one is on its way out', [pod('a', 'n1', { deleting: true })], []],
    ['one has ended and is on its way out', [pod('a', 'n1', { phase: 'Failed', deleting: true })], ['+n1']],
    ['two', [pod('young', 'n1', { age: 10 }), pod('old', 'n1')], ['-young']],
    ['failed', [pod('a', 'n1', { phase: 'Failed' })], ['-a']],
    ['succeeded', [pod('a', 'n1', { phase: 'Succeeded' })], ['-a']],
    ['failed beside a running one', [pod('a', 'n1', { phase: 'Failed' }), pod('b', 'n1')], ['-a']],
  ];
  for (const [name, pods, expected] of cases) {
    test(name, () => {
      assert.deepEqual(changes(decide(daemonSet(), nodes('n1'), pods)), expected);
    });
  }
});

test('a node – it fails its pods over and over – the next replacement waits', () => {
  const plan = decide(daemonSet(), nodes('refusing'), [pod('a', 'refusing', { phase: 'Failed' })]);
  assert.deepEqual(changes(plan), []);
  assert.equal(plan.againInMs, 7_000);
});

describe('a rolling update – idle pods are replaced at once, the others as maxUnavailable allows', () => {
  const three = nodes('n1', 'n2', 'n3');
  const old = { hash: 'old' };
  const idle = { hash: 'old', ready: false };
  const cases: [string, number | string, Stored<Pod>[], string[]][] = [
    ['one by one', 1, [pod('a', 'n1', old), pod('b', 'n2', old), pod('c', 'n3', old)], ['-a']],
    ['in percent', '50%', [pod('a', 'n1', old), pod('b', 'n2', old), pod('c', 'n3', old)], ['-a', '-b']],
    [
      'a new one does not serve',
      1,
      [pod('a', 'n1', { ready: false }), pod('b', 'n2', old), pod('c', 'n3', old)],
      [],
    ],
    [
      'an old one leaves',
      1,
      [pod('a', 'n1', { ...old, deleting: true }), pod('b', 'n2', old), pod('c', 'n3')],
      [],
    ],
    [
      'old ones do not serve',
      1,
      [pod('a', 'n1', idle), pod('b', 'n2', idle), pod('c', 'n3', old)],
      ['-a', '-b', '-c'],
    ],
    ['no limit given is one', 0, [pod('a', 'n1', old), pod('b', 'n2', old), pod('c', 'n3')], ['-a']],
  ];
  for (const [name, maxUnavailable, pods, expected] of cases) {
    test(name, () => {
      const set = daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } });
      assert.deepEqual(changes(decide(set, three, pods)), expected);
    });
  }
  test('OnDelete – nothing', () => {
    const byHand = daemonSet({ updateStrategy: { type: 'OnDelete' } });
    assert.deepEqual(changes(decide(byHand, nodes('n1'), [pod('a', 'n1', old)])), []);
  });
});

describe('a rolling update with surge – the new pod is created first, the old one deleted when the new one serves', () => {
  const surging = { maxSurge: 1, maxUnavailable: 0 };
  const set = daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: surging } });
  const old = { hash: 'old' };
  const cases: [string, Stored<Pod>[], string[]][] = [
    ['one more at a time', [pod('a', 'n1', old), pod('b', 'n2', old)], ['+n1']],
    [
      'it does not serve yet',
      [pod('a', 'n1', old), pod('x', 'n1', { ready: false }), pod('b', 'n2', old)],
      [],
    ],
    ['it serves', [pod('a', 'n1', old), pod('x', 'n1'), pod('b', 'n2', old)], ['-a']],
    [
      'beside one that does not serve',
      [pod('a', 'n1', { hash: 'old', ready: false }), pod('b', 'n2', old)],
      ['+n1', '+n2'],
    ],
  ];
  for (const [name, pods, expected] of cases) {
    test(name, () => {
      assert.deepEqual(changes(decide(set, nodes('n1', 'n2'), pods)), expected);
    });
  }
});

test('the status – the oldest pod of each node counts, and the generation only when the view is current', () => {
  const pods = [pod('old', 'n1', { hash: 'old', ready: false }), pod('new', 'n1', { age: 5 })];
  assert.deepEqual(statusOf(decide(daemonSet(), nodes('n1', 'n2'), pods)), {
    currentNumberScheduled: 1,
    desiredNumberScheduled: 2,
    numberMisscheduled: 0,
    numberReady: 0,
    numberUnavailable: 2,
    observedGeneration: 3,
  });
  const waiting = statusOf(decide(daemonSet(), nodes('n1'), pods, false));
  assert.equal(waiting?.observedGeneration, undefined);
});

test('the pod – bound to its node alone – it tolerates without limit what the template tolerates for a time', () => {
  const notReady = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' };
  const set = daemonSet();
  set.metadata.annotations = { 'deprecated.daemonset.template.generation': '2' };
  const spec = set.spec!.template.spec!;
  spec.tolerations = [{ ...notReady, tolerationSeconds: 5 }];
  const term = { matchExpressions: [{ key: 'disk', operator: 'Exists' }] };
  const required = { nodeSelectorTerms: [term] };
  spec.affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  const made = podOfDaemonSet(set, 'n1', 'new');
  assert.deepEqual(made.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
  });
  assert.deepEqual(made.spec?.tolerations?.[0], notReady);
  assert.equal(made.spec?.tolerations?.length, 6);
  assert.equal(made.metadata?.labels?.['pod-template-generation'], '2');
});
