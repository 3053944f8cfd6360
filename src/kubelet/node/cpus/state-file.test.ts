import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseState, stateText } from './state-file.ts';

const set = (...cpus: number[]) => new Set(cpus);

const twoContainers = {
  shared: set(1, 2, 3),
  exclusive: new Map([
    [
      'pod',
      new Map([
        ['container1', set(4, 5, 6)],
        ['container2', set(1, 2, 3)],
      ]),
    ],
  ]),
};

/** The checksums are those that upstream's kubelet wrote. */
const files: [what: string, policy: 'none' | 'static', text: string, state: ReturnType<typeof parseState>][] =
  [
    [
      'without containers',
      'none',
      '{"policyName":"none","defaultCpuSet":"4-6","checksum":354655845}',
      { shared: set(4, 5, 6), exclusive: new Map() },
    ],
    [
      'with containers',
      'none',
      '{"policyName":"none","defaultCpuSet":"1-3","entries":{"pod":{"container1":"4-6","container2":"1-3"}},"checksum":3610638499}',
      twoContainers,
    ],
  ];

for (const [what, policy, text, state] of files) {
  test(`cpu_manager_state – ${what} – is read and written as upstream's`, () => {
    assert.deepEqual(parseState(policy, text), state);
    assert.equal(stateText(policy, state), text);
  });
}

test('cpu_manager_state – without a checksum – is read', () =>
  assert.deepEqual(parseState('none', '{"policyName":"none","defaultCpuSet":"4-6"}').shared, set(4, 5, 6)));

const refused: [what: string, text: string, message: string][] = [
  ['changed', '{"policyName":"none","defaultCpuSet":"4-6","checksum":1337}', 'checkpoint is corrupted'],
  ['of another form', '{"policyName":"none","entries":{"pod":"1"}}', 'checkpoint is corrupted'],
  ['no object', '[]', 'checkpoint is corrupted'],
  [
    'of another policy',
    '{"policyName":"other","defaultCpuSet":"1-3","entries":{},"checksum":1394507217}',
    'configured policy "none" differs from state checkpoint policy "other"',
  ],
  [
    'with an invalid pool',
    '{"policyName":"none","defaultCpuSet":"1.3","entries":{},"checksum":3021697696}',
    'could not parse default cpu set "1.3": strconv.Atoi: parsing "1.3": invalid syntax',
  ],
  [
    'with an invalid assignment',
    '{"policyName":"none","defaultCpuSet":"1-3","entries":{"pod":{"container1":"4-6","container2":"asd"}},"checksum":962272150}',
    'could not parse cpuset "asd" for container "container2" in pod "pod": strconv.Atoi: parsing "asd": invalid syntax',
  ],
];

for (const [what, text, message] of refused) {
  test(`cpu_manager_state – ${what} – is refused: ${message}`, () =>
    assert.throws(() => parseState('none', text), { message }));
}

test('cpu_manager_state – cut off – is refused', () =>
  assert.throws(() => parseState('none', '{'), SyntaxError));
