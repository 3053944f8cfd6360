import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '#testing/cli/run-command.ts';
import { agent } from './agent.ts';

test('agent – a folder without a node – is refused', async () => {
  const { failure } = await runCommand(agent, 'agent /nowhere');
  assert.equal(failure, '/nowhere is not the folder of a node (kybern join makes one)');
});
