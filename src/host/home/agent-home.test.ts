import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentPaths, readAgentConfig, writeAgentConfig } from './agent-home.ts';

const config = {
  nodeName: 'n1',
  address: '192.0.2.7',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  bridge: 'kyb1',
  table: 'kybern_1',
  run: '/run/kybern/n1',
};
const newFolder = () => mkdtempSync(join(tmpdir(), 'agent-home-'));

test('the configuration of a node – written – is read back', () => {
  const dir = newFolder();
  writeAgentConfig(dir, config);
  assert.deepEqual(readAgentConfig(dir), config);
});

for (const [what, text, message] of [
  ['of no JSON', '{', /agent\.json cannot be read: /],
  ['without a name', '{"address":"192.0.2.7"}', /agent\.json is not a node's configuration/],
] as const) {
  test(`the configuration of a node – ${what} – is an error that names the file`, () => {
    const dir = newFolder();
    writeFileSync(agentPaths(dir, config.run).config, text);
    assert.throws(() => readAgentConfig(dir), { message });
  });
}
