/** One OpenAPI 3.0 document per group and version, those beside resources, and the index that names them by hash. */

import { loadSchema } from '../schema/load-schema.ts';
import type { DescribedResource } from '../schema/schema.ts';
import { definitionsOf, schemasOf } from './definitions.ts';
import { groupOperation, serverOperations, versionOperation } from './discovery-operations.ts';
import type { Content } from './fragments.ts';
import { type Operation, requestMediaTypes } from './operations.ts';
import { parameterTypes } from './parameters.ts';
import { type Parameter, pathItems, responsesOf, securitySchemes } from './paths.ts';
import { v3Dialect } from './schemas.ts';

/** `api/v1`, `apis/apps/v1`: paths of the documents below `/openapi/v3/`. */
export function openApiV3Paths(resources: readonly DescribedResource[]): string[] {
  return [...new Set(resources.map(({ def }) => v3Path(def)))];
}

export function v3Path({ group, version }: { group: string; version: string }): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** `apis/apps`, `version`: the operation that a document beside the resources describes. */
export function otherV3Documents(resources: readonly DescribedResource[]): Map<string, Operation> {
  const groups = new Set(
    resources.filter((each) => each.def.group !== '' && !isCustomResource(each)).map(({ def }) => def.group),
  );
  return new Map([
    ...Object.entries(serverOperations),
    ...Array.from(groups, (group) => [`apis/${group}`, groupOperation(group)] as const),
  ]);
}

function isCustomResource({ def, schema }: DescribedResource): boolean {
  return schema.type(def.type).published !== undefined;
}

/** For resources of one schema. */
export function openApiV3Content(resources: readonly DescribedResource[]): Content {
  const [first] = resources as readonly [DescribedResource];
  const more = isCustomResource(first) ? [] : [versionOperation(first.def)];
  const { operations, definitions } = definitionsOf(resources, v3Dialect, more);
  return { paths: pathItems(operations, parameter, operationObject), definitions };
}

export function otherV3Document(operation: Operation, version: string): object {
  const schemas = schemasOf(loadSchema(), [], [operation], v3Dialect);
  return {
    ...openApiV3Frame(version, false),
    paths: pathItems([operation], parameter, operationObject),
    components: { ...(Object.keys(schemas).length > 0 ? { schemas } : {}), securitySchemes },
  };
}

/** The document without paths and components. */
export function openApiV3Frame(version: string, isCustom: boolean): object {
  const info = isCustom
    ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }
    : { title: 'Kubernetes', version };
  return { openapi: '3.0.0', info };
}

function operationObject(operation: Operation, parameters: readonly object[]): object {
  const { body, method, action, kind } = operation;
  const required = method === 'delete' ? {} : { required: true };
  return {
    tags: [operation.tag],
    operationId: operation.operationId,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { content: content(requestMediaTypes(operation), body), ...required } } : {}),
    responses: responsesOf(operation, { content: content(operation.responseMediaTypes, operation.response) }),
    ...(action ? { 'x-kubernetes-action': action } : {}),
    ...(kind ? { 'x-kubernetes-group-version-kind': kind } : {}),
  };
}

function content(mediaTypes: readonly string[], type: string | undefined): object {
  const schema = type === undefined ? { type: 'string' } : { $ref: v3Dialect.refPrefix + type };
  return Object.fromEntries([...mediaTypes].sort().map((mediaType) => [mediaType, { schema }]));
}

function parameter({ name, in: place }: Parameter): object {
  const type = place === 'query' ? (parameterTypes[name] ?? 'string') : 'string';
  return {
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}
