import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ResourceHints } from '../../topology/hint.ts';
import { maskOf, nodesOf } from '../../topology/numa-mask.ts';
import { containerHints, podHints } from './hints.ts';
import { type Block, type MemoryState, releaseContainer } from './state.ts';
import { assignContainer, freeState } from './static-policy.ts';

type HintRows = Record<string, { nodes: number[]; preferred: boolean }[]>;

/** A pod that is assigned its memory, or, without containers, ends. */
interface Step {
  readonly pod: string;
  readonly containers?: { name: string; kind: 'init' | 'sidecar' | 'app'; amounts: Record<string, number> }[];
  readonly affinity?: { nodes: number[]; preferred: boolean };
  /** For each container until the first that fails. */
  readonly hints?: (HintRows | null)[];
  readonly podHints?: HintRows | null;
  readonly error?: string;
  readonly machine: MemoryState['machine'];
  readonly blocks: MemoryState['blocks'];
}

interface Row {
  readonly nodes: Record<string, number>[];
  readonly reserved: Record<string, number>[];
  readonly steps: Step[];
}

function containersOf(step: Step): Container[] {
  return (step.containers ?? []).map(({ name, kind, amounts }) => {
    const texts = Object.entries(amounts).map(([resource, bytes]) => [resource, String(bytes)]);
    const all = { cpu: '1', ...Object.fromEntries(texts) };
    return {
      name,
      resources: { requests: all, limits: all },
      ...(kind === 'sidecar' ? { restartPolicy: 'Always' } : {}),
    };
  });
}

function podOf(step: Step): NodePod {
  const isApp = (i: number) => step.containers?.[i]?.kind === 'app';
  const all = containersOf(step);
  const containers = all.filter((_, i) => isApp(i));
  const initContainers = all.filter((_, i) => !isApp(i));
  return storedPod(step.pod, { spec: { initContainers, containers } });
}

const sorted = (blocks: MemoryState['blocks']) =>
  Object.fromEntries(
    Object.entries(blocks).map(([uid, containers]) => [
      uid,
      Object.fromEntries(Object.entries(containers).map(([name, list]) => [name, list.toSorted(byType)])),
    ]),
  );
const byType = (a: Block, b: Block) => (a.type < b.type ? -1 : 1);
const rowsOf = (hints: ResourceHints): HintRows =>
  Object.fromEntries(
    Array.from(hints, ([resource, list]) => [
      resource,
      (list ?? []).map(({ nodes, isPreferred }) => ({ nodes: nodesOf(nodes ?? 0n), preferred: isPreferred })),
    ]),
  );

function run(before: MemoryState, step: Step): MemoryState {
  if (!step.containers) {
    const names = Object.keys(before.blocks[step.pod] ?? {});
    return names.reduce((state, name) => releaseContainer(state, step.pod, name), before);
  }
  const pod = podOf(step);
  assert.deepEqual(rowsOf(podHints(before, pod)), step.podHints ?? {});
  const { affinity } = step;
  const nodes = affinity && maskOf(affinity.nodes);
  const hint = { nodes, isPreferred: affinity?.preferred ?? true };
  let state = before;
  for (const [i, hints] of (step.hints ?? []).entries()) {
    const container = containersOf(step)[i]!;
    assert.deepEqual(rowsOf(containerHints(state, pod, container)), hints ?? {});
    const isLast = i === step.hints!.length - 1;
    if (step.error && isLast) {
      assert.throws(() => assignContainer(state, pod, container, hint), { message: step.error });
    } else {
      state = assignContainer(state, pod, container, hint);
    }
  }
  return state;
}

for (const [i, { nodes, reserved, steps }] of upstreamTable<Row>('memory-manager.jsonl').entries()) {
  test(`memory of ${nodes.length} NUMA nodes – row ${i + 1}: ${steps.length} pods that come and end – is assigned as by upstream`, () => {
    let state = freeState(new Map(nodes.entries()), new Map(reserved.entries()));
    for (const step of steps) {
      state = run(state, step);
      assert.deepEqual(state.machine, step.machine);
      assert.deepEqual(sorted(state.blocks), sorted(step.blocks));
    }
  });
}

test('memory – of pods that are not Guaranteed, or have resources of their own – is not assigned', () => {
  const state = freeState(new Map([[0, { memory: 100 }]]), new Map());
  const burstable = storedPod('p', {
    spec: { containers: [{ name: 'a', resources: { requests: { memory: '10' } } }] },
  });
  assert.equal(assignContainer(state, burstable, burstable.spec.containers[0]!), state);
  assert.equal(containerHints(state, burstable, burstable.spec.containers[0]!).size, 0);
});
