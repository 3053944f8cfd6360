import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { RegistriesFile } from './registries-file.ts';

test('registries.yaml – absent, written, broken, mended – is read at each pull; a mistake changes nothing', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/registries-file-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const path = `${dir}/registries.yaml`;
  const problems: unknown[] = [];
  const log = { ...silentLog, error: (_: string, fields?: object) => void problems.push(fields) };
  const file = new RegistriesFile({ log, path, hostsDir: `${dir}/hosts`, socket: '/none' });
  const mirrors = async () => Object.keys((await file.current()).mirrors);
  assert.deepEqual(await mirrors(), []);
  writeFileSync(path, 'mirrors: { a.example.com: { endpoint: ["https://m.example.com"] } }');
  assert.deepEqual(await mirrors(), ['a.example.com']);
  assert.deepEqual(readdirSync(`${dir}/hosts`).sort(), ['a.example.com', 'm.example.com']);
  writeFileSync(path, 'mirrors: [');
  assert.deepEqual([await mirrors(), await mirrors()], [['a.example.com'], ['a.example.com']]);
  assert.equal(problems.length, 1);
  writeFileSync(path, 'mirrors: { b.example.com: {} }');
  assert.deepEqual([await mirrors(), readdirSync(`${dir}/hosts`)], [['b.example.com'], ['b.example.com']]);
});
