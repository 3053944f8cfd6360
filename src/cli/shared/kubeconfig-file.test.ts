import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { mergeKubeconfig, removeFromKubeconfig } from './kubeconfig-file.ts';

const made = (name: string) => `clusters: [{name: kybern-${name}, cluster: {server: "https://${name}"}}]
users: [{name: kybern-${name}, user: {}}]
contexts: [{name: kybern-${name}, context: {cluster: kybern-${name}, user: kybern-${name}}}]
`;

/** A folder for kubeconfigs; KUBECONFIG is restored when the test ends. */
function folderOf(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-kubeconfig-'));
  const before = process.env['KUBECONFIG'];
  t.after(() => {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
    rmSync(dir, { recursive: true });
  });
  return dir;
}

test("kubeconfig – contexts added and removed – keeps the user's own and comments; an empty file is removed", async (t) => {
  const dir = folderOf(t);
  const own = join(dir, 'own');
  const link = join(dir, 'link');
  process.env['KUBECONFIG'] = link;
  writeFileSync(own, '# mine\ncontexts:\n  - name: work # keep\n    context: {}\n', { mode: 0o644 });
  symlinkSync(own, link);
  const names = (list: string) =>
    parse(readFileSync(own, 'utf8'))[list].map((entry: { name: string }) => entry.name);
  await Promise.all([mergeKubeconfig('a', made('a')), mergeKubeconfig('b', made('b'))]);
  await mergeKubeconfig('a', made('a'));
  assert.deepEqual(names('contexts').sort(), ['kybern-a', 'kybern-b', 'work']);
  assert.deepEqual(names('users').sort(), ['kybern-a', 'kybern-b']);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(statSync(own).mode & 0o777, 0o600);
  await removeFromKubeconfig('b');
  await removeFromKubeconfig('never');
  assert.equal(parse(readFileSync(own, 'utf8'))['current-context'], 'kybern-a');
  await removeFromKubeconfig('a');
  assert.match(readFileSync(own, 'utf8'), /^# mine\n[\s\S]*work # keep/);
  assert.deepEqual(readdirSync(dir).sort(), ['link', 'own']);

  process.env['KUBECONFIG'] = join(dir, 'new');
  await mergeKubeconfig('a', made('a'));
  await removeFromKubeconfig('a');
  assert.ok(!existsSync(join(dir, 'new')));
});

test('kubeconfig – a file that is not one, an empty one – is named and not changed, is filled', async (t) => {
  const dir = folderOf(t);
  const path = join(dir, 'config');
  process.env['KUBECONFIG'] = path;
  for (const bad of ['garbage: [', '[]', '"x"', 'clusters: x', 'users: [1]', '\0\x01', 'a: 1\n---\nb: 1']) {
    await t.test(JSON.stringify(bad), async () => {
      writeFileSync(path, bad);
      await assert.rejects(mergeKubeconfig('a', made('a')), /config is no kubeconfig: /);
      await assert.rejects(removeFromKubeconfig('a'), /config is no kubeconfig: /);
      assert.equal(readFileSync(path, 'utf8'), bad);
    });
  }
  for (const empty of ['', 'null', '# nothing\n', 'clusters:\nusers:\n']) {
    await t.test(JSON.stringify(empty), async () => {
      writeFileSync(path, empty);
      await mergeKubeconfig('a', made('a'));
      assert.equal(parse(readFileSync(path, 'utf8'))['current-context'], 'kybern-a');
    });
  }
});
