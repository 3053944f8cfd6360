import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CSIDriver, CSIDriverSpec } from '#api/generated/types.gen.ts';
import { appliesGroup, checkLifecycleMode, type LifecycleMode, needsAttachment } from './csi-driver.ts';

const driver = (spec: CSIDriverSpec): CSIDriver => ({ metadata: { name: 'd' }, spec });

const modes: [title: string, driver: CSIDriver | undefined, mode: LifecycleMode, message?: string][] = [
  ['no object, persistent', undefined, 'Persistent'],
  [
    'no object, inline',
    undefined,
    'Ephemeral',
    'volume mode "Ephemeral" not supported by driver d (no CSIDriver object)',
  ],
  ['both modes, inline', driver({ volumeLifecycleModes: ['Persistent', 'Ephemeral'] }), 'Ephemeral'],
  [
    'no modes, inline',
    driver({}),
    'Ephemeral',
    'volume mode "Ephemeral" not supported by driver d (only supports ["Persistent"])',
  ],
  [
    'inline only, persistent',
    driver({ volumeLifecycleModes: ['Ephemeral'] }),
    'Persistent',
    'volume mode "Persistent" not supported by driver d (only supports ["Ephemeral"])',
  ],
];
describe('life-cycle mode – by the CSIDriver – is accepted or refused', () => {
  for (const [title, object, mode, message] of modes) {
    test(title, () => {
      if (message) assert.throws(() => checkLifecycleMode('d', object, mode), { message });
      else checkLifecycleMode('d', object, mode);
    });
  }
});

const usual = { fsGroup: 1000, fsType: 'ext4', readOnly: false, accessModes: ['ReadWriteOnce'] };
const groups: [
  title: string,
  policy: string | undefined,
  question: Partial<typeof usual>,
  applies: boolean,
][] = [
  ['default policy, one writer, a file system', undefined, {}, true],
  ['default policy, no fsType', undefined, { fsType: '' }, false],
  ['default policy, many writers', undefined, { accessModes: ['ReadWriteMany'] }, false],
  ['default policy, one pod', undefined, { accessModes: ['ReadWriteOncePod'] }, true],
  ['read-only', 'File', { readOnly: true }, false],
  ['File, many writers, no fsType', 'File', { fsType: '', accessModes: ['ReadWriteMany'] }, true],
  ['None', 'None', {}, false],
];
describe('fsGroup – by the policy of the CSIDriver – is applied or not', () => {
  for (const [title, fsGroupPolicy, question, applies] of groups) {
    test(title, () => {
      const object = fsGroupPolicy === undefined ? undefined : driver({ fsGroupPolicy });
      assert.equal(appliesGroup(object, { ...usual, ...question }), applies);
      assert.equal(appliesGroup(object, { ...usual, ...question, fsGroup: undefined }), false);
    });
  }
});

test('attachment – unless the CSIDriver says otherwise – is needed', () => {
  assert.ok(needsAttachment(undefined));
  assert.ok(needsAttachment(driver({})));
  assert.ok(!needsAttachment(driver({ attachRequired: false })));
});
