/** Fails when a file or a folder breaks a wall that `tools/layers.ts` names, and says which and where. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { circles } from './walls/circles.ts';
import { tenuredFunctions } from './walls/closures.ts';
import { oddlyWrapped } from './walls/comments.ts';
import { entriesOf, tooMany } from './walls/crowded.ts';
import { againstLayers } from './walls/folders.ts';
import { namesKind } from './walls/kinds.ts';
import { untested } from './walls/listed.ts';
import { aroundEnv, opensMachine } from './walls/machine.ts';
import { againstFloors, unlisted } from './walls/rooms.ts';
import { type Import, importsOf } from './walls/source.ts';
import { headerless, ownBuilders, vagueTitles } from './walls/tests.ts';
import { houseWords, undressed } from './walls/words.ts';

const root = join(import.meta.dirname, '..');
const folders = ['src', 'test', 'tools', 'bench', 'examples'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
);
const known = new Set(files);
const wrong: string[] = [];
const imports: Import[] = [];

for (const file of files.filter((name) => name.endsWith('.ts'))) {
  const text = readFileSync(join(root, file), 'utf8');
  const own = importsOf(file, text);
  imports.push(...own);
  const style = [
    houseWords(file, text),
    undressed(file, text),
    headerless(file, text, known),
    vagueTitles(file, text),
    ownBuilders(file, text),
    oddlyWrapped(file, text),
  ];
  for (const { line, why } of style.flat()) wrong.push(`${file}:${line}: ${why}`);
  if (!file.startsWith('src/')) continue;
  for (const link of own) {
    for (const why of [againstLayers(link), againstFloors(link), opensMachine(link), untested(link, known)]) {
      if (why) wrong.push(`${file}:${link.line}: ${why}`);
    }
  }
  const ofFile = [aroundEnv(file, text), namesKind(file, text), tenuredFunctions(file, text)];
  for (const { line, why } of ofFile.flat()) {
    wrong.push(`${file}:${line}: ${why}`);
  }
}
for (const circle of circles(imports)) wrong.push(`these import each other: ${circle.join(', ')}`);
for (const [folder, names] of entriesOf(files)) {
  const why = tooMany(folder, names);
  if (why) wrong.push(why);
  if (folder.startsWith('src/')) wrong.push(...unlisted(folder, [...names]));
}

for (const line of wrong) console.error(line);
console.log(`imports: ${files.length} files, ${wrong.length} against the layers`);
process.exitCode = wrong.length === 0 ? 0 : 1;
