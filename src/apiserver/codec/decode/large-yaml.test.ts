/** Large YAML bodies wait for one worker thread; each user has a bound. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LargeYamlReader } from '../../request/large-yaml.ts';

const body = Buffer.from(`a: "${'x'.repeat(200_000)}"\n`);

function start(t: TestContext): LargeYamlReader {
  const reader = new LargeYamlReader();
  t.after(() => reader.stop());
  return reader;
}

test('large YAML – more of one user than may wait – is a 429 for that user alone, until some of it has been read', async (t) => {
  const reader = start(t);
  const waiting = Array.from({ length: 8 }, () => reader.read(body, 'jane'));
  await assert.rejects(reader.read(body, 'jane'), { code: 429 });
  assert.equal('error' in (await reader.read(body, 'joe')), false);
  await Promise.all(waiting);
  await reader.read(body, 'jane');
});

test('large YAML – the reader is stopped – what waits and what comes later is refused', async (t) => {
  const reader = start(t);
  const waiting = [1, 2].map(() => reader.read(body, 'jane'));
  reader.stop();
  await Promise.all(waiting.map((work) => assert.rejects(work, /was stopped/)));
  await assert.rejects(reader.read(body, 'jane'), /was stopped/);
});
