import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyStrategicMergePatch } from '#wire/patch/strategic-merge.ts';
import { loadSchema } from './load-schema.ts';
import { mergeFacts } from './merge-facts.ts';

test("merge facts – of a Deployment – are the schema's merge keys", () => {
  const schema = loadSchema();
  const deployment = {
    metadata: { name: 'web', labels: { a: '1' }, finalizers: ['x'] },
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: {} },
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }], ports: [{ containerPort: 80 }] },
          ],
          tolerations: [{ key: 'a' }],
        },
      },
    },
  };
  const patch = {
    metadata: { labels: { b: '2' }, finalizers: ['y'] },
    spec: {
      strategy: { $retainKeys: ['type'], type: 'Recreate' },
      template: {
        spec: {
          containers: [{ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }] }],
          tolerations: [{ key: 'b' }],
        },
      },
    },
  };
  const type = schema.kind('apps', 'v1', 'Deployment')!.type;
  assert.deepEqual(applyStrategicMergePatch(deployment, patch, type, mergeFacts(schema)), {
    metadata: { name: 'web', labels: { a: '1', b: '2' }, finalizers: ['y', 'x'] },
    spec: {
      strategy: { type: 'Recreate' },
      template: {
        spec: {
          containers: [
            {
              name: 'a',
              image: 'a:2',
              env: [
                { name: 'Y', value: '2' },
                { name: 'X', value: '1' },
              ],
              ports: [{ containerPort: 80 }],
            },
          ],
          tolerations: [{ key: 'b' }],
        },
      },
    },
  });
});
