/**
 * The schema of a custom resource in the published OpenAPI documents, by upstream's rules. Keywords that OpenAPI 2
 * lacks are left out there, so that older clients reject no object that the server accepts.
 */

import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../generated/types.gen.ts';
import { listMetaType, objectMetaType, rootDescriptions } from '../../openapi/descriptions.ts';
import type { OpenApiVersion } from '../../schema/schema.ts';
import { isSchema } from '../structural-schema.ts';

type Published = Record<string, unknown>;

/** Without x-kubernetes-group-version-kind. */
export function publishedSchema(
  { schema, selectableFields = [] }: CustomResourceDefinitionVersion,
  version: OpenApiVersion,
): Published {
  const root = schema?.openAPIV3Schema;
  const extras = selectableExtras(selectableFields);
  if (!root || (version === 2 && root['x-kubernetes-preserve-unknown-fields'])) {
    return { type: 'object', ...extras };
  }
  const published = publish(root, version);
  return { ...published, properties: withTypeFields(published, version), ...extras };
}

/** Of the list of objects of a type, in the version that is asked for. */
export function publishedList(
  type: string,
  { selectableFields = [] }: CustomResourceDefinitionVersion,
): (version: OpenApiVersion) => Published {
  return (version) => {
    const { apiVersion, kind, metadata } = rootDescriptions;
    const to = (name: string) => ({ $ref: `${refPrefix(version)}${name}` });
    return {
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { description: apiVersion, type: 'string' },
        items: { type: 'array', items: to(type) },
        kind: { description: kind, type: 'string' },
        metadata: { description: metadata, ...referenceIn(version, listMetaType) },
      },
      ...selectableExtras(selectableFields),
    };
  };
}

function selectableExtras(fields: readonly { readonly jsonPath: string }[]): Published {
  if (fields.length === 0) return {};
  const paths = fields.map(({ jsonPath }) => ({ fieldPath: jsonPath.replace(/^\./, '') }));
  return { 'x-kubernetes-selectable-fields': paths };
}

function refPrefix(version: OpenApiVersion): string {
  return version === 2 ? '#/definitions/' : '#/components/schemas/';
}

function referenceIn(version: OpenApiVersion, type: string): Published {
  const ref = { $ref: refPrefix(version) + type };
  // OpenAPI 3 ignores everything beside a $ref.
  return version === 2 ? ref : { allOf: [ref] };
}

function withTypeFields({ properties }: Published, version: OpenApiVersion): Published {
  const { apiVersion, kind, metadata } = rootDescriptions;
  return {
    ...(properties as Published | undefined),
    apiVersion: { description: apiVersion, type: 'string' },
    kind: { description: kind, type: 'string' },
    metadata: { description: metadata, ...referenceIn(version, objectMetaType) },
  };
}

const alternatives = ['allOf', 'anyOf', 'oneOf', 'not'] as const;

function publish(schema: JSONSchemaProps, version: OpenApiVersion): Published {
  const made: Published = { ...unfolded(schema), ...below(schema, version) };
  if (schema['x-kubernetes-embedded-resource']) embed(made, version);
  return version === 2 ? forVersion2(made, schema) : made;
}

function below(
  { properties, items, additionalProperties }: JSONSchemaProps,
  version: OpenApiVersion,
): Published {
  const made: Published = {};
  if (properties) {
    made['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, publish(property, version)]),
    );
  }
  if (isSchema(items)) made['items'] = publish(items, version);
  if (isSchema(additionalProperties)) made['additionalProperties'] = publish(additionalProperties, version);
  return made;
}

const intOrString = [{ type: 'integer' }, { type: 'string' }];

/** Adds to x-kubernetes-int-or-string the `anyOf` that OpenAPI clients understand. */
function unfolded(schema: JSONSchemaProps): Published {
  if (!schema['x-kubernetes-int-or-string']) return { ...schema };
  const { anyOf, allOf } = schema;
  const isSaid = JSON.stringify(anyOf) === JSON.stringify(intOrString);
  if (isSaid || allOf?.some((each) => JSON.stringify(each.anyOf) === JSON.stringify(intOrString))) {
    return { ...schema };
  }
  if (!anyOf) return { ...schema, anyOf: intOrString };
  return { ...schema, allOf: [{ anyOf: intOrString }, ...(allOf ?? [])] };
}

function embed(made: Published, version: OpenApiVersion): void {
  if (version === 2 && made['x-kubernetes-preserve-unknown-fields']) return;
  made['properties'] = withTypeFields(made, version);
  const required = (made['required'] as string[] | undefined) ?? [];
  made['required'] = [...required, ...['kind', 'apiVersion'].filter((field) => !required.includes(field))];
}

function forVersion2(made: Published, schema: JSONSchemaProps): Published {
  for (const field of alternatives) delete made[field];
  delete made['default'];
  const isUntyped = schema.nullable === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isUntyped) {
    delete made['items'];
    delete made['properties'];
  }
  if (schema.nullable) {
    delete made['nullable'];
    delete made['type'];
  }
  if (made['type'] === 'array' && made['items'] === undefined) delete made['type'];
  if (schema['x-kubernetes-preserve-unknown-fields'] && made['type'] === 'object') delete made['type'];
  dropNullableRequired(made, schema);
  return made;
}

/** A field that may be null may be left out in version 2, which has no null. */
function dropNullableRequired(
  made: Published,
  { properties = {}, additionalProperties }: JSONSchemaProps,
): void {
  const required = made['required'] as string[] | undefined;
  if (!required) return;
  const isNullable = (field: string) =>
    Object.hasOwn(properties, field) && properties[field]?.nullable === true;
  const left =
    isSchema(additionalProperties) && additionalProperties.nullable
      ? []
      : required.filter((field) => !isNullable(field));
  if (left.length > 0) made['required'] = left;
  else delete made['required'];
}
