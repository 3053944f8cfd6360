/** An OpenAPI document of version 2 as one of version 3, for API servers that have no documents of version 3. */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { v2Dialect, v3Dialect } from './schemas.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

export function convertedToV3(document: JsonObject): JsonObject {
  const { info, externalDocs, paths, definitions, securityDefinitions, responses, produces } = document;
  return without({
    openapi: '3.0.0',
    info,
    externalDocs,
    paths: mapped(paths, pathItem),
    components: without({
      schemas: mapped(definitions, schema),
      securitySchemes: mapped(securityDefinitions, securityScheme),
      responses: mapped(responses, (each) => response(each, textsIn(produces))),
    }),
  });
}

/** Without fields that are undefined. */
function without(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

function mapped(value: unknown, convert: (item: JsonObject) => unknown): unknown {
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    isJsonObject(item) ? convert(item) : item,
  ]);
  return Object.fromEntries(entries);
}

function pathItem(item: JsonObject): unknown {
  const { parameters, ...others } = item;
  const entries = Object.entries(others).map(([key, value]) => {
    return [key, methods.includes(key) && isJsonObject(value) ? operation(value) : value];
  });
  return without({ ...Object.fromEntries(entries), parameters: parametersOf(parameters) });
}

function operation(item: JsonObject): unknown {
  const { parameters, consumes, produces, schemes: _, responses, ...others } = item;
  const all = Array.isArray(parameters) ? parameters.filter(isJsonObject) : [];
  const isBody = ({ name, schema: ofBody }: JsonObject) => name === 'body' && ofBody !== undefined;
  const body = all.find(isBody)?.['schema'];
  return without({
    ...others,
    parameters: parametersOf(all.filter((each) => !isBody(each))),
    requestBody: isJsonObject(body) ? without({ content: content(textsIn(consumes), body) }) : undefined,
    responses: mapped(responses, (each) => response(each, textsIn(produces))),
  });
}

function response(item: JsonObject, produces: readonly string[] | undefined): unknown {
  const { schema: ofAnswer, headers: _, examples: __, $ref, ...others } = item;
  return without({
    ...others,
    $ref: replaced($ref, '#/responses/', '#/components/responses/'),
    content: isJsonObject(ofAnswer) ? content(produces, ofAnswer) : undefined,
  });
}

function content(mediaTypes: readonly string[] | undefined, ofBody: JsonObject): unknown {
  return mediaTypes && Object.fromEntries(mediaTypes.map((type) => [type, { schema: schema(ofBody) }]));
}

function parametersOf(parameters: unknown): unknown {
  if (!Array.isArray(parameters) || parameters.length === 0) return undefined;
  return parameters.filter(isJsonObject).map((parameter) => {
    const { type, format, uniqueItems, schema: own, $ref, ...others } = parameter;
    const plain = without({ type, format, uniqueItems });
    return without({
      ...others,
      $ref: replaced($ref, '#/parameters/', '#/components/parameters/'),
      schema: isJsonObject(own) ? schema(own) : $ref === undefined ? plain : undefined,
    });
  });
}

function securityScheme(scheme: JsonObject): unknown {
  const { flow, authorizationUrl, tokenUrl, scopes, ...others } = scheme;
  if (typeof flow !== 'string') return others;
  return { ...others, flows: { [flow]: without({ authorizationUrl, tokenUrl, scopes }) } };
}

/** Version 3 ignores everything beside a reference. */
function schema(item: JsonObject): JsonObject {
  const { $ref, properties, items, additionalProperties, additionalItems, ...others } = item;
  const made = without({
    ...others,
    properties: mapped(properties, schema),
    items: Array.isArray(items) ? items.filter(isJsonObject).map(schema) : schemaIn(items),
    additionalProperties: schemaIn(additionalProperties),
    additionalItems: schemaIn(additionalItems),
  });
  if ($ref === undefined) return made;
  const reference = { $ref: replaced($ref, v2Dialect.refPrefix, v3Dialect.refPrefix) } as JsonObject;
  return Object.keys(made).length === 0 ? reference : { ...made, allOf: [reference] };
}

/** What is true or false stays so. */
function schemaIn(value: unknown): unknown {
  return isJsonObject(value) ? schema(value) : value;
}

function replaced(reference: unknown, prefix: string, by: string): unknown {
  return typeof reference === 'string' ? reference.replace(prefix, by) : undefined;
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}
