import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/generated/types.gen.ts';
import { podPrinter } from '#api/kinds/pods/columns.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { EncodedEntries } from '../../cache/encoded-entries.ts';
import { Entry } from '../../cache/entry.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import { rowOf } from '../encode/table.ts';
import type { ListShape } from './list-shape.ts';
import { storedTable } from './stored-table.ts';

const createdMs = Date.parse('2026-01-01T00:00:00Z');
const nothing = { labels: {}, fields: {} };
let parsed = 0;

/** Counts how often it is parsed. */
class CountedEntry extends Entry {
  override object(): AnyObject {
    parsed++;
    return super.object();
  }
}

function entryOf(name: string, rest: object): Entry {
  const metadata = { name, creationTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b"}' } };
  const value = Buffer.from(JSON.stringify({ metadata, apiVersion: 'v1', kind: 'Pod', ...rest }));
  return new CountedEntry({ key: name, namespace: 'default', name, revision: 7 }, value, nothing);
}

const restarted = {
  spec: { containers: [{ name: 'c' }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      { name: 'c', restartCount: 2, lastState: { terminated: { finishedAt: '2026-01-01T00:01:00Z' } } },
    ],
  },
};
const stored = () => [
  entryOf('restarted', restarted),
  entryOf('ended', { spec: { containers: [] }, status: { phase: 'Failed' } }),
  entryOf('strange', { spec: { containers: [] }, status: { phase: 'Pending', reason: 'a\uE0001\uE000b' } }),
];

const served = { id: 1, printer: podPrinter } as unknown as ServedResource & { printer: typeof podPrinter };
const shape = { key: 'pods', itemsField: 'rows', list: () => ({}) } as unknown as ListShape;

for (const include of ['Metadata', 'Object', 'None']) {
  test(`a table – of stored pods with ${include} – has the rows of parsed ones, at each time, and is parsed once`, () => {
    const entries = stored();
    const rows = new EncodedEntries({ isShort: false }, 'row');
    for (const ageMs of [5_000, 300_000, 86_400_000]) {
      const options = { nowMs: createdMs + ageMs, include, version: 'v1' as const };
      const form = storedTable(rows, served, shape, options);
      const before = parsed;
      const shown = JSON.parse(`[${Buffer.from(form.items(entries, true))}]`);
      // The pod with the mark's character in its status is parsed each time.
      assert.equal(parsed - before, ageMs === 5_000 ? entries.length + 1 : 1);
      const expected = entries.map((entry) => rowOf(served, entry.object() as Pod as AnyObject, options));
      assert.deepEqual(shown, JSON.parse(JSON.stringify(expected)));
    }
  });
}
