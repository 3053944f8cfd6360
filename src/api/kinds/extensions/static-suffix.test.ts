import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warnOfStaticSuffix } from './static-suffix.ts';

test('a policy or a webhook configuration – with a name for what is read from files – is warned of', () => {
  const name = 'x.static.k8s.io';
  const text =
    'metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API';
  assert.deepEqual(warnOfStaticSuffix({ metadata: { name } }), [text]);
  assert.deepEqual(warnOfStaticSuffix({ metadata: { name: 'static.k8s.io' } }), []);
});
