/**
 * Reads facts from the Go sources of the API types that no published schema contains, into
 * `tools/schema/go-facts.json`:
 * which fields are omitted when they are zero, the names of string types, which structs are inlined.
 *
 *   go mod download k8s.io/api@v0.36.3 … and then sh tools/run tools/extract/go-facts.ts FOLDER_OF_k8s.io
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { stringTypesOf, typesOf } from '../schema/go-source.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: extract/go-facts.ts FOLDER');

const sources: (readonly [goPackage: string, source: string])[] = [];
for (const module of readdirSync(folder).sort()) {
  const root = join(folder, module);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  for (const file of files.sort()) {
    const parts = file.split(sep);
    const name = parts.pop() ?? '';
    if (
      !/types.*\.go$|^register\.go$/.test(name) ||
      name.endsWith('_test.go') ||
      !/^v\d+$/.test(parts.at(-1) ?? '')
    ) {
      continue;
    }
    const goPackage = ['io.k8s', module.replace(/@.*/, ''), ...parts].join('.');
    sources.push([goPackage, readFileSync(join(root, file), 'utf8')]);
  }
}
const strings = new Set(sources.flatMap(([, source]) => stringTypesOf(source)));
const facts: Record<string, object> = {};
for (const [goPackage, source] of sources) {
  for (const [type, fields] of typesOf(source, strings)) facts[`${goPackage}.${type}`] = fields;
}
const lines = Object.entries(facts).map(
  ([name, fields]) => `${JSON.stringify(name)}:${JSON.stringify(fields)}`,
);
writeFileSync(new URL('../schema/go-facts.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} types`);
