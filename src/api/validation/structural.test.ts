import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '../schema/load-schema.ts';
import { fieldErrorMessage } from './field-error.ts';
import { validateStructure } from './structural.ts';

const schema = loadSchema();

test('the schema alone – finds missing fields and values outside an enumeration', () => {
  const errors = validateStructure(schema, 'io.k8s.api.networking.v1.Ingress', {
    spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Fuzzy' }, { backend: {} }] } }] },
  });
  assert.deepEqual(
    errors.map((error) => fieldErrorMessage(error)),
    [
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Fuzzy": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      'spec.rules[0].http.paths[0].backend: Required value',
      'spec.rules[0].http.paths[1].pathType: Required value',
    ],
  );
});
