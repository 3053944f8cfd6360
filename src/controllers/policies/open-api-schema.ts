/** The schema of a kind in an OpenAPI v3 document, in the form that types for expressions are made of. */

import type { CelSchema } from '#api/cel/contract.ts';
import type { GroupVersionKind } from '#api/schema/schema.ts';

/** What of an OpenAPI schema matters for types. */
interface OpenApiSchema {
  readonly $ref?: string;
  readonly allOf?: readonly OpenApiSchema[];
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

export interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, OpenApiSchema>> };
}

/** Undefined where the document does not have the kind. */
export function schemaOfKind(
  { components: { schemas = {} } = {} }: OpenApiDocument,
  { group, version, kind }: GroupVersionKind,
): CelSchema | undefined {
  const found = Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  );
  return found && celSchemaOf(found, schemas, []);
}

/** `above`: the schemas that are referred to on the way, so that one that contains itself ends. */
function celSchemaOf(
  written: OpenApiSchema,
  schemas: Readonly<Record<string, OpenApiSchema>>,
  above: readonly OpenApiSchema[],
): CelSchema {
  const schema = resolved(written, schemas);
  if (above.includes(schema)) return {};
  const way = schema === written ? above : [...above, schema];
  const below = (each: OpenApiSchema) => celSchemaOf(each, schemas, way);
  const { type, format, items, properties, additionalProperties: additional } = schema;
  return {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(items ? { items: below(items) } : {}),
    ...(typeof additional === 'object' ? { additionalProperties: below(additional) } : {}),
    properties: new Map(Object.entries(properties ?? {}).map(([name, each]) => [name, below(each)])),
    isIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    isEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    isNullable: schema.nullable ?? false,
  };
}

const refPrefix = '#/components/schemas/';

/** A reference that has a description of its own stands in an `allOf`. */
function resolved(schema: OpenApiSchema, schemas: Readonly<Record<string, OpenApiSchema>>): OpenApiSchema {
  const ref = schema.$ref ?? schema.allOf?.find(({ $ref }) => $ref !== undefined)?.$ref;
  return ref === undefined ? schema : (schemas[ref.slice(refPrefix.length)] ?? {});
}
