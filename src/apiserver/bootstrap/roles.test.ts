/** The default roles of RBAC. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { ClusterRole } from '#api/generated/types.gen.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { bootstrapObjects } from './objects.ts';

/** Of the ClusterRoles that kube-apiserver v1.36.3 creates: a line each with name, labels and rules, keys in order. */
const upstreamsHash = 'b5571fcd3fda209434d2279438a8b3d4a278b1002c54767ff1e031e77a802fa7';
/** Those of the cluster's add-ons. */
const ownRoles = ['system:coredns'];

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
}

test('the default ClusterRoles – compared with upstream’s – are the same, rule by rule', () => {
  const objects = bootstrapObjects({ advertiseAddress: '192.0.2.1', securePort: 1 });
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole') as ClusterRole[];
  const lines = roles
    .filter(({ metadata }) => !ownRoles.includes(metadata!.name!))
    .map(({ metadata, rules }) =>
      [metadata!.name, JSON.stringify(inOrder(metadata!.labels)), JSON.stringify(inOrder(rules ?? []))].join(
        ' ',
      ),
    )
    .sort();
  assert.equal(lines.length, 69);
  assert.equal(createHash('sha256').update(lines.join('\n')).digest('hex'), upstreamsHash);
});
