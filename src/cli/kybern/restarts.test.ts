/** What the supervisor recorded: each shape of its line, and the sentence that `kybern status` prints. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Restarts, readRestarts, restartsText } from './restarts.ts';

const recorded: Restarts = {
  count: 2,
  lastDeath: '2026-01-01T00:00:00.000Z',
  lastExitCode: 137,
  delaySeconds: 4,
};

const cases: [string, string | undefined, Restarts | undefined][] = [
  ['no file', undefined, undefined],
  ['an empty file', '', undefined],
  ['a whole line', '2 1767225600 137 4\n', recorded],
  ['a line cut off by a crash', '2 1767225600', undefined],
  ['a number too many', '2 1767225600 137 4 5', undefined],
  ['no numbers', 'a b c d', undefined],
];

for (const [title, line, expected] of cases) {
  test(`readRestarts – ${title}`, (t) => {
    const home = mkdtempSync(join(tmpdir(), 'restarts-'));
    t.after(() => rmSync(home, { recursive: true }));
    const path = join(home, 'restarts');
    if (line !== undefined) writeFileSync(path, line);
    assert.deepEqual(readRestarts(path), expected);
  });
}

test('restartsText – says how often, why and when', () => {
  assert.equal(
    restartsText(recorded),
    '2, last after exit code 137 at 2026-01-01T00:00:00Z, started again 4 s later',
  );
});
