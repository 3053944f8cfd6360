/** One OpenAPI 3.0 document per group and version, and the index that names them by hash. */

import type { DescribedResource } from '../schema/schema.ts';
import { definitionsOf } from './definitions.ts';
import type { Content } from './fragments.ts';
import { type Operation, parameterTypes, requestMediaTypes, responseMediaTypes } from './operations.ts';
import { pathItems, responsesOf } from './paths.ts';
import { v3Dialect } from './schemas.ts';

/** `api/v1`, `apis/apps/v1`: paths of the documents below `/openapi/v3/`. */
export function openApiV3Paths(resources: readonly DescribedResource[]): string[] {
  return [...new Set(resources.map(({ def }) => v3Path(def)))];
}

export function v3Path({ group, version }: { group: string; version: string }): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** For resources of one schema. */
export function openApiV3Content(resources: readonly DescribedResource[]): Content {
  const { operations, definitions } = definitionsOf(resources, v3Dialect);
  return { paths: pathItems(operations, newPathItem, operationObject), definitions };
}

/** The document without paths and components. */
export function openApiV3Frame(version: string): object {
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version } };
}

function newPathItem({ pathParameters }: Operation): Record<string, unknown> {
  return pathParameters.length > 0 ? { parameters: pathParameters.map(pathParameter) } : {};
}

function operationObject(operation: Operation): object {
  return {
    tags: [operation.tag],
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
