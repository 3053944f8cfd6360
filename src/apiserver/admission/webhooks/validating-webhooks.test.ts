import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { refusalOf, startHooks } from '#testing/server/hooks.ts';

test('a pod – that a webhook does not want – is refused with its words', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  await configure('validating', 'hook', { rules: [rule] });
  answer('/hook', () => ({
    allowed: false,
    status: { message: 'not that image', code: 403, reason: 'Forbidden' },
  }));
  const pod = {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };
  assert.equal(
    await refusalOf(api.client.create(pods, pod)),
    '403 Forbidden admission webhook "hook.example.com" denied the request: not that image',
  );
  assert.equal(asked().length, 1);
});
