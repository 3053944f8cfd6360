/** The OpenAPI 2.0 document of all served resources, for clients that know no newer version. */

import type { DescribedResource } from '../schema/schema.ts';
import { definitionsOf } from './definitions.ts';
import { type Operation, parameterTypes, requestMediaTypes, responseMediaTypes } from './operations.ts';
import { pathItems, responsesOf, securitySchemes } from './paths.ts';
import { v2Dialect } from './schemas.ts';

export function openApiV2Document(resources: readonly DescribedResource[], version: string): object {
  const { operations, definitions } = definitionsOf(resources, v2Dialect);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: pathItems(operations, newPathItem, operationObject),
    definitions,
    securityDefinitions: securitySchemes,
    security: [{ BearerToken: [] }],
  };
}

function newPathItem({ pathParameters }: Operation): Record<string, unknown> {
  const parameters = pathParameters.map((name) => ({ ...parameter(name, 'path'), required: true }));
  return parameters.length > 0 ? { parameters } : {};
}

function operationObject(one: Operation): object {
  const body = one.body
    ? [{ in: 'body', name: 'body', required: one.method !== 'delete', schema: reference(one.body) }]
    : [];
  const ok = { description: 'OK', schema: one.response ? reference(one.response) : { type: 'string' } };
  return {
    operationId: one.operationId,
    schemes: ['https'],
    consumes: requestMediaTypes(one),
    produces: responseMediaTypes(one),
    parameters: [...body, ...one.queryParameters.map((name) => parameter(name, 'query'))],
    responses: responsesOf(one, ok),
    'x-kubernetes-action': one.action,
    'x-kubernetes-group-version-kind': one.kind,
  };
}

function reference(type: string): object {
  return { $ref: v2Dialect.refPrefix + type };
}

function parameter(name: string, place: string): object {
  return { name, in: place, type: parameterTypes[name] ?? 'string', uniqueItems: true };
}
