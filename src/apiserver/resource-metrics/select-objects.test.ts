import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Clock } from '#base/clock.ts';
import { systemClock } from '#host/system-env.ts';
import type { HandlerContext } from '../contract/special-handler.ts';
import { selectObjects } from './select-objects.ts';

test('objects – of many, in one namespace, by a selection – are parsed in turns with other work', async () => {
  let turns = 0;
  let parsed = 0;
  const clock: Clock = {
    ...systemClock,
    nextTurn(fn) {
      turns++;
      setImmediate(fn);
    },
  };
  const entries = Array.from({ length: 1000 }, (_, i) => {
    const namespace = i % 2 === 0 ? 'even' : 'odd';
    const name = `p${i}`;
    const object = () => {
      parsed++;
      return { metadata: { name, namespace, labels: { last: String(i % 10) } } };
    };
    return { namespace, name, fields: {}, object };
  });
  const context = {
    feed: { entries: () => entries },
    info: { namespace: 'even' },
    env: { clock },
  } as unknown as HandlerContext;
  const matches = ({ labels }: { labels: Readonly<Record<string, string>> }) => labels['last'] === '4';
  const selected = await selectObjects(context, pods, { matches: matches as never });
  assert.equal(selected.length, 100);
  assert.deepEqual([parsed, turns], [500, 2]);
});
