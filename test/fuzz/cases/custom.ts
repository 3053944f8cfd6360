/** A definition with a random schema and rules, and custom resources of it that fit it more or less. */

import { isDeepStrictEqual } from 'node:util';
import { upstreamTable } from '#testing/upstream-table.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import type { Fields } from '../bodies.ts';
import type { Chance } from '../chance.ts';
import { patchOf } from '../patches.ts';
import { oddKey, oddNumbers, oddText, oddValue, ownObject } from '../values.ts';
import { type Case, send } from './case.ts';

const [, ...rows] = upstreamTable<{ expression: string }>('cel.jsonl');
const expressions = rows.map(({ expression }) => expression);
const pieces = expressions.flatMap((expression) => expression.match(/\w+|'[^']*'|\S/g) ?? []);

/** Whole, cut, joined, or of pieces. */
export function celOf(chance: Chance): string {
  const one = chance.pick(expressions);
  switch (chance.below(7)) {
    case 0:
      return one.slice(0, chance.below(one.length));
    case 1:
      return chance.times(12, () => chance.pick(pieces)).join(' ');
    case 2:
      return `(${one}) == (${chance.pick(expressions)})`;
    case 3:
      return `${'('.repeat(chance.below(300))}${one}`;
    case 4:
      return one.replaceAll('self', chance.pick(['oldSelf', 'object.spec', 'dyn(self)', 'self.a', 'params']));
    case 5:
      return chance.pick([
        '',
        ' ',
        'true',
        'self',
        'self == oldSelf',
        '[1].all(x, [1].all(y, x == y))',
        oddText(chance),
      ]);
    default:
      return one;
  }
}

const formats = [
  'date-time',
  'date',
  'int32',
  'int64',
  'byte',
  'ipv4',
  'uuid',
  'duration',
  'email',
  'x',
  'password',
];
const names = ['a', 'b', 'c', 'name', 'k', 'spec', 'kind', 'metadata', 'int', 'str', 'list', 'x-y'];

export function schemaOf(chance: Chance, depth = 0): Fields {
  if (chance.happens(0.02)) return { type: oddValue(chance) };
  const type =
    depth === 0
      ? 'object'
      : chance.pick(['object', 'object', 'array', 'string', 'integer', 'number', 'boolean', '']);
  const schema: Fields = type ? { type } : { 'x-kubernetes-int-or-string': true };
  if (type === 'object' && depth < 5) objectSchema(chance, schema, depth);
  if (type === 'array') arraySchema(chance, schema, depth);
  if (type === 'string') {
    if (chance.happens(0.3)) schema['format'] = chance.pick(formats);
    if (chance.happens(0.2)) {
      schema['pattern'] = chance.pick(['^a+$', '(', '(?<x>a)', '\\d', '(a+)+$', '\\pL', '']);
    }
    if (chance.happens(0.2)) schema['maxLength'] = chance.pick([...oddNumbers, 5]);
  }
  if (type === 'integer' || type === 'number') {
    if (chance.happens(0.2)) schema['maximum'] = chance.pick(oddNumbers);
    if (chance.happens(0.2)) schema['multipleOf'] = chance.pick(oddNumbers);
  }
  if (chance.happens(0.15)) {
    schema['default'] = chance.happens(0.6) ? fittingValue(chance, schema) : oddValue(chance);
  }
  if (chance.happens(0.1)) schema['enum'] = chance.times(3, () => oddValue(chance));
  if (chance.happens(0.1)) schema['nullable'] = true;
  if (chance.happens(0.2)) schema['x-kubernetes-validations'] = chance.times(3, () => rule(chance));
  if (chance.happens(0.05)) {
    schema[chance.pick(['allOf', 'anyOf', 'oneOf'])] = chance.times(2, () => schemaOf(chance, depth + 2));
  }
  if (chance.happens(0.03)) schema['not'] = { required: ['a'] };
  if (chance.happens(0.02)) {
    schema[
      chance.pick([
        '$ref',
        'definitions',
        'uniqueItems',
        'x-kubernetes-preserve-unknown-fields',
        'x-kubernetes-embedded-resource',
      ])
    ] = oddValue(chance);
  }
  return schema;
}

function objectSchema(chance: Chance, schema: Fields, depth: number): void {
  if (chance.happens(0.8)) {
    schema['properties'] = ownObject(
      chance.times(5, () => [
        chance.happens(0.9) ? chance.pick(names) : oddKey(chance),
        schemaOf(chance, depth + 1),
      ]),
    );
  } else if (depth > 0) {
    schema['additionalProperties'] = chance.happens(0.9) ? schemaOf(chance, depth + 1) : true;
  }
  if (chance.happens(0.2)) schema['required'] = chance.times(2, () => chance.pick(names));
  if (chance.happens(0.1)) schema['x-kubernetes-preserve-unknown-fields'] = true;
  if (chance.happens(0.05)) schema['x-kubernetes-embedded-resource'] = true;
  if (chance.happens(0.1)) schema['x-kubernetes-map-type'] = chance.pick(['atomic', 'granular', 'x']);
  if (chance.happens(0.1)) schema['maxProperties'] = chance.pick(oddNumbers);
}

function arraySchema(chance: Chance, schema: Fields, depth: number): void {
  if (chance.happens(0.95)) schema['items'] = schemaOf(chance, depth + 1);
  if (chance.happens(0.4)) schema['x-kubernetes-list-type'] = chance.pick(['map', 'set', 'atomic', 'x']);
  if (chance.happens(0.2)) schema['x-kubernetes-list-map-keys'] = [chance.pick(names)];
  if (chance.happens(0.3)) schema['maxItems'] = chance.pick([...oddNumbers, 5]);
}

function rule(chance: Chance): Fields {
  return {
    rule: celOf(chance),
    ...(chance.happens(0.3) ? { message: chance.pick(['no', '', '\n', 'x'.repeat(3000)]) } : {}),
    ...(chance.happens(0.2)
      ? { messageExpression: chance.pick(["'a' + 'b'", 'self', '1', celOf(chance)]) }
      : {}),
    ...(chance.happens(0.2) ? { reason: chance.pick(['FieldValueInvalid', 'FieldValueRequired', 'x']) } : {}),
    ...(chance.happens(0.2)
      ? { fieldPath: chance.pick(['.a', '.spec.a', '.list[0]', "['a']", '', 'x']) }
      : {}),
    ...(chance.happens(0.1) ? { optionalOldSelf: chance.happens(0.5) } : {}),
  };
}

/** A value that the schema is meant for, mostly. */
export function fittingValue(chance: Chance, schema: unknown, depth = 0): unknown {
  if (chance.happens(0.06)) return oddValue(chance);
  const fields = (typeof schema === 'object' && schema !== null ? schema : {}) as Fields;
  switch (fields['type']) {
    case 'object': {
      const properties = Object.entries((fields['properties'] ?? {}) as Fields).filter(() =>
        chance.happens(0.8),
      );
      const entries = properties.map(
        ([name, inner]) => [name, fittingValue(chance, inner, depth + 1)] as const,
      );
      const more = fields['additionalProperties'];
      if (more) {
        entries.push(
          ...chance.times(3, () => [oddKey(chance), fittingValue(chance, more, depth + 1)] as const),
        );
      }
      if (chance.happens(0.1)) entries.push([oddKey(chance), oddValue(chance)]);
      return ownObject(entries);
    }
    case 'array':
      return chance.times(depth > 4 ? 1 : 4, () => fittingValue(chance, fields['items'], depth + 1));
    case 'string':
      return chance.happens(0.5) ? chance.pick(['a', 'aa', 'b', '1']) : oddText(chance);
    case 'boolean':
      return chance.happens(0.5);
    case 'integer':
      return chance.happens(0.7) ? chance.below(9) : chance.pick(oddNumbers);
    default:
      return chance.pick([...oddNumbers, '5', 'x', null]);
  }
}

export async function customCase(run: Case): Promise<void> {
  const { chance, name } = run;
  const schema = schemaOf(chance);
  const plural = `${name}s`;
  const definition = definitionOf(chance, name, plural, schema);
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const posted = await send(run, 'POST', definitions, { body: definition });
  if (posted.status !== 201) return;
  const path = `/apis/fuzz.example/v1/namespaces/fuzz/${plural}`;
  try {
    if (!(await isServed(run, path))) return;
    for (let i = 0; i < 4; i++) await customResource(run, path, schema, `r${i}`);
    if (chance.happens(0.3)) {
      const metadata = { ...(JSON.parse(posted.text) as { metadata: object }).metadata, resourceVersion: '' };
      const changed = definitionOf(chance, name, plural, schemaOf(chance));
      await send(run, 'PUT', `${definitions}/${plural}.fuzz.example`, { body: { ...changed, metadata } });
      await customResource(run, path, schema, 'after');
    }
    await send(
      run,
      'GET',
      chance.pick([`/openapi/v3/apis/fuzz.example/v1`, path, `${path}?watch=1&timeoutSeconds=1`]),
    );
  } finally {
    await send(run, 'DELETE', `${definitions}/${plural}.fuzz.example`);
  }
}

function definitionOf(chance: Chance, name: string, plural: string, schema: Fields): Fields {
  const columns = chance.times(2, () => ({
    name: 'C',
    type: chance.pick(['string', 'integer', 'date', 'boolean', 'number', 'x']),
    jsonPath: chance.pick([
      '.spec.a',
      '.a',
      '.metadata.creationTimestamp',
      '[',
      '.list[*]',
      '.a[?(@.b==1)]',
      '',
    ]),
  }));
  const kind = name.charAt(0).toUpperCase() + name.slice(1);
  return {
    metadata: { name: `${plural}.fuzz.example` },
    spec: {
      group: 'fuzz.example',
      scope: 'Namespaced',
      names: { plural, kind, singular: name, listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(chance.happens(0.5)
            ? {
                subresources: {
                  status: {},
                  ...(chance.happens(0.4)
                    ? {
                        scale: {
                          specReplicasPath: '.spec.a',
                          statusReplicasPath: '.status.a',
                          labelSelectorPath: '.status.b',
                        },
                      }
                    : {}),
                },
              }
            : {}),
          ...(chance.happens(0.3) ? { additionalPrinterColumns: columns } : {}),
          ...(chance.happens(0.2)
            ? { selectableFields: [{ jsonPath: chance.pick(['.spec.a', '.a', '.b', '.k']) }] }
            : {}),
        },
      ],
    },
  };
}

