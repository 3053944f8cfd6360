import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Entry } from './entry.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function entryOf(bytes: number): Entry {
  const value = Buffer.from(`{"metadata":{"name":"a"},"text":"${'x'.repeat(bytes)}"}`);
  return new Entry({ key: '/a', namespace: '', name: 'a', revision: 1 }, value, { labels: {}, fields: {} });
}

/** Whether the object that was parsed of the entry is still there. */
async function isKept(parsed: WeakRef<object>): Promise<boolean> {
  await turn();
  collectGarbage();
  return parsed.deref() !== undefined;
}

const parsedOf = (entry: Entry) => new WeakRef(entry.object());

test('a parsed object – large – is kept until others of some megabytes were used after it; a small one is not', async () => {
  const [large, small] = [entryOf(1_000_000), entryOf(1000)];
  const [ofLarge, ofSmall] = [parsedOf(large), parsedOf(small)];
  assert.deepEqual([await isKept(ofLarge), await isKept(ofSmall)], [true, false]);
  for (let i = 0; i < 6; i++) parsedOf(entryOf(1_000_000));
  parsedOf(large);
  for (let i = 0; i < 6; i++) parsedOf(entryOf(1_000_000));
  assert.equal(await isKept(ofLarge), true);
  for (let i = 0; i < 3; i++) parsedOf(entryOf(1_000_000));
  assert.equal(await isKept(ofLarge), false);
});
