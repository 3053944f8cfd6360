/** One OpenAPI 3.0 document per group and version, and the index that names them by hash. */

import type { DescribedResource } from '../schema/schema.ts';
import { definitionsOf } from './definitions.ts';
import { type Operation, parameterTypes, requestMediaTypes, responseMediaTypes } from './operations.ts';
import { pathItems, responsesOf, securitySchemes } from './paths.ts';
import { v3Dialect } from './schemas.ts';

/** `api/v1`, `apis/apps/v1`: paths of the documents below `/openapi/v3/`. */
export function openApiV3Paths(resources: readonly DescribedResource[]): string[] {
  return [...new Set(resources.map(({ def }) => v3Path(def)))];
}

export function v3Path({ group, version }: { group: string; version: string }): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** The document of `resources`, which all have the same group and version. */
export function openApiV3Document(resources: readonly DescribedResource[], version: string): object {
  const { operations, definitions } = definitionsOf(resources, v3Dialect);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: pathItems(operations, newPathItem, operationObject),
    components: { schemas: definitions, securitySchemes },
  };
}

function newPathItem({ pathParameters }: Operation): Record<string, unknown> {
  return pathParameters.length > 0 ? { parameters: pathParameters.map(pathParameter) } : {};
}

function operationObject(operation: Operation): object {
  return {
    tags: [
      operation.operationId
        .replace(/^[a-z]+/, '')
        .replace(/V\d+.*/, '')
        .toLowerCase(),
    ],
    operationId: operation.operationId,
    ...(operation.queryParameters.length > 0
      ? { parameters: operation.queryParameters.map(queryParameter) }
      : {}),
    ...(operation.body
      ? { requestBody: { content: content(requestMediaTypes(operation), operation.body) } }
      : {}),
    responses: responsesOf(operation, okResponse(operation)),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function okResponse(operation: Operation): object {
  const plain = { '*/*': { schema: { type: 'string' } } };
  return {
    description: 'OK',
    content: operation.response ? content(responseMediaTypes(operation), operation.response) : plain,
  };
}

function content(mediaTypes: readonly string[], type: string): object {
  const schema = { $ref: v3Dialect.refPrefix + type };
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}

function pathParameter(name: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
}

function queryParameter(name: string): object {
  return { name, in: 'query', schema: { type: parameterTypes[name] ?? 'string', uniqueItems: true } };
}
