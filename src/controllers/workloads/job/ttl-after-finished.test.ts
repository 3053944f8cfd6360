import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '#api/generated/kinds.gen.ts';
import type { Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedJob } from '#testing/objects/workloads.ts';
import { longAgo } from '#testing/objects.ts';
import { ttlAfterFinished } from './ttl-after-finished.ts';

function job(ttlSecondsAfterFinished: number | undefined, endedAt?: string, more: object = {}): Stored<Job> {
  const ttl = ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished };
  const end = { type: 'Complete', status: 'True', lastTransitionTime: endedAt ?? '' };
  return storedJob('j', { metadata: more, spec: ttl, status: { conditions: endedAt ? [end] : [] } });
}

const deletion = ['delete Job default/j in the foreground'];
const rows: [string, Stored<Job>, string[]][] = [
  ['without a time to live', job(undefined, longAgo), []],
  ['that runs', job(60), []],
  ['that ended just now', job(60, '2026-01-01T12:00:00Z'), ['again after 60000 ms']],
  ['that ended long ago', job(60, longAgo), deletion],
  ['to be gone at once', job(0, '2026-01-01T12:00:00Z'), deletion],
  ['that is being deleted', job(0, longAgo, { deletionTimestamp: longAgo }), []],
];
for (const [name, object, expected] of rows) {
  test(`a job ${name} – ${expected[0] ?? 'nothing'}`, async () => {
    const controller = new DryController(ttlAfterFinished).put(jobs, object);
    assert.deepEqual(await controller.printed('default/j'), expected);
  });
}

test('a job without a time to live – it wakes nothing', () => {
  const controller = new DryController(ttlAfterFinished).put(jobs, job(undefined));
  assert.deepEqual(controller.woken(), []);
  controller.put(jobs, job(60));
  assert.deepEqual(controller.woken(), ['default/j']);
});

test('a job that is changed meanwhile – it is deleted only as it was seen', async () => {
  const controller = new DryController(ttlAfterFinished).put(jobs, job(0, longAgo));
  const [step] = (await controller.plan('default/j')).actions;
  assert.deepEqual(step?.do === 'delete' && step.options?.preconditions, { uid: 'j', resourceVersion: '1' });
});
