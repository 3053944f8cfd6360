/** Admission policies that are in force, on Leases of a namespace of their own. */

import type { Fields } from '../bodies.ts';
import type { Chance } from '../chance.ts';
import { oddValue } from '../values.ts';
import { type Case, send } from './case.ts';
import { celOf } from './custom.ts';

const admission = '/apis/admissionregistration.k8s.io/v1';
const leases = '/apis/coordination.k8s.io/v1/namespaces/fuzz-policies/leases';

const matchConstraints = {
  namespaceSelector: { matchLabels: { fuzz: 'fuzz-policies' } },
  resourceRules: [
    { apiGroups: ['coordination.k8s.io'], apiVersions: ['v1'], operations: ['*'], resources: ['leases'] },
  ],
};

const conditions = [
  'object.spec.leaseDurationSeconds > 5',
  "object.metadata.name.startsWith('l')",
  "has(object.spec.holderIdentity) && object.spec.holderIdentity != ''",
  'oldObject == null || object.spec == oldObject.spec',
  "request.userInfo.username == 'x'",
  "authorizer.group('').resource('pods').check('get').allowed()",
  "namespaceObject.metadata.labels['fuzz'] == 'y'",
  'variables.v == 1',
  'object.spec.holderIdentity.size() / 0 == 1',
  "object.metadata.annotations['x'] == ''",
  'params == null',
];
const mutations = [
  "Object{spec: Object.spec{holderIdentity: 'm'}}",
  "Object{metadata: Object.metadata{labels: {'a': 'b'}}}",
  'Object{spec: Object.spec{leaseDurationSeconds: 0}}',
  "Object{spec: Object.spec{nope: 'm'}}",
  'Object{}',
  'Object{spec: null}',
];
const jsonMutations = [
  "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]",
  "[JSONPatch{op: 'remove', path: '/spec'}]",
  "[JSONPatch{op: 'replace', path: '', value: 1}]",
  "[JSONPatch{op: 'test', path: '/spec/x', value: 1}]",
  "[JSONPatch{op: 'add', path: '/metadata/name', value: {}}]",
  '[]',
];

function expressionOf(chance: Chance): string {
  return chance.happens(0.6) ? chance.pick(conditions) : celOf(chance);
}

export async function policyCase(run: Case): Promise<void> {
  const { chance, name } = run;
  const isMutating = chance.happens(0.4);
  const kind = isMutating ? 'mutatingadmissionpolicies' : 'validatingadmissionpolicies';
  const bindings = isMutating ? 'mutatingadmissionpolicybindings' : 'validatingadmissionpolicybindings';
  const spec = isMutating ? mutatingSpec(chance) : validatingSpec(chance);
  const posted = await send(run, 'POST', `${admission}/${kind}`, { body: { metadata: { name }, spec } });
  if (posted.status !== 201) return;
  const actions = isMutating ? {} : { validationActions: [chance.pick(['Deny', 'Warn', 'Audit'])] };
  await send(run, 'POST', `${admission}/${bindings}`, {
    body: { metadata: { name }, spec: { policyName: name, ...actions } },
  });
  for (let i = 0; i < 3; i++) {
    const holderIdentity = chance.happens(0.9) ? chance.pick(['x', 'a', 'b']) : oddValue(chance);
    const body = { metadata: { name }, spec: { holderIdentity, leaseDurationSeconds: chance.below(20) } };
    await send(run, i === 0 ? 'POST' : 'PUT', i === 0 ? leases : `${leases}/${name}`, { body });
  }
  await send(run, 'DELETE', `${admission}/${bindings}/${name}`);
  await send(run, 'DELETE', `${admission}/${kind}/${name}`);
  await send(run, 'DELETE', `${leases}/${name}`);
}

function common(chance: Chance): Fields {
  return {
    matchConstraints,
    failurePolicy: chance.pick(['Fail', 'Ignore']),
    ...(chance.happens(0.3) ? { matchConditions: [{ name: 'm', expression: expressionOf(chance) }] } : {}),
    ...(chance.happens(0.4) ? { variables: [{ name: 'v', expression: expressionOf(chance) }] } : {}),
  };
}

function validatingSpec(chance: Chance): Fields {
  return {
    ...common(chance),
    validations: Array.from({ length: 1 + chance.below(2) }, () => ({
      expression: expressionOf(chance),
      ...(chance.happens(0.3)
        ? { messageExpression: chance.pick(["'x' + object.metadata.name", '1', celOf(chance)]) }
        : {}),
      ...(chance.happens(0.2) ? { reason: chance.pick(['Forbidden', 'Invalid', 'x']) } : {}),
    })),
    ...(chance.happens(0.3)
      ? { auditAnnotations: [{ key: 'k', valueExpression: expressionOf(chance) }] }
      : {}),
  };
}

function mutatingSpec(chance: Chance): Fields {
  const apply = {
    patchType: 'ApplyConfiguration',
    applyConfiguration: { expression: chance.pick(mutations) },
  };
  const json = { patchType: 'JSONPatch', jsonPatch: { expression: chance.pick(jsonMutations) } };
  return {
    ...common(chance),
    reinvocationPolicy: chance.pick(['Never', 'IfNeeded']),
    mutations: [chance.happens(0.5) ? apply : json],
  };
}
