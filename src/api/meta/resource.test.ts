import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterRoles, pods } from '../generated/kinds.gen.ts';
import { resourcePath } from './resource.ts';

test('resourcePath – any name – is the path of its object', () => {
  const path = resourcePath(pods, { namespace: 'a', name: 'b', subresource: 'status' });
  assert.equal(path, '/api/v1/namespaces/a/pods/b/status');
  const role = resourcePath(clusterRoles, { name: 'system:a b?#é' });
  assert.equal(role, '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%20b%3F%23%C3%A9');
});

describe('resourcePath – a name that would lead to another object – throws', () => {
  for (const name of ['a/b', '..', '.', '../secrets/x', 'a%2Fb']) {
    test(name, () => {
      assert.throws(
        () => resourcePath(pods, { namespace: 'a', name }),
        /^Error: invalid resource name ".*": \[may not/,
      );
    });
  }
  test('a namespace', () => {
    assert.throws(
      () => resourcePath(pods, { namespace: 'a/b' }),
      /invalid namespace "a\/b": \[may not contain '\/'\]/,
    );
  });
});
