import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowSchemaSpec } from '#api/generated/types.gen.ts';
import { flowRules } from './flow-rules.ts';

test('the rules of a flow schema – asked for after another schema has changed – are not compiled again', () => {
  const spec = { rules: [] } as unknown as FlowSchemaSpec;
  assert.equal(flowRules(spec), flowRules(spec));
  assert.notEqual(flowRules({ ...spec }), flowRules(spec));
});
