/** Schemas as JSON has them, for the types of expressions in tests. */

import type { CelSchema } from '../contract.ts';

/** The parts of an OpenAPI schema that tests of expressions use. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

export function celSchema(json: JsonSchema): CelSchema {
  const { items, properties, additionalProperties, default: value, nullable, ...rest } = json;
  const listType = json['x-kubernetes-list-type'];
  const listMapKeys = json['x-kubernetes-list-map-keys'];
  return {
    ...rest,
    ...(items === undefined ? {} : { items: celSchema(items) }),
    ...(properties === undefined
      ? {}
      : { properties: new Map(Object.entries(properties).map(([name, part]) => [name, celSchema(part)])) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: celSchema(additionalProperties) }),
    ...(listType === undefined ? {} : { listType }),
    ...(listMapKeys === undefined ? {} : { listMapKeys }),
    hasDefault: value !== undefined,
    isNullable: nullable === true,
    isIntOrString: json['x-kubernetes-int-or-string'] === true,
    isEmbeddedResource: json['x-kubernetes-embedded-resource'] === true,
  };
}
