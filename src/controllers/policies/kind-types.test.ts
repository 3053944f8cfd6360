import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidatingAdmissionPolicySpec } from '#api/generated/types.gen.ts';
import type { ReadClient } from '#client/client.ts';
import { establish, gadgetDefinition, startCustomServer } from '#testing/server/definitions.ts';
import { groupVersionsToLookUp, publishedTypes } from './kind-types.ts';
import { expressionWarnings } from './type-check.ts';

const gadgets = (...expressions: string[]): ValidatingAdmissionPolicySpec => ({
  matchConstraints: {
    resourceRules: [
      {
        operations: ['CREATE'],
        apiGroups: ['example.com'],
        apiVersions: ['v1'],
        resources: ['gadgets', 'absent'],
      },
    ],
  },
  validations: expressions.map((expression) => ({ expression })),
});

/** The first line of each warning. */
async function warningsOf(client: ReadClient, spec: ValidatingAdmissionPolicySpec): Promise<string[]> {
  const types = await publishedTypes(client, groupVersionsToLookUp(spec));
  return expressionWarnings(spec, types).map(
    ({ fieldRef, warning }) => `${fieldRef}: ${warning.split('\n')[0]}`,
  );
}

test('expressions about custom resources – are checked by the types that their definition publishes', async (t) => {
  const { client } = await startCustomServer(t);
  await establish(
    client,
    gadgetDefinition({
      type: 'object',
      properties: {
        size: { type: 'integer' },
        port: { 'x-kubernetes-int-or-string': true },
        parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    }),
  );
  const fitting = gadgets(
    "object.spec.size > 1 && object.metadata.labels['a'] == 'b' && object.spec.port == 80",
    "object.spec.parts.all(part, part.name.startsWith('a'))",
  );
  assert.deepEqual(await warningsOf(client, fitting), []);
  const wrong = gadgets("object.spec.size > '1'", 'object.spec.absent', 'object.spec.parts[0].name + 1');
  const at = 'example.com/v1, Kind=Gadget: ERROR: <input>:1:';
  assert.deepEqual(await warningsOf(client, wrong), [
    `spec.validations[0].expression: ${at}18: found no matching overload for '_>_' applied to '(int, string)'`,
    `spec.validations[1].expression: ${at}12: undefined field 'absent'`,
    `spec.validations[2].expression: ${at}27: found no matching overload for '_+_' applied to '(string, int)'`,
  ]);
});

test('expressions with params of a custom kind – are checked by its type too', async (t) => {
  const { client } = await startCustomServer(t);
  await establish(client, gadgetDefinition({ type: 'object', properties: { limit: { type: 'integer' } } }));
  const spec = {
    ...gadgets("params.spec.limit > '1'"),
    paramKind: { apiVersion: 'example.com/v1', kind: 'Gadget' },
  };
  assert.equal((await warningsOf(client, spec)).length, 1);
});

test('expressions about what is not served – are checked – without warnings', async (t) => {
  const { client } = await startCustomServer(t);
  assert.deepEqual(await warningsOf(client, gadgets("object.spec.size > '1'")), []);
});

test('groups and versions – of which built-in kinds are, or with wildcards – are not looked up', () => {
  const rule = (apiGroups: string[], apiVersions: string[]) => ({
    ...{ operations: ['*'], resources: ['*'] },
    apiGroups,
    apiVersions,
  });
  const resourceRules = [
    rule(['', 'apps', 'a.example.com'], ['v1']),
    rule(['*', 'b.example.com'], ['*', 'v2']),
    rule(['a.example.com'], ['v1']),
  ];
  assert.deepEqual(groupVersionsToLookUp({ matchConstraints: { resourceRules } }), [
    { group: 'a.example.com', version: 'v1' },
    { group: 'b.example.com', version: 'v2' },
  ]);
});
