import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceQuota } from '#api/generated/types.gen.ts';
import { FreedUsage } from './freed-usage.ts';

const quota = (pods: string): ResourceQuota => ({ status: { hard: { pods: '9' }, used: { pods } } });
const shown = (freed: FreedUsage) =>
  Object.fromEntries([...freed.of('q')].map(([name, amount]) => [name, amount.toString()]));

test('objects that end or use less – their usage is freed, until the status holds less', () => {
  const freed = new FreedUsage();
  freed.add('q', { pods: '1', 'requests.cpu': '500m' }, {});
  freed.add('q', { pods: '1', 'requests.cpu': '500m' }, { pods: '1', 'requests.cpu': '200m' });
  assert.deepEqual(shown(freed), { pods: '1', 'requests.cpu': '800m' });
  freed.given('q', quota('5'), quota('4'));
  assert.deepEqual(shown(freed), { 'requests.cpu': '800m' });
});

test('an object that uses more, a status that is raised – free nothing', () => {
  const freed = new FreedUsage();
  freed.add('q', { pods: '1' }, { pods: '2' });
  freed.given('q', quota('4'), quota('5'));
  assert.deepEqual(shown(freed), {});
});

test('a quota that is deleted – is forgotten', () => {
  const freed = new FreedUsage();
  freed.add('q', { pods: '1' }, {});
  freed.forget('q');
  assert.deepEqual(shown(freed), {});
});
