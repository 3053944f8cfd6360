/**
 * Reads what upstream publishes of its types in OpenAPI v3 and that does not follow from the schema, into
 * `src/api/openapi/published-facts.gen.json`:
 * the order of required fields, unions, the schemas of some fields and of single values. No text written for people is read.
 *
 *   sh tools/run tools/extract/published-facts.ts FOLDER
 *
 * The folder has what a kube-apiserver answers: `v2.json`, and each document of `/openapi/v3` as a file in `v3`.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema, TypeFacts } from '../../src/api/openapi/published-facts.ts';
import { fieldSchema, objectSchema } from '../../src/api/openapi/schemas.ts';
import { loadSchema } from '../../src/api/schema/load-schema.ts';

type Document = {
  paths: Record<string, { delete?: JsonSchema }>;
  components: { schemas?: Record<string, JsonSchema> };
};

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: extract/published-facts.ts FOLDER');

const schema = loadSchema();
const types: Record<string, TypeFacts> = {};
const returnedWhenDeleted = new Set<string>();

for (const file of readdirSync(join(folder, 'v3')).sort()) {
  const document = JSON.parse(readFileSync(join(folder, 'v3', file), 'utf8')) as Document;
  for (const [name, published] of Object.entries(document.components.schemas ?? {})) {
    const facts = factsOf(name, withoutText(published) as JsonSchema);
    if (Object.keys(facts).length > 0) types[name] = facts;
  }
  for (const { delete: operation } of Object.values(document.paths)) {
    const type = /"200":.*?schemas\/([^"]+)"/.exec(JSON.stringify(operation?.['responses'] ?? {}))?.[1];
    if (type && operation?.['x-kubernetes-action'] === 'delete' && !type.endsWith('.Status')) {
      returnedWhenDeleted.add(type);
    }
  }
}

function factsOf(name: string, published: JsonSchema): TypeFacts {
  const { required, properties = {}, 'x-kubernetes-unions': unions } = published;
  if (!schema.hasType(name)) return { schema: published };
  const type = schema.type(name);
  const fields = Object.entries(properties as Record<string, JsonSchema>).filter(([field, value]) => {
    const known = type.fields.get(field);
    return known === undefined || !isDeepStrictEqual(value, fieldSchema(known));
  });
  const ruled = objectSchema(type)['required'];
  return {
    ...(isDeepStrictEqual(required, ruled) ? {} : { required: (required ?? []) as string[] }),
    ...(unions ? { unions: unions as object[] } : {}),
    ...(fields.length > 0 ? { fields: Object.fromEntries(fields) } : {}),
  };
}

/** `isProperties`: the keys are names of fields. */
function withoutText(value: unknown, isProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutText(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => isProperties || key !== 'description');
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutText(item, key === 'properties')]));
}

const document = JSON.parse(readFileSync(join(folder, 'v2.json'), 'utf8'));
const deleteOptions = document.definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
const apiVersions = deleteOptions['x-kubernetes-group-version-kind'].map(
  ({ group, version }: { group: string; version: string }) =>
    group === '' ? version : `${group}/${version}`,
);
const lines = Object.entries(types)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, facts]) => `${JSON.stringify(name)}:${JSON.stringify(facts)}`);
const returned = JSON.stringify([...returnedWhenDeleted].sort());
writeFileSync(
  new URL('../../src/api/openapi/published-facts.gen.json', import.meta.url),
  `{"types":{\n${lines.join(',\n')}\n},"returnedWhenDeleted":${returned},"apiVersions":${JSON.stringify(apiVersions)}}\n`,
);
console.log(`${lines.length} types`);
