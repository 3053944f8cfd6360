/** The schemas of custom resources in the server's OpenAPI document, and what kubectl makes of them. */

import assert from 'node:assert/strict';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { definitionOf, establishDefinition, servedVersion } from '../shared/definitions.ts';

const schema: JSONSchemaProps = {
  description: 'Foo CRD for Testing',
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      properties: {
        bars: {
          description: 'List of Bars and their specs.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              age: { description: 'Age of Bar.', type: 'string' },
            },
          },
        },
      },
    },
  },
};

type Published = Record<string, unknown> & { properties?: Record<string, Published> };

function nameOf({ spec }: CustomResourceDefinition, version: string): string {
  return [...spec.group.split('.').reverse(), version, spec.names.kind].join('.');
}

async function published({ client }: BehaviourContext, name: string): Promise<Published | undefined> {
  const { definitions } = (await client.raw('GET', '/openapi/v2')) as {
    definitions: Record<string, Published>;
  };
  return definitions[name];
}

function isPublished(context: BehaviourContext, name: string, expected = true): Promise<unknown> {
  return context.eventually(`${name} is ${expected ? '' : 'not '}published`, async () => {
    return ((await published(context, name)) !== undefined) === expected;
  });
}

async function withSchema(context: BehaviourContext): Promise<void> {
  const { definition, type } = await establishDefinition(
    context,
    definitionOf(context, [servedVersion('v1', schema)]),
  );
  await isPublished(context, nameOf(definition, 'v1'));
  const object = (spec: object) =>
    JSON.stringify({ apiVersion: `${type.group}/v1`, kind: type.kind, metadata: { name: 'x' }, spec });
  await context.kubectlInput(object({ bars: [{ name: 'a' }] }), 'create', '-f', '-');
  await context.kubectl('delete', `${type.resource}.${type.group}`, 'x');
  await assert.rejects(
    context.kubectlInput(object({ bars: [{ name: 'a' }], foo: true }), 'create', '-f', '-'),
    /unknown field "spec\.foo"/,
  );
  await assert.rejects(
    context.kubectlInput(object({ bars: [{ age: '1' }] }), 'create', '-f', '-'),
    /spec\.bars\[0\]\.name/,
  );
  assert.match(
    await context.kubectl('explain', type.resource, `--api-version=${type.group}/v1`),
    /Foo CRD for Testing.*APIVersion defines.*Standard object's metadata.*Specification of Foo/s,
  );
  assert.match(
    await context.kubectl('explain', `${type.resource}.metadata`, `--api-version=${type.group}/v1`),
    /Standard object's metadata.*CreationTimestamp is a timestamp/s,
  );
  assert.match(
    await context.kubectl('explain', `${type.resource}.spec.bars`, `--api-version=${type.group}/v1`),
    /List of Bars and their specs/,
  );
}

async function withoutSchema(context: BehaviourContext): Promise<void> {
  const { definition, type } = await establishDefinition(
    context,
    definitionOf(context, [servedVersion('v1')]),
  );
  await isPublished(context, nameOf(definition, 'v1'));
  await takesAnything(context, type);
}

async function takesAnything(
  context: BehaviourContext,
  type: { group: string; kind: string; resource: string },
  spec: object = { a: { b: 1 } },
): Promise<void> {
  const object = { apiVersion: `${type.group}/v1`, kind: type.kind, metadata: { name: 'x' }, spec };
  await context.kubectlInput(JSON.stringify(object), 'apply', '-f', '-');
  await context.kubectl('delete', `${type.resource}.${type.group}`, 'x');
  await context.kubectl('explain', `${type.resource}.${type.group}`);
}

async function preservingInside(context: BehaviourContext): Promise<void> {
  const preserving = {
    type: 'object',
    properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  };
  const { definition, type } = await establishDefinition(
    context,
    definitionOf(context, [servedVersion('v1', preserving)]),
  );
  await isPublished(context, nameOf(definition, 'v1'));
  await takesAnything(context, type);
}

async function ofGroups(context: BehaviourContext): Promise<void> {
  const other = definitionOf(context, [servedVersion('v1', schema)]);
  other.spec.group = `other-${other.spec.group}`;
  other.metadata!.name = `noxus.${other.spec.group}`;
  await bothPublished(context, definitionOf(context, [servedVersion('v1', schema)]), other);
}

async function ofVersions(context: BehaviourContext): Promise<void> {
  const later = servedVersion('v2', schema, { storage: true });
  await bothPublished(
    context,
    definitionOf(context, [servedVersion('v1', schema)]),
    definitionOf(context, [later], 'curlet'),
  );
}

async function ofKinds(context: BehaviourContext): Promise<void> {
  await bothPublished(
    context,
    definitionOf(context, [servedVersion('v1', schema)]),
    definitionOf(context, [servedVersion('v1', schema)], 'curlet'),
  );
}

async function bothPublished(
  context: BehaviourContext,
  ...definitions: CustomResourceDefinition[]
): Promise<void> {
  for (const definition of definitions) await establishDefinition(context, definition);
  for (const definition of definitions) {
    await isPublished(context, nameOf(definition, definition.spec.versions[0]!.name));
  }
}

async function renamed(context: BehaviourContext): Promise<void> {
  const { definition } = await establishDefinition(
    context,
    definitionOf(context, [servedVersion('v1', schema), servedVersion('v2', schema)]),
  );
  await isPublished(context, nameOf(definition, 'v2'));
  const patch = [{ op: 'replace', path: '/spec/versions/1/name', value: 'v3' }];
  await context.client.patch(customResourceDefinitions, { name: definition.metadata.name }, 'json', patch);
  await isPublished(context, nameOf(definition, 'v3'));
  await isPublished(context, nameOf(definition, 'v2'), false);
  await isPublished(context, nameOf(definition, 'v1'));
}

async function noLongerServed(context: BehaviourContext): Promise<void> {
  const { definition } = await establishDefinition(
    context,
    definitionOf(context, [servedVersion('v1', schema), servedVersion('v2', schema)]),
  );
  await isPublished(context, nameOf(definition, 'v2'));
  const before = await published(context, nameOf(definition, 'v1'));
  const patch = [{ op: 'replace', path: '/spec/versions/1/served', value: false }];
  await context.client.patch(customResourceDefinitions, { name: definition.metadata.name }, 'json', patch);
  await isPublished(context, nameOf(definition, 'v2'), false);
  assert.deepEqual(await published(context, nameOf(definition, 'v1')), before);
}

const title = '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]';

export const customResourcePublishOpenApi: readonly Behaviour[] = [
  behaviour(`${title} works for CRD with validation schema [Conformance]`, withSchema),
  behaviour(`${title} works for CRD without validation schema [Conformance]`, withoutSchema),
  behaviour(
    `${title} works for CRD preserving unknown fields at the schema root [Conformance]`,
    withoutSchema,
  ),
  behaviour(
    `${title} works for CRD preserving unknown fields in an embedded object [Conformance]`,
    preservingInside,
  ),
  behaviour(`${title} works for multiple CRDs of different groups [Conformance]`, ofGroups),
  behaviour(
    `${title} works for multiple CRDs of same group but different versions [Conformance]`,
    ofVersions,
  ),
  behaviour(
    `${title} works for multiple CRDs of same group and version but different kinds [Conformance]`,
    ofKinds,
  ),
  behaviour(`${title} updates the published spec when one version gets renamed [Conformance]`, renamed),
  behaviour(
    `${title} removes definition from spec when one version gets changed to not be served [Conformance]`,
    noLongerServed,
  ),
];
