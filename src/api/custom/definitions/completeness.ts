/** Every field in `allOf`, `anyOf`, `oneOf` or `not` must be declared by the schema itself. */

import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import { type FieldError, required } from '../../validation/field-error.ts';
import { isSchema } from '../structural-schema.ts';

export function validateCompleteness(schema: JSONSchemaProps, path: string): FieldError[] {
  return ofValues(schema, schema, path, path);
}

/** `valuePath`: of the nested schema; `path`: where its fields have to be declared. */
function ofValues(
  { not, allOf = [], anyOf = [], oneOf = [] }: JSONSchemaProps,
  schema: JSONSchemaProps,
  path: string,
  valuePath: string,
): FieldError[] {
  const within = (list: readonly JSONSchemaProps[], name: string) =>
    list.flatMap((each, i) => ofNested(each, schema, path, `${valuePath}.${name}[${i}]`));
  return [
    ...(not ? ofNested(not, schema, path, `${valuePath}.not`) : []),
    ...within(allOf, 'allOf'),
    ...within(anyOf, 'anyOf'),
    ...within(oneOf, 'oneOf'),
  ];
}

function ofNested(
  nested: JSONSchemaProps,
  schema: JSONSchemaProps | undefined,
  path: string,
  valuePath: string,
): FieldError[] {
  if (!schema) return [required(path, `because it is defined in ${valuePath}`)];
  const errors = ofValues(nested, schema, path, valuePath);
  if (isSchema(nested.items)) {
    const items = isSchema(schema.items) ? schema.items : undefined;
    errors.push(...ofNested(nested.items, items, `${path}.items`, `${valuePath}.items`));
  }
  const { properties: known = {} } = schema;
  for (const [name, property] of Object.entries(nested.properties ?? {})) {
    const own = Object.hasOwn(known, name) ? known[name] : undefined;
    const step = `properties[${name}]`;
    errors.push(...ofNested(property, own, `${path}.${step}`, `${valuePath}.${step}`));
  }
  return errors;
}
