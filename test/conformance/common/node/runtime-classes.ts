/** RuntimeClasses: a pod that names one gets its overhead; one that names none that exists is refused. */

import assert from 'node:assert/strict';
import { pods, runtimeClasses } from '#api/generated/kinds.gen.ts';
import type { Overhead } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { livesAsObject } from '../../shared/object-life.ts';
import { refusal } from '../../shared/workloads.ts';
import { getPod, podOf } from '../running.ts';

async function createClass(context: BehaviourContext, overhead?: Overhead): Promise<string> {
  const { client, namespace } = context;
  const name = `class-of-${namespace}`;
  await client.create(runtimeClasses, {
    metadata: { name },
    handler: 'runc',
    ...(overhead ? { overhead } : {}),
  });
  context.after(() => client.delete(runtimeClasses, { name }));
  return name;
}

async function isScheduled(context: BehaviourContext, podFixed?: Record<string, string>): Promise<void> {
  const runtimeClassName = await createClass(context, podFixed ? { podFixed } : undefined);
  const made = await context.client.create(pods, podOf(context, 'classed', {}, { runtimeClassName }));
  assert.deepEqual(made.spec?.overhead, podFixed);
  await context.eventually('it has a node', async () =>
    Boolean((await getPod(context, 'classed')).spec?.nodeName),
  );
}

/** Nothing is stored, so the request can be sent again. */
async function isRefused(context: BehaviourContext, runtimeClassName: string): Promise<void> {
  const pod = podOf(context, 'classed', {}, { runtimeClassName });
  const made = context.client.create(pods, pod, { dryRun: true });
  assert.equal((await refusal(made)).code, 403);
}

const prefix = '[sig-node] RuntimeClass should';

export const runtimeclass: readonly Behaviour[] = [
  behaviour(
    `${prefix} schedule a Pod requesting a RuntimeClass and initialize its Overhead [NodeConformance] [Conformance]`,
    (context) => isScheduled(context, { cpu: '10m', memory: '1Mi' }),
  ),
  behaviour(
    `${prefix} schedule a Pod requesting a RuntimeClass without PodOverhead [NodeConformance] [Conformance]`,
    (context) => isScheduled(context),
  ),
  behaviour(
    `${prefix} reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]`,
    (context) => isRefused(context, 'nonexistent'),
  ),
  behaviour(
    `${prefix} reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]`,
    async (context) => {
      const name = await createClass(context);
      await context.client.delete(runtimeClasses, { name });
      await context.eventually('the deletion is known', () => isRefused(context, name).then(() => true));
    },
  ),
  behaviour(`${prefix} support RuntimeClasses API operations [Conformance]`, (context) =>
    livesAsObject(context, runtimeClasses, { body: (index) => ({ handler: `handler-${index}` }) }),
  ),
];
