import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseState, stateText } from './state-file.ts';

/** Written by upstream's kubelet. */
const fromUpstream =
  '{"policyName":"Static","machineState":{"0":{"numberOfAssignments":1,"memoryMap":{"hugepages-2Mi":{"total":0,' +
  '"systemReserved":0,"allocatable":0,"reserved":0,"free":0},"memory":{"total":100,"systemReserved":10,' +
  '"allocatable":90,"reserved":20,"free":70}},"cells":[0]},"1":{"numberOfAssignments":0,"memoryMap":{"memory":' +
  '{"total":0,"systemReserved":0,"allocatable":0,"reserved":0,"free":0}},"cells":[1]}},"entries":{"pod1":{"main":' +
  '[{"numaAffinity":[0],"type":"memory","size":20}]}},"checksum":873814276}';

test('memory_manager_state – of upstream – is read, and written again as it was', () => {
  assert.equal(stateText('Static', parseState('Static', fromUpstream)), fromUpstream);
});

test('memory_manager_state – of upstream, without pods – is read, and written again as it was', () => {
  const text = '{"policyName":"None","machineState":{},"checksum":4236770233}';
  assert.equal(stateText('None', parseState('None', text)), text);
});

for (const [what, text, message] of [
  ['changed', fromUpstream.replace('"free":70', '"free":80'), 'checkpoint is corrupted'],
  ['of another structure', '{"policyName":"Static","machineState":{"0":{}}}', 'checkpoint is corrupted'],
  ['without a machine', '{"policyName":"Static"}', 'checkpoint is corrupted'],
  [
    'of another policy',
    '{"policyName":"None","machineState":{},"checksum":4236770233}',
    '[memorymanager] configured policy "Static" differs from state checkpoint policy "None"',
  ],
] as const) {
  test(`memory_manager_state – ${what} – is refused: ${message}`, () =>
    assert.throws(() => parseState('Static', text), { message }));
}
