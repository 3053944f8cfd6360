import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import { readPullSecrets } from './pull-secrets.ts';

test('pull secrets – of which one is missing and one cannot be read – are those that are there', async () => {
  const imagePullSecrets = ['good', 'missing', 'broken'].map((name) => ({ name }));
  const objects = {
    async get(_type: unknown, namespace: string, name: string) {
      if (name === 'broken') throw new Error('no answer');
      return name === 'good' ? { metadata: { namespace, name } } : undefined;
    },
  } as unknown as ObjectSource;
  const { found, missing } = await readPullSecrets(objects, storedPod('p', { spec: { imagePullSecrets } }));
  assert.deepEqual(
    found.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`),
    ['default/good'],
  );
  assert.deepEqual(missing, ['missing', 'broken']);
});
