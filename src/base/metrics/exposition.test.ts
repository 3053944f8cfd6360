import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exposition } from './exposition.ts';

test('an exposition – of labels that need escaping, with and without times – is in the text format', () => {
  const exposition = new Exposition();
  exposition.declare('a_total', 'counter', 'A.');
  exposition.declare('never', 'gauge', 'N.');
  exposition.declare('b_bytes', 'gauge', 'B.');
  exposition.add('b_bytes', { labels: {}, value: 2.5 });
  exposition.add('a_total', { labels: { z: 'q"\\\n', a: '1' }, value: 1, atMs: 1_700_000_000_123.4 });
  assert.equal(
    exposition.text,
    [
      '# HELP a_total A.',
      '# TYPE a_total counter',
      'a_total{a="1",z="q\\"\\\\\\n"} 1 1700000000123',
      '# HELP b_bytes B.',
      '# TYPE b_bytes gauge',
      'b_bytes 2.5',
      '',
    ].join('\n'),
  );
});
