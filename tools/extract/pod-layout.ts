/**
 * Reads the layout of a pod template's structs from the Go sources of the API types, into
 * `src/controllers/template/pod-template-layout.gen.json`: by struct its fields in order, as Go name, JSON
 * name and Go type.
 *
 *   go mod download k8s.io/api@v0.36.3 …   and then   sh tools/run tools/extract/pod-layout.ts FOLDER_OF_k8s.io
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Field = [goName: string, jsonName: string, goType: string];

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: extract/pod-layout.ts FOLDER');

const declared = new Map<string, Field[] | string>();
for (const [module, path] of [
  ['apimachinery@', 'pkg/apis/meta/v1/types.go'],
  ['api@', 'core/v1/types.go'],
] as const) {
  const root = readdirSync(folder).find((name) => name.startsWith(module))!;
  read(readFileSync(join(folder, root, path), 'utf8'));
}

/** Go's printers name the types of both packages `v1.`. */
function read(source: string): void {
  let fields: Field[] | undefined;
  for (const line of source.split('\n')) {
    const [, struct] = /^type (\w+) struct \{$/.exec(line) ?? [];
    const [, name, other] = /^type (\w+) ((?:map\[|\[\])?[\w.\]]+)$/.exec(line) ?? [];
    if (struct) {
      fields = [];
      declared.set(`v1.${struct}`, fields);
    } else if (name && other) declared.set(`v1.${name}`, qualified(other));
    else if (line === '}') fields = undefined;
    else if (fields) readField(fields, line);
  }
}

function readField(fields: Field[], line: string): void {
  const [, name, type, tags] = /^\t(?:(\w+)\s+)?(\S+)\s+`([^`]*)`/.exec(line) ?? [];
  const json = /json:"([^",]*)/.exec(tags ?? '')?.[1];
  if (type === undefined || json === undefined) return;
  fields.push([name ?? type.split('.').at(-1)!, json, qualified(type)]);
}

function qualified(type: string): string {
  return type
    .replaceAll('metav1.', 'v1.')
    .replace(/(^|[*\]]|\[)([A-Z]\w*)/g, (_, before: string, name: string) => `${before}v1.${name}`);
}

const layout: Record<string, Field[] | string> = {};
const open = ['v1.PodTemplateSpec'];
for (let type = open.pop(); type !== undefined; type = open.pop()) {
  const found = declared.get(type);
  if (found === undefined || layout[type] !== undefined) continue;
  layout[type] = found;
  const types = typeof found === 'string' ? [found] : found.map(([, , goType]) => goType);
  for (const each of types) open.push(...(each.match(/v1\.\w+/g) ?? []));
}
const lines = Object.entries(layout)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([type, fields]) => `${JSON.stringify(type)}:${JSON.stringify(fields)}`);
const target = new URL('../../src/controllers/template/pod-template-layout.gen.json', import.meta.url);
writeFileSync(target, `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} types`);
