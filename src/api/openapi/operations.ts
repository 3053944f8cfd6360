/** Every operation of a resource, shared by both OpenAPI versions. */

import { resourcePath } from '../meta/resource.ts';
import type { GroupVersionKind, ResourceDef, Schema, SubresourceDef } from '../schema/schema.ts';
import { deleteOptionsType, statusType, subresourceType, watchEventType } from './kinds.ts';
import {
  connectParameters,
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  logParameters,
  patchParameters,
  readParameters,
  writeParameters,
} from './parameters.ts';
import { publishedFacts } from './published-facts.ts';
import { patchType } from './schemas.ts';

export interface Operation {
  /** `/api/v1/namespaces/{namespace}/pods/{name}` */
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options' | 'head';
  /** x-kubernetes-action; undefined beside resources. */
  readonly action?: string;
  readonly operationId: string;
  /** By which generators of clients group operations: `core_v1`. */
  readonly tag: string;
  readonly kind?: GroupVersionKind;
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly string[];
  readonly body?: string;
  /** Undefined for streams and text. */
  readonly response?: string;
  readonly responseMediaTypes: readonly string[];
  /** Of a custom resource: no tags say how its lists are merged, so it takes no strategic merge patch. */
  readonly isCustom: boolean;
}

interface Verb {
  readonly verb: string;
  readonly method: Operation['method'];
  readonly action: string;
  /** First part of the operationId. */
  readonly word: string;
  readonly parameters: readonly string[];
}

const itemVerbs: readonly Verb[] = [
  { verb: 'get', method: 'get', action: 'get', word: 'read', parameters: readParameters },
  { verb: 'update', method: 'put', action: 'put', word: 'replace', parameters: writeParameters },
  { verb: 'patch', method: 'patch', action: 'patch', word: 'patch', parameters: patchParameters },
  { verb: 'delete', method: 'delete', action: 'delete', word: 'delete', parameters: deleteParameters },
];

const listVerb: Verb = {
  verb: 'list',
  method: 'get',
  action: 'list',
  word: 'list',
  parameters: listParameters,
};
const watchVerb: Verb = { ...listVerb, verb: 'watch', action: 'watch', word: 'watch' };
const watchListVerb: Verb = { ...watchVerb, action: 'watchlist' };

const createVerb: Verb = {
  verb: 'create',
  method: 'post',
  action: 'post',
  word: 'create',
  parameters: writeParameters,
};

const deleteCollectionVerb: Verb = {
  verb: 'deletecollection',
  method: 'delete',
  action: 'deletecollection',
  word: 'delete',
  parameters: deleteCollectionParameters,
};

const collectionVerbs: readonly Verb[] = [listVerb, createVerb, deleteCollectionVerb];

type PlainOperation = Omit<Operation, 'isCustom' | 'responseMediaTypes'>;

export function operationsOf(schema: Schema, def: ResourceDef): Operation[] {
  const isCustom = schema.type(def.type).published !== undefined;
  const plain = isCustom
    ? plainOperations(schema, def).map((operation) => asCustom(operation, def))
    : [...plainOperations(schema, def), ...watchOperations(def)];
  return plain.map((operation) => ({
    ...operation,
    isCustom,
    responseMediaTypes: responseMediaTypes(operation, isCustom),
  }));
}

function plainOperations(schema: Schema, def: ResourceDef): PlainOperation[] {
  const { collection, item } = pathsOf(def);
  const scopeWord = scopeWordOf(def);
  const operations = [
    ...verbsOf(def, collectionVerbs).map((verb) => {
      const prefix = verb.verb === 'deletecollection' ? 'Collection' : '';
      return operation(def, verb, collection, `${prefix}${scopeWord}${def.kind}`);
    }),
    ...verbsOf(def, itemVerbs).map((verb) => operation(def, verb, item, scopeWord + def.kind)),
  ];
  if (def.namespaced && def.verbs.includes('list')) {
    operations.push(operation(def, listVerb, resourcePath(def), `${def.kind}ForAllNamespaces`));
  }
  return [...operations, ...def.subresources.flatMap((sub) => subresourceOperations(schema, def, sub, item))];
}

/** The paths below `/watch/`, which clients no longer use. */
function watchOperations(def: ResourceDef): PlainOperation[] {
  if (!def.verbs.includes('watch')) return [];
  const { collection, item } = pathsOf(def);
  const named = scopeWordOf(def) + def.kind;
  const lists = [operation(def, watchListVerb, watchPath(def, collection), `${named}List`)];
  if (def.namespaced) {
    const everywhere = watchPath(def, resourcePath(def));
    lists.push(operation(def, watchListVerb, everywhere, `${def.kind}ListForAllNamespaces`));
  }
  return [...lists, operation(def, watchVerb, watchPath(def, item), named)];
}

function watchPath(def: ResourceDef, path: string): string {
  const root = def.group === '' ? `/api/${def.version}` : `/apis/${def.group}/${def.version}`;
  return `${root}/watch${path.slice(root.length)}`;
}

function pathsOf(def: ResourceDef): { collection: string; item: string } {
  const scope = def.namespaced ? { namespace: '{namespace}' } : {};
  // The braces of the template are not escaped.
  const collection = decodeURI(resourcePath(def, scope));
  return { collection, item: `${collection}/{name}` };
}

function scopeWordOf(def: ResourceDef): string {
  return def.namespaced ? 'Namespaced' : '';
}

function verbsOf(def: { verbs: readonly string[] }, verbs: readonly Verb[]): Verb[] {
  return verbs.filter((verb) => def.verbs.includes(verb.verb));
}

