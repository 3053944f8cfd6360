import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, violation } from './layers.ts';

function check(file: string, text: string): (string | undefined)[] {
  return importsOf(file, text).map(violation);
}

test('an import up the layer list is refused: the canary that proves the check can fail', () => {
  assert.deepEqual(check('src/store/x.ts', "import { startApiServer } from '#apiserver/server.ts';"), [
    'store may not import apiserver (#apiserver/server.ts)',
  ]);
  assert.deepEqual(check('src/controllers/x.ts', "import type { Store } from '#store/store.ts';"), [
    'controllers may not import store (#store/store.ts)',
  ]);
});

test('a pure folder may not touch the machine', () => {
  assert.deepEqual(check('src/api/x.ts', "import { readFileSync } from 'node:fs';"), [
    'api is pure and may not import node:fs',
  ]);
});

test('imports written over several lines, dynamic and re-exported ones are seen', () => {
  const text =
    "import {\n  a,\n  b,\n} from '#cluster/a.ts';\nexport { c } from '#cluster/b.ts';\nawait import('#cluster/c.ts');";
  const found = importsOf('src/base/x.ts', text);
  assert.deepEqual(
    found.map((one) => [one.line, one.target]),
    [
      [4, '#cluster/a.ts'],
      [5, '#cluster/b.ts'],
      [6, '#cluster/c.ts'],
    ],
  );
});

test('an import down the list passes', () => {
  assert.deepEqual(check('src/apiserver/x.ts', "import type { Store } from '#store/store.ts';"), [undefined]);
});
