import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from './extension-documents.ts';

const listOf = (count: number) => Buffer.from(`[${'{},'.repeat(count - 2)}{}]`);

test('a document of another API server – of more objects and lists than are parsed on the thread of all requests – is refused', () => {
  assert.equal((parseDocument(listOf(100_000)) as unknown[]).length, 99_999);
  assert.throws(() => parseDocument(listOf(100_001)), { message: 'more than 100000 objects and lists' });
});
