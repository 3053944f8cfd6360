import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedSchema } from '../custom/openapi/published-schema.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { reachableSchemas, v2Dialect, v3Dialect } from './schemas.ts';

const pod = 'io.k8s.api.core.v1.Pod';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

interface Described {
  readonly properties: Record<string, { readonly description?: string } & Record<string, unknown>>;
}

for (const dialect of [v2Dialect, v3Dialect]) {
  test(`OpenAPI ${dialect.version} – fields that every object has – are described, whichever resource it is of`, () => {
    const schemas = reachableSchemas(loadSchema(), [pod], dialect);
    const custom = publishedSchema(
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: {} } },
      },
      dialect.version,
    ) as unknown as Described;
    for (const { properties } of [schemas.get(pod) as unknown as Described, custom]) {
      assert.match(properties['apiVersion']!.description ?? '', /^APIVersion defines/);
      assert.match(properties['metadata']!.description ?? '', /^Standard object's metadata/);
      const ref = { $ref: dialect.refPrefix + meta };
      const { description: _, default: __, ...type } = properties['metadata']!;
      assert.deepEqual(type, dialect.version === 2 ? ref : { allOf: [ref] });
    }
    const { properties } = schemas.get(meta) as unknown as Described;
    for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name);
  });
}
