import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import { publishedList, publishedSchema } from './published-schema.ts';

function version(openAPIV3Schema: JSONSchemaProps) {
  const selectableFields = [{ jsonPath: '.spec.a' }];
  return { name: 'v1', served: true, storage: true, selectableFields, schema: { openAPIV3Schema } };
}

const spec = {
  type: 'object',
  default: { a: 'x' },
  properties: { a: { type: 'string', default: 'x', enum: ['x'] } },
};

test('a schema with defaults – published – has them in version 3 alone', () => {
  const propertiesIn = (openApi: 2 | 3) =>
    publishedSchema(version({ type: 'object', properties: { spec } }), openApi)['properties'] as {
      spec: object;
    };
  assert.deepEqual(propertiesIn(3).spec, spec);
  assert.deepEqual(propertiesIn(2).spec, {
    type: 'object',
    properties: { a: { type: 'string', enum: ['x'] } },
  });
});

test('a list of custom objects – published – refers to them, and says by what they can be selected', () => {
  const { properties, ...rest } = publishedList('com.example.v1.Widget', version({ type: 'object' }))(3);
  assert.deepEqual(rest, {
    type: 'object',
    required: ['items'],
    'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.a' }],
  });
  assert.deepEqual((properties as { items: object }).items, {
    type: 'array',
    items: { $ref: '#/components/schemas/com.example.v1.Widget' },
  });
});