const triesMax = 200;

export async function isServed(run: Case, path: string): Promise<boolean> {
  for (let tries = 0; tries < triesMax; tries++) {
    const { server } = run.target.server;
    const resource = path.split('/').at(-1)!;
    if (server.resources.all.some(({ def }) => def.group === 'fuzz.example' && def.resource === resource)) {
      return true;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}

async function customResource(run: Case, path: string, schema: Fields, name: string): Promise<void> {
  const { chance } = run;
  const kind = run.name.charAt(0).toUpperCase() + run.name.slice(1);
  const value = fittingValue(chance, schema);
  const fields =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
  const object = { ...fields, apiVersion: 'fuzz.example/v1', kind, metadata: { name } };
  const posted = await send(run, 'POST', path, { body: object });
  if (posted.status !== 201) return;
  const read = await send(run, 'GET', `${path}/${name}`);
  if (!isSame(read.text, posted.text)) {
    run.target.fault(
      run.number,
      `POST ${path}`,
      `stored otherwise than answered: ${posted.text}\n${read.text}`,
    );
  }
  const back = await send(run, 'PUT', `${path}/${name}`, { body: Buffer.from(read.text) });
  if (back.status === 200 && !isSame(back.text, read.text)) {
    run.target.fault(run.number, `PUT ${path} ${read.text}`, `changed by being put back: ${back.text}`);
  }
  const def = { ...podDef, group: 'fuzz.example', kind };
  for (let i = chance.below(4); i > 0; i--) {
    const patch = patchOf(chance, parseExactly(read.text) as Fields, def);
    const at = chance.pick(['', '', '/status', '/scale']);
    await send(run, 'PATCH', `${path}/${name}${at}?fieldManager=m`, { type: patch.type, body: patch.bytes });
  }
  const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  await send(run, 'GET', path, { headers: table });
  await send(run, 'DELETE', `${path}/${name}`);
}

function isSame(a: string, b: string): boolean {
  return a === b || isDeepStrictEqual(parseExactly(a), parseExactly(b));
}

/** Its fields are changed as a ConfigMap's would be. */
export const podDef = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: [],
  subresources: [],
  type: 'io.k8s.api.core.v1.ConfigMap',
};
