/** Policies of admission: what they judge, and policies and bindings as objects. */

import assert from 'node:assert/strict';
import {
  deployments,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  namespaces,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import type { ValidatingAdmissionPolicySpec } from '#api/generated/types.gen.ts';
import { refusalOf } from '#testing/server/hooks.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { livesAsObject } from '../shared/object-life.ts';

const label = 'policies.example.com/of';

const matchConstraints = (namespace: string) => ({
  namespaceSelector: { matchLabels: { [label]: namespace } },
  resourceRules: [
    { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
  ],
});

/** A policy that is bound, and meets the namespace of the behaviour. */
async function bindPolicy(
  { client, namespace, after }: BehaviourContext,
  spec: ValidatingAdmissionPolicySpec,
): Promise<string> {
  const labels = { [label]: namespace };
  await client.patch(namespaces, { name: namespace }, 'merge', { metadata: { labels } });
  const name = `${namespace}.policy.example.com`;
  after(() => client.delete(validatingAdmissionPolicies, { name }).catch(() => {}));
  await client.create(validatingAdmissionPolicies, {
    metadata: { name },
    spec: { matchConstraints: matchConstraints(namespace), ...spec },
  });
  after(() => client.delete(validatingAdmissionPolicyBindings, { name }).catch(() => {}));
  await client.create(validatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
  return name;
}

function createDeployment({ client, namespace }: BehaviourContext, name: string, replicas: number) {
  const labels = { app: name };
  return client.create(deployments, {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: images.nginx }] } },
    },
  });
}

async function judgesDeployments(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await bindPolicy(context, {
    validations: [
      {
        expression: 'object.spec.replicas > 1',
        messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)",
      },
    ],
  });
  await context.eventually('its types are checked', async () => {
    const { status } = await client.get(validatingAdmissionPolicies, { name });
    assert.deepEqual(status, { observedGeneration: 1, typeChecking: {} });
  });
  await createDeployment(context, 'two', 2);
  const refusal = await refusalOf(createDeployment(context, 'one', 1));
  assert.match(
    refusal,
    new RegExp(
      `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: wants replicas > 1, got 1$`,
    ),
  );
}

async function refersToVariables(context: BehaviourContext): Promise<void> {
  await bindPolicy(context, {
    variables: [
      { name: 'replicas', expression: 'object.spec.replicas' },
      { name: 'isOdd', expression: 'variables.replicas % 2 == 1' },
    ],
    validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.isOdd' }],
  });
  await createDeployment(context, 'three', 3);
  const refusal = await refusalOf(createDeployment(context, 'four', 4));
  assert.match(refusal, /denied request: failed expression: variables\.isOdd$/);
}

/** A policy that applies this to deployments of the namespace, and its binding. */
async function bindMutation(
  { client, namespace, after }: BehaviourContext,
  expression: string,
): Promise<void> {
  const labels = { [label]: namespace };
  await client.patch(namespaces, { name: namespace }, 'merge', { metadata: { labels } });
  const name = `${namespace}.policy.example.com`;
  after(() => client.delete(mutatingAdmissionPolicies, { name }).catch(() => {}));
  await client.create(mutatingAdmissionPolicies, {
    metadata: { name },
    spec: {
      matchConstraints: matchConstraints(namespace),
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    },
  });
  after(() => client.delete(mutatingAdmissionPolicyBindings, { name }).catch(() => {}));
  const matchResources = { namespaceSelector: { matchLabels: labels } };
  await client.create(mutatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, matchResources },
  });
}

async function setsReplicas(context: BehaviourContext): Promise<void> {
  await bindMutation(context, 'Object{spec: Object.spec{replicas: 1337}}');
  const key = { name: 'marker', namespace: context.namespace };
  const made = await createDeployment(context, key.name, 1);
  context.after(() => context.client.delete(deployments, key));
  assert.equal(made.spec!.replicas, 1337);
}

async function setsAnnotations(context: BehaviourContext): Promise<void> {
  const annotations = '{"mutated-by": "admission-policy"}';
  await bindMutation(context, `Object{metadata: Object.metadata{annotations: ${annotations}}}`);
  const made = await createDeployment(context, 'marker', 1);
  assert.equal(made.metadata.annotations!['mutated-by'], 'admission-policy');
  const owners = made.metadata.managedFields!.map(({ fieldsV1 }) => JSON.stringify(fieldsV1));
  assert.ok(!owners.some((fields) => fields.includes('mutated-by')), 'what a policy sets has no owner');
}

const bindingLife = (
  type: typeof validatingAdmissionPolicyBindings | typeof mutatingAdmissionPolicyBindings,
  spec: object,
) => {
  return (context: BehaviourContext) =>
    livesAsObject(context, type, {
      body: () => ({ spec: { policyName: 'not-there.example.com', ...spec } }),
    });
};

const validating = '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin]';
const mutating = '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin]';

export const validatingAdmissionPolicy: readonly Behaviour[] = [
  behaviour(`${validating} should allow expressions to refer variables. [Conformance]`, refersToVariables),
  behaviour(
    `${validating} should support ValidatingAdmissionPolicy API operations [Conformance]`,
    (context) =>
      livesAsObject(context, validatingAdmissionPolicies, {
        body: () => ({
          spec: {
            matchConstraints: matchConstraints(context.namespace),
            validations: [{ expression: 'object.spec.replicas <= 100' }],
          },
        }),
        subresources: ['status'],
      }),
  ),
  behaviour(
    `${validating} should support ValidatingAdmissionPolicyBinding API operations [Conformance]`,
    bindingLife(validatingAdmissionPolicyBindings, { validationActions: ['Deny'] }),
  ),
  behaviour(`${validating} should validate against a Deployment [Conformance]`, judgesDeployments),
];

export const mutatingAdmissionPolicy: readonly Behaviour[] = [
  behaviour(`${mutating} should support MutatingAdmissionPolicy API operations [Conformance]`, (context) =>
    livesAsObject(context, mutatingAdmissionPolicies, {
      body: () => ({
        spec: {
          matchConstraints: matchConstraints(context.namespace),
          reinvocationPolicy: 'Never',
          mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
        },
      }),
    }),
  ),
  behaviour(
    `${mutating} should support MutatingAdmissionPolicyBinding API operations [Conformance]`,
    bindingLife(mutatingAdmissionPolicyBindings, {}),
  ),
  behaviour(`${mutating} should mutate a Deployment [Conformance]`, setsReplicas),
  behaviour(`${mutating} should mutate a Deployment with annotations [Conformance]`, setsAnnotations),
];
