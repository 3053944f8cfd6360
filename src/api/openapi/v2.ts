/** The OpenAPI 2.0 document of all served resources, for clients that know no newer version. */

import type { DescribedResource } from '../schema/schema.ts';
import { definitionsOf } from './definitions.ts';
import { groupOperation, serverOperations, versionOperation } from './discovery-operations.ts';
import type { Content } from './fragments.ts';
import { type Operation, requestMediaTypes } from './operations.ts';
import { parameterTypes } from './parameters.ts';
import { type Parameter, pathItems, responsesOf, securitySchemes } from './paths.ts';
import { v2Dialect } from './schemas.ts';

/** For resources of one schema; with those of the core group also what is beside resources. */
export function openApiV2Content(resources: readonly DescribedResource[]): Content {
  const { schema, def } = resources[0]!;
  const isCustom = schema.type(def.type).published !== undefined;
  const { operations, definitions } = definitionsOf(
    resources,
    v2Dialect,
    isCustom ? [] : otherOperations(resources),
  );
  return { paths: pathItems(operations, parameter, operationObject), definitions };
}

function otherOperations(resources: readonly DescribedResource[]): Operation[] {
  const versions = new Map(resources.map(({ def }) => [`${def.group}/${def.version}`, def]));
  const groups = new Set(Array.from(versions.values(), ({ group }) => group).filter((group) => group !== ''));
  const isCore = resources.some(({ def }) => def.group === '');
  return [
    ...(isCore ? Object.values(serverOperations) : []),
    ...Array.from(groups, groupOperation),
    ...Array.from(versions.values(), versionOperation),
  ];
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

function operationObject(operation: Operation, own: readonly object[]): object {
  const body = operation.body
    ? [
        {
          in: 'body',
          name: 'body',
          ...(operation.method === 'delete' ? {} : { required: true }),
          schema: reference(operation.body),
        },
      ]
    : [];
  const parameters = [...body, ...own];
  const ok = { schema: operation.response ? reference(operation.response) : { type: 'string' } };
  const takesAny = operation.action === undefined && operation.response === undefined;
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    schemes: ['https'],
    ...(takesAny ? {} : { consumes: requestMediaTypes(operation) }),
    produces: operation.responseMediaTypes,
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: responsesOf(operation, ok),
    ...(operation.action ? { 'x-kubernetes-action': operation.action } : {}),
    ...(operation.kind ? { 'x-kubernetes-group-version-kind': operation.kind } : {}),
  };
}

function reference(type: string): object {
  return { $ref: v2Dialect.refPrefix + type };
}

function parameter({ name, in: place }: Parameter): object {
  const type = place === 'query' ? (parameterTypes[name] ?? 'string') : 'string';
  return { name, in: place, ...(place === 'path' ? { required: true } : {}), type, uniqueItems: true };
}
