/** Secrets: their life, and their values in a container's environment. */

import assert from 'node:assert/strict';
import { secrets } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { isGone, refusal } from '../../shared/workloads.ts';
import { podOf, runToEnd } from '../running.ts';
import { provesPrefixes } from './env-prefixes.ts';

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function create({ client, namespace }: BehaviourContext) {
  const data = { 'data-1': encoded('value-1'), data_2: encoded('value-2') };
  return client.create(secrets, { metadata: { name: 'values', namespace }, data });
}

export const secretsAsEnvironment: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Secrets should be consumable from pods in env vars [NodeConformance] [Conformance]',
    async (context) => {
      await create(context);
      const valueFrom = { secretKeyRef: { name: 'values', key: 'data-1' } };
      const pod = podOf(context, 'reader', { command: ['env'], env: [{ name: 'SECRET_DATA', valueFrom }] });
      assert.match(await runToEnd(context, pod), /^SECRET_DATA=value-1$/m);
    },
  ),
  behaviour(
    '[sig-node] Secrets should be consumable via the environment [NodeConformance] [Conformance]',
    async (context) => {
      await create(context);
      const secretRef = { name: 'values' };
      const envFrom = [{ secretRef }, { prefix: 'p_', secretRef }];
      const printed = await runToEnd(context, podOf(context, 'reader', { command: ['env'], envFrom }));
      for (const line of ['data-1=value-1', 'data_2=value-2', 'p_data-1=value-1', 'p_data_2=value-2']) {
        assert.ok(printed.split('\n').includes(line), `${line} is missing in ${printed}`);
      }
    },
  ),
  behaviour(
    '[sig-node] Secrets should be consumable as environment variable names variable names with various prefixes [Conformance]',
    async (context) => {
      await create(context);
      await provesPrefixes(context, { secretRef: { name: 'values' } }, 'data_2', 'value-2');
    },
  ),
  behaviour(
    '[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]',
    async ({ client, namespace }) => {
      const data = { '': encoded('value') };
      const made = client.create(secrets, { metadata: { name: 'empty', namespace }, data });
      assert.equal((await refusal(made)).code, 422);
    },
  ),
  behaviour('[sig-node] Secrets should patch a secret [Conformance]', async ({ client, namespace }) => {
    const key = { namespace, name: 'patched' };
    const labels = { testsecret: 'true' };
    await client.create(secrets, { metadata: { ...key, labels }, data: { key: encoded('value') } });
    const listed = async () =>
      (await client.list(secrets, { labelSelector: 'testsecret=true' })).items.filter(
        ({ metadata }) => metadata.namespace === namespace,
      );
    assert.equal((await listed()).length, 1);
    const patch = { metadata: { labels: { patched: 'yes' } }, data: { key: encoded('value1') } };
    await client.patch(secrets, key, 'strategic', patch);
    const read = await client.get(secrets, key);
    assert.equal(read.data?.['key'], encoded('value1'));
    assert.equal(read.metadata.labels?.['patched'], 'yes');
    await client.deleteCollection(secrets, { namespace, labelSelector: 'testsecret=true' });
    assert.ok(await isGone(client, secrets, key));
    assert.equal((await listed()).length, 0);
  }),
];
