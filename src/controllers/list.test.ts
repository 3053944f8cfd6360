import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { controllers } from './list.ts';

const folder = import.meta.dirname;

test('controllers – no two have the same name', () => {
  const names = controllers.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

for (const definition of controllers) {
  test(`${definition.name} – without objects – it starts, and wakes no key but by time`, () => {
    const woken = new DryController(definition).woken();
    assert.deepEqual(
      woken.filter((key) => !/ after \d+ ms$/.test(key)),
      [],
    );
  });
}

const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.endsWith('.test.ts'));
const defining = files.filter((file) =>
  readFileSync(join(folder, file), 'utf8').includes('defineController({'),
);
for (const file of defining) {
  test(`${file} – its test lies beside it`, () => {
    assert.ok(existsSync(join(folder, file.replace(/\.ts$/, '.test.ts'))));
  });
}
