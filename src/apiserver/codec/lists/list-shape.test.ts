import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Format } from '../encode/negotiate.ts';
import { listShape } from './list-shape.ts';

test('a table – of one list – is shared within a second only, as its ages count seconds', async () => {
  const clock = new VirtualClock(1_700_000_000_000);
  const exchange = {
    parts: { env: { clock } },
    info: { query: new URLSearchParams() },
  } as unknown as Exchange;
  const served = { apiVersion: 'v1', kind: {} } as ServedResource;
  const keyOf = (as: Format['as']) =>
    listShape(exchange, served, { media: 'json', as, metaVersion: 'v1', isPretty: false } as Format).key;
  const [table, objects] = [keyOf('Table'), keyOf('object')];
  await clock.advance(999);
  assert.equal(keyOf('Table'), table);
  await clock.advance(1);
  assert.notEqual(keyOf('Table'), table);
  assert.equal(keyOf('object'), objects);
});
