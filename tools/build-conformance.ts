/**
 * Lists the behaviours that define Kubernetes by codename and area; takes no descriptions from the reference.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const reference = process.argv[2] ?? join(import.meta.dirname, '../../shared/reference');
const behaviours: { codename: string; file: string }[] = parse(
  readFileSync(join(reference, 'conformance.yaml'), 'utf8'),
);
const facts = behaviours
  .map(({ codename, file }) => ({ area: file.replace(/^test\/e2e\//, '').replace(/\.go$/, ''), codename }))
  .sort((a, b) => (a.area === b.area ? (a.codename < b.codename ? -1 : 1) : a.area < b.area ? -1 : 1));
const lines = facts.map((fact) => `  ${JSON.stringify(fact)}`).join(',\n');
writeFileSync(join(import.meta.dirname, '../test/conformance/behaviours.gen.json'), `[\n${lines}\n]\n`);
console.log(`${facts.length} behaviours`);
