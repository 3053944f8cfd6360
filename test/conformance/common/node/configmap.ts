/** ConfigMaps: their life, and their values in a container's environment. */

import assert from 'node:assert/strict';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { change, isGone, refusal } from '../../shared/workloads.ts';
import { podOf, runToEnd, shell } from '../running.ts';
import { provesPrefixes } from './env-prefixes.ts';

const data = { 'data-1': 'value-1', data_2: 'value-2' };

function create({ client, namespace }: BehaviourContext, name: string) {
  return client.create(configMaps, { metadata: { name, namespace }, data });
}

export const configmap: readonly Behaviour[] = [
  behaviour(
    '[sig-node] ConfigMap should be consumable via environment variable [NodeConformance] [Conformance]',
    async (context) => {
      await create(context, 'values');
      const valueFrom = { configMapKeyRef: { name: 'values', key: 'data-1' } };
      const pod = podOf(context, 'reader', { command: ['env'], env: [{ name: 'CONFIG_DATA_1', valueFrom }] });
      assert.match(await runToEnd(context, pod), /^CONFIG_DATA_1=value-1$/m);
    },
  ),
  behaviour(
    '[sig-node] ConfigMap should be consumable via the environment [NodeConformance] [Conformance]',
    async (context) => {
      await create(context, 'values');
      const configMapRef = { name: 'values' };
      const envFrom = [{ configMapRef }, { prefix: 'p_', configMapRef }];
      const printed = await runToEnd(context, podOf(context, 'reader', { command: ['env'], envFrom }));
      for (const line of ['data-1=value-1', 'data_2=value-2', 'p_data-1=value-1', 'p_data_2=value-2']) {
        assert.ok(printed.split('\n').includes(line), `${line} is missing in ${printed}`);
      }
    },
  ),
  behaviour(
    '[sig-node] ConfigMap should be consumable as environment variable names with various prefixes [Conformance]',
    async (context) => {
      await create(context, 'values');
      await provesPrefixes(context, { configMapRef: { name: 'values' } }, 'data_2', 'value-2');
    },
  ),
  behaviour(
    '[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const made = client.create(configMaps, {
        metadata: { name: 'empty', namespace },
        data: { '': 'value' },
      });
      assert.equal((await refusal(made)).code, 422);
    },
  ),
  behaviour(
    '[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]',
    async ({ client, namespace }) => {
      const labels = { 'test-configmap-static': 'true' };
      const key = { namespace, name: 'living' };
      await client.create(configMaps, { metadata: { ...key, labels }, data: { valueName: 'value' } });
      const patch = { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } };
      await client.patch(configMaps, key, 'strategic', patch);
      const read = await client.get(configMaps, key);
      assert.equal(read.data?.['valueName'], 'value1');
      assert.equal(read.metadata.labels?.['test-configmap'], 'patched');
      const labelSelector = 'test-configmap-static=true';
      const { items } = await client.list(configMaps, { labelSelector });
      const found = items.find(({ metadata }) => metadata.namespace === namespace);
      assert.equal(found?.metadata.name, 'living');
      assert.equal(found?.data?.['valueName'], 'value1');
      await client.deleteCollection(configMaps, { namespace, labelSelector });
      assert.ok(await isGone(client, configMaps, key));
    },
  ),
  behaviour(
    '[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      await create(context, 'changing');
      const key = { namespace, name: 'changing' };
      await change(client, configMaps, key, (object) => {
        object.data = { ...object.data, data_3: 'value-3' };
      });
      assert.deepEqual((await client.get(configMaps, key)).data, { ...data, data_3: 'value-3' });
      const pod = podOf(context, 'reader', {
        command: shell('echo "$data_3"'),
        envFrom: [{ configMapRef: { name: 'changing' } }],
      });
      assert.equal(await runToEnd(context, pod), 'value-3\n');
    },
  ),
];
