/** The OpenAPI 2.0 document of all served resources, for clients that know no newer version. */

import type { DescribedResource } from '../schema/schema.ts';
import { definitionsOf } from './definitions.ts';
import type { Content } from './fragments.ts';
import { type Operation, parameterTypes, requestMediaTypes, responseMediaTypes } from './operations.ts';
import { pathItems, responsesOf, securitySchemes } from './paths.ts';
import { v2Dialect } from './schemas.ts';

/** For resources of one schema. */
export function openApiV2Content(resources: readonly DescribedResource[]): Content {
  const { operations, definitions } = definitionsOf(resources, v2Dialect);
  return { paths: pathItems(operations, newPathItem, operationObject), definitions };
}

/** The document without paths and definitions. */
export function openApiV2Frame(version: string): object {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    securityDefinitions: securitySchemes,
    security: [{ BearerToken: [] }],
  };
}

function newPathItem({ pathParameters }: Operation): Record<string, unknown> {
  const parameters = pathParameters.map((name) => ({ ...parameter(name, 'path'), required: true }));
  return parameters.length > 0 ? { parameters } : {};
}

function operationObject(operation: Operation): object {
  const body = operation.body
    ? [
        {
          in: 'body',
          name: 'body',
          required: operation.method !== 'delete',
          schema: reference(operation.body),
        },
      ]
    : [];
  const parameters = [...body, ...operation.queryParameters.map((name) => parameter(name, 'query'))];
  const ok = {
    description: 'OK',
    schema: operation.response ? reference(operation.response) : { type: 'string' },
  };
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    schemes: ['https'],
    consumes: requestMediaTypes(operation),
    produces: responseMediaTypes(operation),
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: responsesOf(operation, ok),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function reference(type: string): object {
  return { $ref: v2Dialect.refPrefix + type };
}

function parameter(name: string, place: string): object {
  return { name, in: place, type: parameterTypes[name] ?? 'string', uniqueItems: true };
}
