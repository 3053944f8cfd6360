import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeObject } from '#wire/json/canonical.ts';
import { splicedLengthMax, spliceItem, spliceRevision } from './stored-bytes.ts';

const revisions = [0, 1, 9, 10, 99, 100, 4_294_967_296, Number.MAX_SAFE_INTEGER];
const objects = [
  { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'ü', labels: { a: '{"metadata":{' } }, spec: {} },
  { kind: 'Pod', apiVersion: 'v1', metadata: {} },
  { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name: 'a' } },
];

test('a stored value at a revision – spliced – is the object with its resourceVersion first', async (t) => {
  for (const object of objects) {
    for (const revision of revisions) {
      await t.test(`${JSON.stringify(object.metadata)} at ${revision}`, () => {
        const text = Buffer.from(spliceRevision(encodeObject(object), revision)).toString();
        const metadata = { resourceVersion: String(revision), ...object.metadata };
        assert.equal(text, JSON.stringify({ ...object, metadata }));
      });
    }
  }
});

test('a stored value – as an item – has no kind and apiVersion, and fits into the room for it', async (t) => {
  for (const { kind: _, apiVersion: __, ...object } of objects) {
    for (const revision of revisions) {
      await t.test(`${JSON.stringify(object.metadata)} at ${revision}`, () => {
        const stored = encodeObject({ kind: 'Pod', apiVersion: 'v1', ...object });
        const bytes = Buffer.alloc(1000);
        const end = spliceItem(bytes, 7, stored, revision);
        const metadata = { resourceVersion: String(revision), ...object.metadata };
        assert.equal(bytes.toString('utf8', 7, end), JSON.stringify({ ...object, metadata }));
        assert.ok(end - 7 <= splicedLengthMax(stored));
      });
    }
  }
});
