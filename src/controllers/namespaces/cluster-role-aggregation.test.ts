import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRoles } from '#api/generated/kinds.gen.ts';
import type { ClusterRole } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { aggregate, clusterRoleAggregation } from './cluster-role-aggregation.ts';

const role = (name: string, more: Partial<ClusterRole> = {}, labels: Record<string, string> = {}) =>
  ({ ...more, metadata: { name, labels } }) as Stored<ClusterRole>;
const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
const jobs = { verbs: ['get'], apiGroups: ['batch'], resources: ['jobs'] };

test('an aggregated role – roles that it selects – it has their rules, each once, and is then left alone', () => {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { view: 'true' } }] };
  const parts = [
    role('b', { rules: [jobs, pods] }, { view: 'true' }),
    role('a', { rules: [pods] }, { view: 'true' }),
    role('c', { rules: [{ ...pods, verbs: ['delete'] }] }),
  ];
  const [action] = aggregate(role('view', { aggregationRule }), parts);
  assert(action?.do === 'update');
  assert.deepEqual((action.object as ClusterRole).rules, [pods, jobs]);
  assert.deepEqual(aggregate(role('view', { aggregationRule, rules: [pods, jobs] }), parts), []);
  assert.deepEqual(aggregate(role('plain', { rules: [] }), parts), []);
});

test('any role that changes – all aggregated ones are looked at', () => {
  const controller = new DryController(clusterRoleAggregation);
  controller.put(clusterRoles, role('plain'), role('view', { aggregationRule: {} }));
  assert.deepEqual(controller.woken(), ['view']);
  controller.remove(clusterRoles, role('plain'));
  assert.deepEqual(controller.woken(), ['view']);
});
