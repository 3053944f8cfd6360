import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { PodView } from '../runtime/pod-view.ts';
import { containersToReset, isReset, isRestartingAll } from './restart-all.ts';

const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
const pod = storedPod('p', {
  spec: {
    initContainers: [{ name: 'init' }, { name: 'init-source', restartPolicyRules }],
    containers: [{ name: 'source', restartPolicyRules }, { name: 'other' }],
  },
});

/** `source:exited:42`; of one name the newest first. */
function viewOf(...containers: string[]): PodView {
  return {
    sandboxes: [],
    containers: containers.map((text) => {
      const [name = '', state = '', exitCode = '0'] = text.split(':');
      return { id: text, name, state, exitCode: Number(exitCode) };
    }),
  } as unknown as PodView;
}

const table: [what: string, view: string[], reset: string[]][] = [
  ['all run', ['init:exited:0', 'source:running', 'other:running'], []],
  ['a container ends otherwise', ['source:exited:1', 'other:running'], []],
  [
    'a container triggers it',
    ['init:exited:0', 'source:exited:42', 'other:running', 'other:exited:1'],
    ['other:running', 'other:exited:1', 'init:exited:0', 'source:exited:42'],
  ],
  [
    'an init container triggers it',
    ['init:exited:0', 'init-source:exited:42'],
    ['init:exited:0', 'init-source:exited:42'],
  ],
  ['a part is removed already', ['source:exited:42'], ['source:exited:42']],
  ['nothing is left', [], []],
];

for (const [what, view, expected] of table) {
  test(`a restart of all containers – ${what} – removes ${expected.length}`, () => {
    assert.deepEqual(
      containersToReset(pod, viewOf(...view)).map(({ id }) => id),
      expected,
    );
  });
}

const condition = (status: string): PodStatus => ({
  conditions: [{ type: 'AllContainersRestarting', status }],
});
const ended = (exitCode: number): PodStatus => ({
  containerStatuses: [
    {
      name: 'source',
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode } },
    },
  ],
});

const states: [what: string, view: string[], before: PodStatus | undefined, isUnderWay: boolean][] = [
  ['triggered', ['source:exited:42'], undefined, true],
  ['not triggered', ['source:exited:1'], condition('False'), false],
  ['reported', [], condition('True'), true],
  ['of which the runtime knows nothing any more', [], ended(42), true],
  ['over', ['source:running'], ended(42), false],
];

for (const [what, view, before, isUnderWay] of states) {
  test(`a restart of all containers – ${what} – is ${isUnderWay ? '' : 'not '}under way`, () => {
    assert.equal(isRestartingAll(pod, viewOf(...view), before), isUnderWay);
  });
}

test('a restart of all containers – everything is removed – has come to its start', () => {
  assert.equal(isReset(pod, viewOf('init:exited:0')), false);
  assert.equal(isReset(pod, viewOf()), true);
});

test('a pod – without such a rule – never restarts all its containers', () => {
  const plain = storedPod('q', { spec: { containers: [{ name: 'source' }] } });
  assert.deepEqual(containersToReset(plain, viewOf('source:exited:42')), []);
  assert.equal(isRestartingAll(plain, viewOf(), condition('True')), false);
});
