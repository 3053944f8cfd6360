/** What members of a group share, and what becomes of one that does not keep up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import { CacheEvent } from './cache-event.ts';
import { Entry } from './entry.ts';
import { type GroupMember, WatchGroup } from './watch-group.ts';

function entry(name: string, revision: number, labels: Record<string, string> = {}): Entry {
  const object: AnyObject = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, labels } };
  return new Entry({ key: `/${name}`, namespace: '', name, revision }, encodeObject(object), {
    labels,
    fields: {},
  });
}

function member(group: WatchGroup): GroupMember {
  const joined = { cursor: group.end, pump() {} };
  group.members.add(joined);
  return joined;
}

const everything = { key: '', matches: () => true };

test('two members of a watch group – one change – get the same bytes, once each', () => {
  const group = new WatchGroup(everything);
  const [first, second] = [member(group), member(group)];
  group.offer(new CacheEvent(5, entry('a', 5), undefined));
  group.offer(new CacheEvent(6, entry('b', 6), undefined));
  const bytes = group.take(first);
  assert.ok(bytes instanceof Uint8Array);
  assert.equal(group.take(second), bytes);
  assert.equal(group.take(first), undefined);
  assert.match(
    Buffer.from(bytes).toString(),
    /^{"type":"ADDED".*"resourceVersion":"5".*\n.*"resourceVersion":"6".*\n$/,
  );
});

test('a member – far behind – gets what it missed in pieces, each shared, none missing', () => {
  const group = new WatchGroup({ ...everything, frame: () => Buffer.alloc(10_000, 'x') });
  const [first, second] = [member(group), member(group)];
  const event = new CacheEvent(5, entry('a', 5), undefined);
  for (let i = 0; i < 100; i++) group.offer(event);
  let bytes = 0;
  for (let piece = group.take(first); piece; piece = group.take(first)) {
    assert.ok(piece !== 'lost' && piece.length <= 140_000, `${piece.length} bytes`);
    assert.equal(group.take(second), piece);
    bytes += piece.length;
  }
  assert.equal(bytes, 1_000_000);
});

test('a deletion – sent to members – has the last state under the revision of the deletion', () => {
  const event = new CacheEvent(9, undefined, entry('a', 5));
  const { type, object } = JSON.parse(Buffer.from(event.frame('DELETED')).toString());
  assert.deepEqual([type, object.metadata.name, object.metadata.resourceVersion], ['DELETED', 'a', '9']);
});

test('a member – too far behind – is lost, the others are not', () => {
  const group = new WatchGroup(everything);
  const [slow, quick] = [member(group), member(group)];
  const event = new CacheEvent(5, entry('a', 5), undefined);
  for (let i = 0; i < 10_001; i++) {
    group.offer(event);
    assert.notEqual(group.take(quick), 'lost');
  }
  assert.equal(group.take(slow), 'lost');
});

test('a change – that cannot be framed – ends every member instead of being missed', () => {
  const group = new WatchGroup({
    ...everything,
    frame() {
      throw new Error('cannot');
    },
  });
  const groupMember = member(group);
  group.offer(new CacheEvent(5, entry('a', 5), undefined));
  assert.equal(group.take(groupMember), 'lost');
});
