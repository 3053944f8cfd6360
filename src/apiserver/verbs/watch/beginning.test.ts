import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { ResourceCache } from '../../cache/resource-cache.ts';
import { RequestSelectors } from '../../contract/request-selectors.ts';
import { selectionOf } from '../../storage/read/selection.ts';
import type { Target } from '../../storage/read/target.ts';
import { initialObjectsMax } from './beginning.ts';

test('what a watch begins with – of one namespace or one name – is not counted as the whole resource', () => {
  const cache = new ResourceCache('/registry/pods/', true, () => ({}), 0, silentLog);
  for (let i = 1; i <= 300; i++) {
    const [namespace, name] = [i <= 5 ? 'small' : 'large', `p${i}`];
    const bytes = Buffer.from(JSON.stringify({ metadata: { name, namespace } }));
    cache.apply(`/registry/pods/${namespace}/${name}`, bytes, i);
  }
  const most = (namespace: string, fieldSelector = '') => {
    const target = { namespace, storage: { cache } } as Target;
    const filter = selectionOf({ strategy: {} }, namespace, new RequestSelectors('', fieldSelector));
    return initialObjectsMax(target, filter);
  };
  assert.deepEqual(
    ['', 'small', 'large', 'none'].map((namespace) => most(namespace)),
    [300, 5, 295, 0],
  );
  assert.equal(most('large', 'metadata.name=p9'), 1);
  assert.equal(most('large', 'metadata.namespace=large,metadata.name=p9'), 1);
  assert.equal(most('large', 'metadata.name!=p9'), 295);
  assert.equal(most('', 'metadata.name=p9'), 300);
});
