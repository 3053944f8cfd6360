import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManifestReader } from './manifest-reader.ts';

const place = { nodeName: 'n', url: 'http://127.0.0.1/' };
const podYaml = (i: number) =>
  `- metadata: { name: p${i} }\n  spec:\n    containers:\n    - { name: c, image: x }\n`;
const listYaml = (length: number, more = '') =>
  `${more}apiVersion: v1\nkind: PodList\nitems:\n${Array.from({ length }, (_, i) => podYaml(i)).join('')}`;

function reader(t: TestContext): ManifestReader {
  const reader = new ManifestReader();
  t.after(() => reader.stop());
  return reader;
}

/** How often the process came to do something else while the text was read. */
async function turnsDuring(read: Promise<unknown>): Promise<number> {
  let [turns, isRead] = [0, false];
  const end = () => {
    isRead = true;
  };
  read.then(end, end);
  while (!isRead) {
    turns++;
    await turn();
  }
  return turns;
}

test('a large list of manifests – in YAML – is read as a small one, and does not hold up the process', async (t) => {
  const manifests = reader(t);
  const [small] = await manifests.read(listYaml(1), place);
  const large = manifests.read(listYaml(1000, '# more\n'.repeat(20_000)), place);
  const turns = await turnsDuring(large);
  const pods = await large;
  assert.deepEqual([pods.length, pods[0]], [1000, small]);
  assert.ok(turns > 100, `${turns} turns`);
});

test('a large manifest – that cannot be used – is an error in the same words as a small one', async (t) => {
  const manifests = reader(t);
  const wrong = 'kind: Service\n';
  const refusal = await manifests.read(wrong, place).catch((error: Error) => error.message);
  const long = `${wrong}${'# more\n'.repeat(20_000)}`;
  await assert.rejects(manifests.read(long, place), { message: refusal });
});
