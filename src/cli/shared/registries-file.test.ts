import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ownHome } from '#testing/cli/own-home.ts';
import { readRegistriesFile } from './registries-file.ts';

test('registries.yaml – absent – says nothing', (t) => {
  ownHome(t);
  assert.deepEqual(readRegistriesFile(), { mirrors: {}, hosts: {} });
});

// biome-ignore format: a table
for (const { text, message, hint } of [
  { text: 'mirror: {}', message: 'the file has an unknown field "mirror"', hint: 'the nearest known one is mirrors' },
  { text: 'mirrors: []', message: 'mirrors is not a mapping', hint: 'docs/guides/registries.md says what it may contain' },
]) {
  test(`registries.yaml – ${text} – is a problem that names the file`, (t) => {
    const home = ownHome(t);
    writeFileSync(`${home}/registries.yaml`, text);
    assert.throws(readRegistriesFile, { message: `${home}/registries.yaml: ${message}`, hint });
  });
}
