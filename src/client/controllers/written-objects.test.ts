import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { storedMetadata } from '#testing/objects.ts';
import { WrittenObjects } from './written-objects.ts';

const version = (resourceVersion: string): Stored<KubeObject> => ({
  metadata: storedMetadata('v', { resourceVersion }),
});

test('a written object – newer than the cached one – is preferred until the cache shows it', () => {
  const written = new WrittenObjects();
  const ours = version('10');
  written.wrote(ours);
  const old = version('9');
  assert.equal(written.newest(old), ours);
  written.seen(old);
  assert.equal(written.newest(old), ours);
  written.seen(version('10'));
  assert.equal(written.newest(old), old);
});

test('a written object – older than the cached one, or deleted – is not', () => {
  const written = new WrittenObjects();
  written.wrote(version('9'));
  const cached = version('10');
  assert.equal(written.newest(cached), cached);
  written.forget(cached);
  const other = version('8');
  assert.equal(written.newest(other), other);
});
