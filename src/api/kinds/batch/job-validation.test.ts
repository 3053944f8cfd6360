import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, changeMessagesOf, created } from '#testing/kind-cases.ts';

const kind = ['batch', 'jobs'] as const;
const job = created(...kind, {
  metadata: { name: 'j', namespace: 'default', uid: 'u1' },
  spec: {
    suspend: true,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }],
        initContainers: [{ name: 'd', image: 'i' }],
      },
    },
  },
});
const template = 'spec.template.spec';
const more = { requests: { cpu: '2', memory: '64Mi' }, limits: { cpu: '3' } };
const containersOf = (resources: object, over: object = {}) => {
  const [before] = (job['spec'] as { template: { spec: { containers: object[] } } }).template.spec.containers;
  return { [`${template}.containers`]: [{ ...before, resources, ...over }] };
};
const node = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] };
const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: node } };
const scheduling = {
  [`${template}.nodeSelector`]: { a: 'b' },
  [`${template}.affinity`]: affinity,
  [`${template}.tolerations`]: [{ key: 'a', operator: 'Exists' }],
  'spec.template.metadata.annotations': { a: 'b' },
};
const startTime = '2026-01-01T00:00:00Z';
const condition = (status: string) => [{ type: 'Suspended', status }];

/** The fields with errors. */
function refused(before: Record<string, unknown>, changes: Record<string, unknown>): string[] {
  const old = changed(job, before);
  return changeMessagesOf(...kind, changed(old, changes), old).map((message) => message.split(': ')[0]!);
}

test('the template of a suspended job – resources and scheduling – may be changed, also while it resumes', () => {
  assert.deepEqual(refused({}, { ...containersOf(more), ...scheduling }), []);
  assert.deepEqual(refused({}, { ...containersOf(more), ...scheduling, 'spec.suspend': false }), []);
  assert.deepEqual(refused({}, containersOf({})), [], 'resources that are taken away');
  const was = { [`${template}.affinity`]: affinity };
  assert.deepEqual(refused(was, { [`${template}.affinity`]: undefined }), []);
  assert.deepEqual(
    refused({ 'status.startTime': startTime, 'status.conditions': condition('True') }, containersOf(more)),
    [],
    'it has run before',
  );
});

test('the template of a suspended job – anything else – is immutable', () => {
  assert.deepEqual(refused({}, containersOf(more, { image: 'other' })), [template]);
  assert.deepEqual(refused({}, containersOf(more, { name: 'other' })), [template]);
  assert.deepEqual(refused({}, { [`${template}.terminationGracePeriodSeconds`]: 1 }), [template]);
  assert.deepEqual(refused({}, { [`${template}.affinity`]: { podAffinity: {} } }), [template]);
});

test('the template of a running job, or one whose pods still run – is immutable as a whole', () => {
  const running = { 'spec.suspend': false, 'status.startTime': startTime };
  assert.deepEqual(refused(running, containersOf(more)), ['spec.template']);
  assert.deepEqual(refused(running, { ...scheduling, 'spec.suspend': true }), ['spec.template']);
  const active = { 'status.startTime': startTime, 'status.active': 1 };
  assert.deepEqual(refused({ ...active, 'status.conditions': condition('True') }, scheduling), [
    'spec.template',
  ]);
  const notYet = { 'status.startTime': startTime, 'status.conditions': condition('False') };
  assert.deepEqual(refused(notYet, scheduling), ['spec.template']);
});
