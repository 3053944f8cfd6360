/** Generated names: those that are taken are drawn again, up to upstream's number of attempts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, jobs } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { type AdmissionPlugin, defineAdmission } from '#apiserver/contract/admission.ts';
import type { Client } from '#client/client.ts';
import { systemRandom } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
const drawn = (namespace = 'n') => ({ metadata: { generateName: 'a-', namespace } });
const named = (name: string) => ({ metadata: { name, namespace: 'n' } });

/** Draws `bbbbb`, `ccccc` and so on: a name has five characters that are drawn. */
function inOrder() {
  let draws = 0;
  return { random: { ...systemRandom, float: () => Math.floor(draws++ / 5) / 27 } };
}

/** Always draws `bbbbb`. */
const constant = { random: { ...systemRandom, float: () => 0 } };

/** Creates the object of each name that is about to be stored, for the first `times` names. */
function thief(times: number, client: () => Client): { plugin: AdmissionPlugin; stolen: string[] } {
  const stolen: string[] = [];
  const plugin = defineAdmission({
    name: 'Thief',
    rules: [{ operations: ['CREATE'], apiGroups: ['batch'], resources: ['jobs'] }],
    async validate({ object, isNameDrawn }) {
      if (!isNameDrawn || stolen.length === times) return;
      stolen.push(object!.metadata!.name!);
      await client().create(jobs, { ...named(object!.metadata!.name!), spec: { template } });
    },
  });
  return { plugin, stolen };
}

async function refusalOf(write: Promise<unknown>): Promise<StatusError> {
  const error = await write.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof StatusError, String(error));
  return error;
}

const notUnique = 'already exists, the server was not able to generate a unique name for the object';

test('a generated name – that objects have – is drawn again', async () => {
  await using api = await startTestServer({ env: inOrder() });
  for (const name of ['a-bbbbb', 'a-ccccc']) await api.client.create(configMaps, named(name));
  assert.equal((await api.client.create(configMaps, drawn())).metadata.name, 'a-ddddd');
});

test('a generated name – taken while its object is admitted – is drawn again for the object that was requested', async () => {
  const { plugin, stolen } = thief(7, () => api.client);
  await using api = await startTestServer({ env: inOrder(), admission: [plugin] });
  const job = await api.client.create(jobs, { ...drawn(), spec: { template } });
  assert.deepEqual([stolen[0], stolen.length], ['a-bbbbb', 7]);
  assert.equal(job.metadata.name, 'a-kkkkk');
  assert.equal(job.spec?.template?.metadata?.labels?.['job-name'], 'a-kkkkk');
  assert.equal(job.spec?.selector?.matchLabels?.['batch.kubernetes.io/controller-uid'], job.metadata.uid);
});

test('a generated name – taken eight times – is a 409 that asks to try again', async () => {
  const { plugin } = thief(8, () => api.client);
  await using api = await startTestServer({ env: inOrder(), admission: [plugin] });
  const { status } = await refusalOf(api.client.create(jobs, { ...drawn(), spec: { template } }));
  assert.equal(status.message, `jobs.batch "a-kkkkk" ${notUnique}`);
  assert.equal(status.code, 409);
  assert.equal(status.reason, 'AlreadyExists');
  assert.deepEqual(status.details, { group: 'batch', kind: 'jobs', name: 'a-kkkkk', retryAfterSeconds: 1 });
});

for (const dryRun of [false, true]) {
  test(`a generated name – the only one there is, dry run ${dryRun} – is a 409`, async () => {
    await using api = await startTestServer({ env: constant });
    await api.client.create(configMaps, drawn());
    const { message } = await refusalOf(api.client.create(configMaps, drawn(), { dryRun }));
    assert.equal(message, `configmaps "a-bbbbb" ${notUnique}`);
  });
}

test('a chosen name – beside a generateName, of a terminating object – is refused in the words of both', async () => {
  await using api = await startTestServer();
  const metadata = { name: 'held', namespace: 'n', generateName: 'a-', finalizers: ['a.io/b'] };
  await api.client.create(configMaps, { metadata });
  await api.client.delete(configMaps, { namespace: 'n', name: 'held' });
  const { message } = await refusalOf(api.client.create(configMaps, { metadata }));
  assert.equal(message, `object is being deleted: configmaps "held" ${notUnique}`);
});
