/** Strict decoding of custom objects: fields that their schema does not know, and fields written twice. */

import assert from 'node:assert/strict';
import type { JSONSchemaProps } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { definitionOf, establishDefinition, servedVersion } from '../shared/definitions.ts';

const embedded: JSONSchemaProps = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  'x-kubernetes-preserve-unknown-fields': true,
};
const fields: JSONSchemaProps = {
  type: 'object',
  properties: {
    knownField1: { type: 'string' },
    ports: { type: 'array', items: { type: 'object', properties: { containerPort: { type: 'integer' } } } },
    template: embedded,
  },
};
const schema: JSONSchemaProps = { type: 'object', properties: { spec: fields } };
const preserving: JSONSchemaProps = {
  type: 'object',
  properties: { spec: { ...fields, 'x-kubernetes-preserve-unknown-fields': true } },
};

interface Custom {
  /** Sends a body as it is written; returns why it was refused, if it was. */
  create(name: string, spec: string, metadata?: string): Promise<string | undefined>;
}

async function customWith(context: BehaviourContext, schema?: JSONSchemaProps): Promise<Custom> {
  const { type } = await establishDefinition(context, definitionOf(context, [servedVersion('v1', schema)]));
  const path = `/apis/${type.group}/v1/namespaces/${context.namespace}/${type.resource}?fieldValidation=Strict`;
  return {
    create(name, spec, metadata = '') {
      const head = `"apiVersion":"${type.group}/v1","kind":"${type.kind}"`;
      const text = `{${head},"metadata":{"name":"${name}"${metadata}},"spec":${spec}}`;
      return context.kubectlInput(text, 'create', '--raw', path, '-f', '-').then(
        () => undefined,
        (error: Error) => error.message,
      );
    },
  };
}

async function withoutSchema(context: BehaviourContext): Promise<void> {
  const custom = await customWith(context);
  assert.equal(await custom.create('x', '{"anything":{"goes":1}}'), undefined);
}

async function valid(context: BehaviourContext): Promise<void> {
  const custom = await customWith(context, schema);
  assert.equal(await custom.create('x', '{"knownField1":"a","ports":[{"containerPort":80}]}'), undefined);
}

async function withExtra(context: BehaviourContext): Promise<void> {
  const custom = await customWith(context, schema);
  const refused = await custom.create('x', '{"knownField1":"a","unknownField":1,"ports":[{"hostPort":80}]}');
  assert.match(refused ?? '', /strict decoding error/);
  assert.match(refused ?? '', /unknown field "spec\.unknownField"/);
  assert.match(refused ?? '', /unknown field "spec\.ports\[0\]\.hostPort"/);
}

async function duplicates(context: BehaviourContext): Promise<void> {
  const custom = await customWith(context, preserving);
  const refused = await custom.create('x', '{"unknownField":1,"knownField1":"a","knownField1":"b"}');
  assert.match(refused ?? '', /duplicate field "spec\.knownField1"/);
  assert.doesNotMatch(refused ?? '', /unknown field/);
}

async function metadata(context: BehaviourContext): Promise<void> {
  const custom = await customWith(context, schema);
  const template = '{"apiVersion":"v1","kind":"Pod","metadata":{"unknownSub":1}}';
  const refused = await custom.create('x', `{"template":${template}}`, ',"unknownMeta":1');
  assert.match(refused ?? '', /unknown field "metadata\.unknownMeta"/);
  assert.match(refused ?? '', /unknown field "spec\.template\.metadata\.unknownSub"/);
}

const title = '[sig-api-machinery] FieldValidation should';

export const customFieldValidation: readonly Behaviour[] = [
  behaviour(
    `${title} create/apply a CR with unknown fields for CRD with no validation schema [Conformance]`,
    withoutSchema,
  ),
  behaviour(`${title} create/apply a valid CR for CRD with validation schema [Conformance]`, valid),
  behaviour(
    `${title} create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]`,
    withExtra,
  ),
  behaviour(`${title} detect duplicates in a CR when preserving unknown fields [Conformance]`, duplicates),
  behaviour(
    `${title} detect unknown metadata fields in both the root and embedded object of a CR [Conformance]`,
    metadata,
  ),
];
