/** DynamicResources: pods with claims are rejected with a clear reason; the others pass it by. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod, seeded } from '#testing/scheduling/objects.ts';
import { clusterOf, rejectionsOf } from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { dynamicResources } from './dynamic-resources.ts';

const claiming = { spec: { resourceClaims: [{ name: 'gpu' }] } };
const nodes = [{ name: 'a' }];
const failed = {
  rejections: new Map(),
  filterings: [],
  fits: () => undefined,
  hasPrepared: () => true,
  random: seeded(1),
};

test('filter – no claims – is skipped', () => {
  assert.equal(rejectionsOf(dynamicResources, {}, { nodes }), 'skipped');
});

test('filter – a claim – rejects every node', () => {
  const reason = 'resource claims are not supported by this scheduler';
  const expected = new Rejection('DynamicResources', [reason], true);
  assert.deepEqual(rejectionsOf(dynamicResources, claiming, { nodes }), expected);
});

test('postFilter – no claims – has none to deallocate', () => {
  const { view } = clusterOf({ nodes });
  const result = dynamicResources.postFilter?.(makePod({}), view, failed);
  assert.deepEqual(result, { message: 'no new claims to deallocate' });
  assert.equal(dynamicResources.postFilter?.(makePod(claiming), view, failed), undefined);
});

test('postFilter – another plugin rejected the pod before this one prepared for it – fails', () => {
  const { view } = clusterOf({ nodes });
  const unprepared = { ...failed, hasPrepared: () => false };
  const result = dynamicResources.postFilter?.(makePod({}), view, unprepared);
  assert.deepEqual(result, { message: 'not found', isError: true });
});
