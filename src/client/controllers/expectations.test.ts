import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Expectations } from './expectations.ts';

test('expectations – until every expected creation and deletion is observed – the view is stale', () => {
  const book = new Expectations(new VirtualClock());
  assert.equal(book.satisfied('ns/web'), true);
  book.expect('ns/web', 2, ['uid-1']);
  book.creationSeen('ns/web');
  book.deletionSeen('ns/web', 'uid-2');
  book.creationSeen('ns/web');
  assert.equal(book.satisfied('ns/web'), false, 'the deletion of uid-1 is still missing');
  book.deletionSeen('ns/web', 'uid-1');
  assert.equal(book.satisfied('ns/web'), true);
});

test('expectations – not observed within five minutes – expire', async () => {
  const clock = new VirtualClock();
  const book = new Expectations(clock);
  book.expect('ns/web', 1);
  await clock.advance(5 * 60_000);
  assert.equal(book.satisfied('ns/web'), false);
  await clock.advance(1);
  assert.equal(book.satisfied('ns/web'), true);
});
