/** The path of a field in a schema, as rules and selectable fields name it: `.spec.replicas`, `.spec['a.b']`. */

import type { JSONSchemaProps } from '../generated/types.gen.ts';
import { isSchema } from './structural-schema.ts';

export interface FoundField {
  /** As field errors print it: `spec.labels[app]`. */
  readonly path: string;
  readonly steps: readonly string[];
  readonly schema: JSONSchemaProps;
}

/** A string says why there is no such field. */
export function findField(path: string, schema: JSONSchemaProps, takesBrackets = true): FoundField | string {
  const tokens = path.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/g) ?? [];
  let found: FoundField = { path: '', steps: [], schema };
  for (let i = 0; i < tokens.length; ) {
    const opening = tokens[i];
    if (opening !== '.' && opening !== '[') return `expected [ or . but got: ${opening}`;
    if (opening === '[' && !takesBrackets) return 'array notation is not allowed';
    const token = tokens[i + 1];
    if (token === undefined) return 'unexpected end of JSON path';
    let name = token;
    i += 2;
    if (opening === '[') {
      if (!/^'.*'$/.test(token) || token.length < 2) return `expected single quoted string but got ${token}`;
      name = token.slice(1, -1).replace(/\\(.)/g, '$1');
      if (tokens[i] === undefined) return 'unexpected end of JSON path';
      if (tokens[i] !== ']') return `expected ] but got ${tokens[i]}`;
      i++;
    }
    const below = step(found, name);
    if (!below) return 'does not refer to a valid field';
    found = below;
  }
  return found;
}

function step({ path, steps, schema }: FoundField, name: string): FoundField | undefined {
  const { properties, additionalProperties } = schema;
  const further = [...steps, name];
  if (properties && Object.keys(properties).length > 0) {
    if (!Object.hasOwn(properties, name)) return undefined;
    return { path: path === '' ? name : `${path}.${name}`, steps: further, schema: properties[name]! };
  }
  if (!isSchema(additionalProperties)) return undefined;
  return { path: `${path}[${name}]`, steps: further, schema: additionalProperties };
}
