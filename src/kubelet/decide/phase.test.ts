import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { phaseOf } from './phase.ts';

/** `w` waiting, `r` running, `0` and `1` ended, `b` backed off after a failure. */
function status(name: string, sign: string): ContainerStatus {
  const ended = (exitCode: number) => ({ terminated: { exitCode } });
  const state =
    sign === 'r' ? { running: {} } : sign === '0' || sign === '1' ? ended(Number(sign)) : { waiting: {} };
  const lastState = sign === 'b' ? ended(1) : {};
  return {
    name,
    state,
    lastState,
    ready: false,
    restartCount: 0,
    image: '',
    imageID: '',
    started: sign === 'r',
  };
}

const table: [policy: string, init: string, main: string, ended: boolean, expected: string][] = [
  ['Always', '', 'w', false, 'Pending'],
  ['Always', '', 'r', false, 'Running'],
  ['Always', '', 'rw', false, 'Running'],
  ['Always', '', '1', false, 'Running'],
  ['Always', '', 'b', false, 'Running'],
  ['Always', '', '0', true, 'Succeeded'],
  ['Never', '', '0', false, 'Succeeded'],
  ['Never', '', '01', false, 'Failed'],
  ['Never', '', '0r', false, 'Running'],
  ['OnFailure', '', '1', false, 'Running'],
  ['OnFailure', '', '00', false, 'Succeeded'],
  ['Always', 'r', 'w', false, 'Pending'],
  ['Always', '0w', 'w', false, 'Pending'],
  ['Always', 'b', 'w', false, 'Pending'],
  ['Never', '1', 'w', false, 'Failed'],
  ['Never', '0', '0', false, 'Succeeded'],
];

for (const [restartPolicy, init, main, ended, expected] of table) {
  test(`a pod – ${restartPolicy}, init ${init || 'none'}, main ${main}${ended ? ', ended' : ''} – is ${expected}`, () => {
    const name = (kind: string) => (_: string, index: number) => ({ name: `${kind}${index}` });
    const pod = storedPod('p', {
      spec: { restartPolicy, initContainers: [...init].map(name('i')), containers: [...main].map(name('m')) },
    });
    const initStatuses = [...init].map((sign, index) => status(`i${index}`, sign));
    const mainStatuses = [...main].map((sign, index) => status(`m${index}`, sign));
    assert.equal(phaseOf(pod, initStatuses, mainStatuses, ended), expected);
  });
}
