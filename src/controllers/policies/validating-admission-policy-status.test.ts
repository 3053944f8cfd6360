import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validatingAdmissionPolicies } from '#api/generated/kinds.gen.ts';
import type { ValidatingAdmissionPolicySpec } from '#api/generated/types.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { expressionWarnings } from './type-check.ts';
import { validatingAdmissionPolicyStatus } from './validating-admission-policy-status.ts';

const rule = (apiGroup: string, apiVersion: string, ...resources: string[]) => ({
  operations: ['CREATE'],
  apiGroups: [apiGroup],
  apiVersions: [apiVersion],
  resources,
});

const specOf = (
  expression: string,
  messageExpression = '',
  rules = [rule('apps', 'v1', 'deployments')],
): ValidatingAdmissionPolicySpec => ({
  matchConstraints: { resourceRules: rules },
  validations: [{ expression, messageExpression }],
});

test('expressions that fit the types of a Deployment – are checked – without warnings', () => {
  const spec = specOf("object.spec.replicas > 1 && object.metadata.labels['a'] == 'b'");
  assert.deepEqual(expressionWarnings(spec), []);
});

test('expressions that confuse types – are checked – with upstream’s warnings for expression and message', () => {
  const warnings = expressionWarnings(
    specOf("object.spec.replicas > '1'", "'wants replicas > 1, got ' + object.spec.replicas"),
  );
  assert.deepEqual(
    warnings.map(({ fieldRef }) => fieldRef),
    ['spec.validations[0].expression', 'spec.validations[0].messageExpression'],
  );
  assert.equal(
    warnings[0]!.warning,
    "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > '1'\n | .....................^\n",
  );
  assert.match(warnings[1]!.warning, /no matching overload for '_\+_' applied to '\(string, int\)'/);
});

test('a field that only one of two kinds has – is checked – with a warning for the other', () => {
  const rules = [rule('apps', 'v1', 'deployments', 'daemonsets')];
  const [warning] = expressionWarnings(specOf('object.spec.replicas > 1', '', rules));
  assert.match(
    warning!.warning,
    /^apps\/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'/,
  );
});

const untyped: readonly [name: string, rules: ReturnType<typeof rule>[]][] = [
  ['every group', [rule('*', 'v1', 'deployments')]],
  ['every version', [rule('apps', '*', 'deployments')]],
  ['subresources', [rule('apps', 'v1', 'deployments/scale')]],
];
for (const [name, rules] of untyped) {
  test(`a rule for ${name} – says nothing of types – without warnings`, () => {
    assert.deepEqual(expressionWarnings(specOf("object.spec.replicas > '1'", '', rules)), []);
  });
}

test('a policy – its generation has not been checked – the status says so, once', async () => {
  const policy = (status: object) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p', uid: 'u', resourceVersion: '1', generation: 2 },
    spec: specOf('object.spec.replicas > 1'),
    status,
  });
  const old = policy({ observedGeneration: 1 });
  const controller = new DryController(validatingAdmissionPolicyStatus).put(
    validatingAdmissionPolicies,
    old as never,
  );
  assert.equal((await controller.printed('p')).length, 1);
  controller.put(validatingAdmissionPolicies, policy({ observedGeneration: 2 }) as never);
  assert.deepEqual(await controller.printed('p'), []);
});
