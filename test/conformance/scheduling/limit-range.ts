/** LimitRanges: what they add to pods and which pods they refuse, and their life as objects. */

import assert from 'node:assert/strict';
import { limitRanges, namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { LimitRangeItem, ResourceRequirements } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { podOf } from '../common/running.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone, refusal } from '../shared/workloads.ts';

const amounts = (cpu: string, memory: string, storage: string) => ({
  cpu,
  memory,
  'ephemeral-storage': storage,
});

const limits: LimitRangeItem = {
  type: 'Container',
  min: amounts('50m', '100Mi', '100Gi'),
  max: amounts('500m', '500Mi', '500Gi'),
  default: amounts('500m', '500Mi', '500Gi'),
  defaultRequest: amounts('100m', '200Mi', '200Gi'),
};
const lowerMin = amounts('9m', '49Mi', '49Gi');
const tooLittle = { requests: amounts('10m', '50Mi', '50Gi') };
const more = amounts('600m', '600Mi', '600Gi');
const tooMuch = { requests: more, limits: more };

async function createPod(
  context: BehaviourContext,
  name: string,
  resources: ResourceRequirements,
): Promise<ResourceRequirements | undefined> {
  const { spec } = await context.client.create(pods, podOf(context, name, { resources }));
  return spec?.containers[0]?.resources;
}

async function isRefused(context: BehaviourContext, resources: ResourceRequirements): Promise<void> {
  assert.equal((await refusal(createPod(context, 'refused', resources))).code, 403);
}

async function appliesDefaults(context: BehaviourContext): Promise<void> {
  const { client, namespace, eventually } = context;
  const key = { namespace, name: 'limit-range' };
  const watching = await watchFromNow(context, limitRanges, { namespace });
  await client.create(limitRanges, { metadata: key, spec: { limits: [limits] } });
  await watching.until('it was made', ({ type }) => type === 'ADDED');
  assert.deepEqual((await client.get(limitRanges, key)).spec?.limits, [limits]);

  const defaults = { limits: limits.default, requests: limits.defaultRequest };
  let tries = 0;
  await eventually('pods get the defaults', async () => {
    assert.deepEqual(await createPod(context, `pod-no-resources-${tries++}`, {}), defaults);
    return true;
  });
  // What has a limit and no request requests its limit, whatever the default request is.
  const partial = {
    requests: { memory: '150Mi', 'ephemeral-storage': '150Gi' },
    limits: { cpu: '300m' },
  };
  assert.deepEqual(await createPod(context, 'pod-partial-resources', partial), {
    requests: amounts('300m', '150Mi', '150Gi'),
    limits: amounts('300m', '500Mi', '500Gi'),
  });
  await isRefused(context, tooLittle);
  await isRefused(context, tooMuch);

  await change(client, limitRanges, key, ({ spec }) => {
    spec!.limits![0]!.min = lowerMin;
  });
  await eventually('less is enough', () => createPod(context, 'pod-little', tooLittle));
  await isRefused(context, tooMuch);
  await client.delete(limitRanges, key);
  await eventually('it is gone', () => isGone(client, limitRanges, key));
  await eventually('more is not too much', () => createPod(context, 'pod-much', tooMuch));
}

async function listsAndCollects(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const other = `${namespace}-other`;
  context.after(() => client.delete(namespaces, { name: other }));
  await client.create(namespaces, { metadata: { name: other } });
  const labels = { 'e2e-test': namespace, state: 'created' };
  for (const each of [namespace, other]) {
    await client.create(limitRanges, {
      metadata: { name: 'limits', namespace: each, labels },
      spec: { limits: [limits] },
    });
  }
  const everywhere = async () => {
    const { items } = await client.list(limitRanges, { labelSelector: `e2e-test=${namespace}` });
    return items.map(({ metadata }) => metadata.namespace).sort();
  };
  assert.deepEqual(await everywhere(), [namespace, other]);
  const patched = await client.patch(limitRanges, { namespace, name: 'limits' }, 'strategic', {
    metadata: { labels: { state: 'patched' } },
    spec: { limits: [{ ...limits, min: lowerMin }] },
  });
  assert.equal(patched.metadata.labels?.['state'], 'patched');
  assert.deepEqual(patched.spec?.limits, [{ ...limits, min: lowerMin }]);
  await client.deleteCollection(limitRanges, { namespace, labelSelector: 'state=patched' });
  await context.eventually('one is left', async () => {
    assert.deepEqual(await everywhere(), [other]);
    return true;
  });
}

const prefix = '[sig-scheduling] LimitRange should';

export const limitRange: readonly Behaviour[] = [
  behaviour(
    `${prefix} create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]`,
    appliesDefaults,
  ),
  behaviour(`${prefix} list, patch and delete a LimitRange by collection [Conformance]`, listsAndCollects),
];
