/** Init containers: one after the other, before any other container, and what their failure means. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { watchFromNow } from '../../shared/watching.ts';
import { becomesReady, getPod, holds, inPhase, podOf, statusOf } from '../running.ts';

function initPod(
  context: BehaviourContext,
  restartPolicy: 'Always' | 'Never',
  first: string,
  main: string[] | undefined,
): Pod {
  const initContainers = [
    { name: 'init1', image: images.busybox, command: [first] },
    { name: 'init2', image: images.busybox, command: ['true'] },
  ];
  return podOf(context, 'starting', main ? { command: main } : {}, { restartPolicy, initContainers });
}

function initialized({ status }: Pod): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Initialized')?.status;
}

function bothInitsEnded({ status }: Pod): void {
  const ends = status?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode);
  assert.deepEqual(ends, [0, 0]);
}

/** The app container waits, and has no ID yet. */
function mainNeverRan(pod: Pod): void {
  const { state, containerID, restartCount } = statusOf(pod);
  assert.equal(state?.waiting?.reason, 'PodInitializing');
  assert.equal(containerID ?? '', '');
  assert.equal(restartCount, 0);
}

export const initContainer: readonly Behaviour[] = [
  behaviour(
    '[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartNever pod [Conformance]',
    async (context) => {
      const watching = await watchFromNow(context, pods, { namespace: context.namespace });
      await context.client.create(pods, initPod(context, 'Never', 'true', ['true']));
      const ended = await inPhase(context, 'starting', 'Succeeded');
      bothInitsEnded(ended);
      assert.equal(initialized(ended), 'True');
      assert.equal(statusOf(ended).state?.terminated?.exitCode, 0);
      await watching.until('the end was reported', ({ object }) => object.status?.phase === 'Succeeded');
      assert.equal(initialized(watching.events.find(({ object }) => initialized(object))!.object), 'False');
    },
  ),
  behaviour(
    '[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartAlways pod [Conformance]',
    async (context) => {
      await context.client.create(pods, initPod(context, 'Always', 'true', undefined));
      const running = await becomesReady(context, 'starting');
      bothInitsEnded(running);
      assert.equal(initialized(running), 'True');
      assert.ok(statusOf(running).state?.running);
    },
  ),
  behaviour(
    '[sig-node] InitContainer [NodeConformance] should not start app containers if init containers fail on a RestartAlways pod [Conformance]',
    async (context) => {
      await context.client.create(pods, initPod(context, 'Always', 'false', undefined));
      const check = async () => {
        const found = await getPod(context, 'starting');
        assert.equal(found.status?.phase, 'Pending');
        assert.equal(initialized(found), 'False');
        mainNeverRan(found);
        const [first, second] = found.status?.initContainerStatuses ?? [];
        assert.ok(second?.state?.waiting);
        assert.ok((first?.restartCount ?? 0) >= 3, `init1 was restarted ${first?.restartCount} times`);
        return true;
      };
      await context.eventually('init1 fails again and again', check, 150_000);
    },
  ),
  behaviour(
    '[sig-node] InitContainer [NodeConformance] should not start app containers and fail the pod if init containers fail on a RestartNever pod [Conformance]',
    async (context) => {
      await context.client.create(pods, initPod(context, 'Never', 'false', undefined));
      const check = async () => {
        const ended = await inPhase(context, 'starting', 'Failed');
        assert.equal(initialized(ended), 'False');
        mainNeverRan(ended);
        const [first, second] = ended.status?.initContainerStatuses ?? [];
        assert.equal(first?.state?.terminated?.exitCode, 1);
        assert.equal(first?.restartCount, 0);
        assert.ok(second?.state?.waiting);
      };
      await check();
      await holds(context, 'the pod stays failed', 3_000, check);
    },
  ),
];
