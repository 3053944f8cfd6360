/** Defaults that upstream adds when it reads a stored object: they come after the validation of a new one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } };

test('a Job – without labels – has those of its template when it is created, in a dry run too', async () => {
  await using api = await startTestServer();
  const dry = await api.client.create(
    jobs,
    { metadata: { name: 'a', namespace: 'n' }, spec },
    { dryRun: true },
  );
  const made = await api.client.create(jobs, { metadata: { name: 'a', namespace: 'n' }, spec });
  for (const job of [dry, made]) {
    assert.equal(job.metadata?.labels?.['job-name'], 'a');
    assert.deepEqual(job.metadata?.labels, job.spec?.template?.metadata?.labels);
  }
});

test('a Job – whose name is no label value – is refused for the labels of its template, not for its own', async () => {
  await using api = await startTestServer();
  const name = 'a'.repeat(64);
  await assert.rejects(
    api.client.create(jobs, { metadata: { name, namespace: 'n' }, spec }),
    ({ message }) => {
      assert.match(message, /spec\.template\.labels: Invalid value/);
      assert.doesNotMatch(message, /metadata\.labels: Invalid value/);
      return true;
    },
  );
});

test('a Job – without labels, its template with some – has all that its template gets, and owns those that were sent', async () => {
  await using api = await startTestServer();
  const template = { ...spec.template, metadata: { labels: { app: 'a' } } };
  const { metadata } = await api.client.create(jobs, {
    metadata: { name: 'a', namespace: 'n' },
    spec: { template },
  });
  const ofJob = [
    'batch.kubernetes.io/controller-uid',
    'batch.kubernetes.io/job-name',
    'controller-uid',
    'job-name',
  ];
  assert.deepEqual(Object.keys(metadata?.labels ?? {}).sort(), ['app', ...ofJob]);
  const owned = metadata?.managedFields?.[0]?.fieldsV1 as { 'f:metadata'?: unknown };
  assert.deepEqual(owned['f:metadata'], { 'f:labels': { '.': {}, 'f:app': {} } });
});
