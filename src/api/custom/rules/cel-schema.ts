/** A structural schema in the form of which CEL types are declared. */

import type { CelSchema } from '../../cel/contract.ts';
import { isTree, type StructuralSchema } from '../structural-schema.ts';

export function celSchemaOf(schema: StructuralSchema): CelSchema {
  const { source, items, additional, properties, listType, listMapKeys } = schema;
  return {
    type: schema.type,
    isIntOrString: schema.isIntOrString,
    isEmbeddedResource: schema.isEmbeddedResource,
    isNullable: schema.isNullable,
    hasDefault: schema.default !== undefined,
    ...(source.format === undefined ? {} : { format: source.format }),
    ...(items ? { items: celSchemaOf(items) } : {}),
    ...(isTree(additional) ? { additionalProperties: celSchemaOf(additional) } : {}),
    properties: new Map(Array.from(properties, ([name, property]) => [name, celSchemaOf(property)])),
    ...(source.required ? { required: source.required } : {}),
    ...(source.enum ? { enum: source.enum } : {}),
    ...(source.maxItems === undefined ? {} : { maxItems: source.maxItems }),
    ...(source.maxLength === undefined ? {} : { maxLength: source.maxLength }),
    ...(source.maxProperties === undefined ? {} : { maxProperties: source.maxProperties }),
    ...(listType === undefined ? {} : { listType: listType as 'atomic' | 'set' | 'map' }),
    ...(listMapKeys.length > 0 ? { listMapKeys } : {}),
  };
}
