import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../shared/problem.ts';
import { encryptedResources } from './encrypted-resources.ts';

test('up --encrypt – resources of the cluster and custom ones – are read, each once', () => {
  assert.deepEqual(encryptedResources('secrets, configmaps,widgets.example.com,deployments.apps,secrets'), [
    'secrets',
    'configmaps',
    'widgets.example.com',
    'deployments.apps',
  ]);
});

// biome-ignore format: a table
for (const { text, message, hint } of [
  { text: 'secret', message: '--encrypt: there is no resource "secret"', hint: 'the nearest known one is secrets' },
  { text: 'deployments', message: '--encrypt: there is no resource "deployments"', hint: 'the nearest known one is deployments.apps' },
  { text: 'secrets,', message: '--encrypt: there is no resource ""', hint: 'try: --encrypt secrets,configmaps' },
]) {
  test(`up --encrypt ${text} – ${hint} – is refused`, () => {
    assert.throws(
      () => encryptedResources(text),
      (thrown: Problem) => {
        assert.deepEqual([thrown.message, thrown.hint], [message, hint]);
        return true;
      },
    );
  });
}
