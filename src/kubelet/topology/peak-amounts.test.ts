import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '#api/generated/types.gen.ts';
import { peakAmounts } from './peak-amounts.ts';

/** `i3`: an init container that needs 3; `s`: a sidecar, `m`: a main container. */
const rows = [
  ['main containers', 'm1 m2', 3],
  ['an init container that needs more', 'i4 m1 m2', 4],
  ['init containers, one after the other', 'i2 i3 m1', 3],
  ['a sidecar beside the main containers', 's1 m2', 3],
  ['a sidecar beside the init containers after it', 's2 i4 m1', 6],
  ['a sidecar after an init container', 'i4 s2 m1', 4],
  ['two sidecars', 's1 s2 i1 m1', 4],
  ['only an init container', 'i2 m0', 2],
] as const;

const containerOf = (text: string): Container => ({
  name: text,
  ...(text.startsWith('s') ? { restartPolicy: 'Always' } : {}),
});
const amountsOf = ({ name }: Container) => new Map([['cpu', Number(name.slice(1))]]);

for (const [what, pod, most] of rows) {
  test(`a pod – ${what} – needs ${most} at most at the same time`, () => {
    const all = pod.split(' ').map(containerOf);
    const spec = {
      initContainers: all.filter(({ name }) => !name.startsWith('m')),
      containers: all.filter(({ name }) => name.startsWith('m')),
    };
    assert.deepEqual(peakAmounts(spec, amountsOf), new Map([['cpu', most]]));
  });
}

test('resources – each most at another time – are counted apart', () => {
  const needs: Record<string, [string, number][]> = { init: [['a', 2]], main: [['b', 1]] };
  const spec = { initContainers: [{ name: 'init' }], containers: [{ name: 'main' }] };
  const found = peakAmounts(spec, ({ name }) => new Map(needs[name]));
  assert.deepEqual(
    found,
    new Map([
      ['a', 2],
      ['b', 1],
    ]),
  );
});
