/**
 * Reads kube-apiserver's internal structs, which its messages show as JSON, out of the Go sources: names, types and
 * order of fields, never comments, into `src/api/validation/internal-types.gen.json`.
 *
 *   go mod download k8s.io/kubernetes@v1.36.3 k8s.io/api@v0.36.3 k8s.io/apiextensions-apiserver@v0.36.3
 *   sh tools/run tools/extract/internal-types.ts FOLDER_OF_k8s.io
 *
 * A field is `GoName jsonName TYPE`, `TYPE` one of: `string`, `bool`, `number`, `quantity`, `time`, `json` (printed as it
 * is), `@KIND` (a struct of meta/v1, which has JSON names), `#group.Kind`; with `*`, `[]` and `{}` for a pointer, a list
 * and a map. A field without names is embedded.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: extract/internal-types.ts FOLDER');

/** Internal group → the version whose JSON names its fields have. */
const groups: Readonly<Record<string, string>> = {
  admissionregistration: 'v1',
  apiextensions: 'v1',
  apps: 'v1',
  autoscaling: 'v2',
  batch: 'v1',
  core: 'v1',
  discovery: 'v1',
  networking: 'v1',
  node: 'v1',
  policy: 'v1',
  resource: 'v1',
  storage: 'v1',
};
const aliases: Readonly<Record<string, string>> = { api: 'core', v1: 'core' };

const moduleOf = (name: string) =>
  join(folder, readdirSync(folder).find((module) => module.startsWith(`${name}@`)) ?? name);

function sourceOf(group: string): string {
  const root =
    group === 'apiextensions'
      ? join(moduleOf('apiextensions-apiserver'), 'pkg/apis/apiextensions')
      : join(moduleOf('kubernetes'), 'pkg/apis', group);
  return sourcesIn(root);
}

function publishedSourceOf(group: string): string {
  const version = groups[group]!;
  return group === 'apiextensions'
    ? sourcesIn(join(moduleOf('apiextensions-apiserver'), 'pkg/apis/apiextensions', version))
    : sourcesIn(join(moduleOf('api'), group, version));
}

function sourcesIn(root: string): string {
  const files = readdirSync(root).filter((file) => /^types.*\.go$/.test(file) && !file.endsWith('_test.go'));
  return files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}

type Field = readonly [goName: string, goType: string, tags: string];

const fieldLine = /^\t(?:(\w+(?:, \w+)*)\s+)?([^\s`]+)(?:\s+`([^`]*)`)?(?:\s*\/\/.*)?$/;

function structsOf(source: string): Map<string, Field[]> {
  const structs = new Map<string, Field[]>();
  let fields: Field[] | undefined;
  for (const line of source.split('\n')) {
    const start = /^type (\w+) struct \{$/.exec(line);
    if (start) {
      fields = [];
      structs.set(start[1]!, fields);
    } else if (line === '}') fields = undefined;
    else if (fields && !line.startsWith('\t//')) {
      const [, names = '', type, tags = ''] = fieldLine.exec(line) ?? [];
      if (type) for (const name of names.split(', ')) fields.push([name, type, tags]);
    }
  }
  return structs;
}

/** `ResourceList` → `map[ResourceName]resource.Quantity`. */
function namedTypesOf(source: string): Map<string, string> {
  const named = source.matchAll(/^type (\w+) ((?:\[\]|map\[|\*)?[\w.\][*]+)$/gm);
  return new Map([...named].map(([, name, type]) => [name!, type!]));
}

const internal = new Map(Object.keys(groups).map((group) => [group, sourceOf(group)]));
const structs = new Map([...internal].map(([group, source]) => [group, structsOf(source)]));
const named = new Map([...internal].map(([group, source]) => [group, namedTypesOf(source)]));
const published = new Map(Object.keys(groups).map((group) => [group, structsOf(publishedSourceOf(group))]));

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int: 'number',
  int32: 'number',
  int64: 'number',
  float64: 'number',
  'types.UID': 'string',
  'intstr.IntOrString': 'number',
  'resource.Quantity': 'quantity',
  'metav1.Time': 'time',
  'metav1.MicroTime': 'time',
};

function codeOf(type: string, group: string): string {
  if (type === '[]byte') return 'json';
  const shape = /^(\*|\[\]|map\[[\w.]+\])(.*)$/.exec(type);
  if (shape) return (shape[1]!.startsWith('map') ? '{}' : shape[1]!) + codeOf(shape[2]!, group);
  const scalar = scalars[type];
  if (scalar) return scalar;
  const [, of, name = type] = /^(\w+)\.(\w+)$/.exec(type) ?? [];
  if (of === 'metav1') return `@${name}`;
  const home = of === undefined ? group : (aliases[of] ?? of);
  if (structs.get(home)?.has(name)) return `#${home}.${name}`;
  const alias = named.get(home)?.get(name);
  return alias ? codeOf(alias, home) : 'json';
}

function jsonNameOf(group: string, type: string, goName: string): string {
  const tags =
    published
      .get(group)
      ?.get(type)
      ?.find(([name]) => name === goName)?.[2] ?? '';
  const name = /json:"([^",]+)/.exec(tags)?.[1];
  return name ?? goName[0]!.toLowerCase() + goName.slice(1);
}

const lines: string[] = [];
for (const [group, types] of structs) {
  for (const [type, fields] of types) {
    if (type.endsWith('List') && fields.some(([, goType]) => goType === 'metav1.ListMeta')) continue;
    const rows = fields
      .filter(([, goType]) => goType !== 'metav1.TypeMeta')
      .map(([name, goType]) => {
        const code = codeOf(goType, group);
        return name === '' ? code : `${name} ${jsonNameOf(group, type, name)} ${code}`;
      });
    lines.push(`${JSON.stringify(`${group}.${type}`)}:${JSON.stringify(rows)}`);
  }
}
const target = new URL('../../src/api/validation/internal-types.gen.json', import.meta.url);
writeFileSync(target, `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} types`);
