/** Fails when a file of `src/` imports against the layer list, naming the line. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, violation } from './layers.ts';

const root = join(import.meta.dirname, '..');
let wrong = 0;
let files = 0;
for (const entry of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
  if (!entry.endsWith('.ts')) continue;
  files++;
  const file = `src/${entry}`;
  for (const one of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
    const why = violation(one);
    if (!why) continue;
    wrong++;
    console.error(`${one.file}:${one.line}: ${why}`);
  }
}
console.log(`imports: ${files} files, ${wrong} against the layers`);
process.exitCode = wrong === 0 ? 0 : 1;