function operation(def: ResourceDef, verb: Verb, path: string, subject: string): PlainOperation {
  const { group, version, kind } = def;
  const body = bodyOf(verb, def.type);
  return {
    path,
    method: verb.method,
    action: verb.action,
    operationId: `${verb.word}${groupVersionWord(def)}${subject}`,
    tag: tagOf(def),
    kind: { group, version, kind },
    pathParameters: pathParameters(path),
    queryParameters: verb.parameters,
    ...(body ? { body } : {}),
    response: responseOf(verb, def),
  };
}

function responseOf({ action }: Verb, { type }: ResourceDef): string {
  if (action === 'list') return `${type}List`;
  if (action === 'watch' || action === 'watchlist') return watchEventType;
  if (action === 'delete') return publishedFacts().returnedWhenDeleted.has(type) ? type : statusType;
  return action === 'deletecollection' ? statusType : type;
}

function bodyOf(verb: Verb, type: string): string | undefined {
  if (verb.method === 'get') return undefined;
  if (verb.method === 'patch') return patchType;
  return verb.method === 'delete' ? deleteOptionsType : type;
}

function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

/**
 * What upstream documents otherwise of a custom resource: the deletion of a collection as its list is selected, the
 * revision of a read, its own kind for its scale.
 */
function asCustom(operation: PlainOperation, { group, version, kind }: ResourceDef): PlainOperation {
  const { body, ...rest } = { ...operation, kind: { group, version, kind } };
  if (operation.action === 'deletecollection') return { ...rest, queryParameters: listParameters };
  const read = { queryParameters: [...readParameters, 'resourceVersion'] };
  return { ...rest, ...(body ? { body } : {}), ...(operation.action === 'get' ? read : {}) };
}

function subresourceOperations(
  schema: Schema,
  def: ResourceDef,
  sub: SubresourceDef,
  item: string,
): PlainOperation[] {
  const type = subresourceType(schema, def, sub);
  const path = `${item}/${sub.name}`;
  if (type === undefined) return connectOperations(def, sub, path);
  const { group, version, kind } = sub;
  const isLog = sub.name === 'log';
  return verbsOf(sub, [createVerb, ...itemVerbs]).map((verb) => {
    const body = bodyOf(verb, type);
    return {
      path,
      method: verb.method,
      action: verb.action,
      operationId: `${verb.word}${groupVersionWord(def)}${scopeWordOf(def)}${def.kind}${capital(sub.name)}`,
      tag: tagOf(def),
      kind: { group, version, kind },
      pathParameters: pathParameters(path),
      queryParameters: isLog ? logParameters : verb.parameters,
      ...(body ? { body } : {}),
      ...(isLog ? {} : { response: type }),
    };
  });
}

const streamMethods = ['get', 'post'] as const;
const proxyMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

function connectOperations(def: ResourceDef, sub: SubresourceDef, path: string): PlainOperation[] {
  const { group, version, kind } = sub;
  const isProxy = sub.name === 'proxy';
  const subject = `${scopeWordOf(def)}${def.kind}${capital(sub.name)}`;
  const paths = isProxy ? { '': path, WithPath: `${path}/{path}` } : { '': path };
  return Object.entries(paths).flatMap(([ending, each]) =>
    (isProxy ? proxyMethods : streamMethods).map((method) => ({
      path: each,
      method,
      action: 'connect',
      operationId: `connect${groupVersionWord(def)}${capital(method)}${subject}${ending}`,
      tag: tagOf(def),
      kind: { group, version, kind },
      pathParameters: pathParameters(each),
      queryParameters: connectParameters[sub.name] ?? [],
    })),
  );
}

/** `CoreV1`, `CertManagerIoV1`. */
export function groupVersionWord(def: Pick<ResourceDef, 'group' | 'version'>): string {
  return groupWord(def) + capital(def.version);
}

/** `Core`, `RbacAuthorization`, `CertManagerIo`. */
export function groupWord({ group }: Pick<ResourceDef, 'group'>): string {
  const words = (group || 'core').replace(/\.k8s\.io$/, '').split(/[^A-Za-z0-9]/);
  return words.map(capital).join('');
}

/** `core_v1`, `rbacAuthorization_v1`. */
export function tagOf(def: Pick<ResourceDef, 'group' | 'version'>): string {
  return `${groupTag(def)}_${def.version}`;
}

export function groupTag(def: Pick<ResourceDef, 'group'>): string {
  const word = groupWord(def);
  return `${word.slice(0, 1).toLowerCase()}${word.slice(1)}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const customObjectTypes = ['application/json', 'application/yaml'];
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const customPatchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

export function requestMediaTypes({ method, action, isCustom, responseMediaTypes }: Operation): string[] {
  if (action === undefined) return [...responseMediaTypes];
  if (method === 'patch' && action === 'patch') return isCustom ? customPatchTypes : patchTypes;
  return isCustom ? customObjectTypes : ['*/*'];
}

/** Upstream's documents of custom resources leave out the watch. */
function responseMediaTypes({ action, response, path }: PlainOperation, isCustom: boolean): string[] {
  if (action === 'connect') return ['*/*'];
  if (response === undefined && path.endsWith('/log')) return ['text/plain', ...objectTypes];
  if (isCustom) return customObjectTypes;
  const isWatched = action === 'list' || action === 'watch' || action === 'watchlist';
  return isWatched ? [...objectTypes, ...streamTypes] : objectTypes;
}
