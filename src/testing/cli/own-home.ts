/** A KYBERN_HOME for one test: empty, and removed afterwards. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export function ownHome(t: TestContext): string {
  const before = process.env['KYBERN_HOME'];
  const home = mkdtempSync(join(tmpdir(), 'kybern-home-'));
  t.after(() => {
    if (before === undefined) delete process.env['KYBERN_HOME'];
    else process.env['KYBERN_HOME'] = before;
    rmSync(home, { recursive: true, force: true });
  });
  process.env['KYBERN_HOME'] = home;
  return home;
}
