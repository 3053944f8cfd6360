/** Every operation of a resource, shared by both OpenAPI versions. */

import { resourcePath } from '../meta/resource.ts';
import type { GroupVersionKind, ResourceDef, Schema, SubresourceDef } from '../schema/schema.ts';
import { deleteOptionsType, statusType, subresourceType } from './kinds.ts';
import { patchType } from './schemas.ts';

export interface Operation {
  /** `/api/v1/namespaces/{namespace}/pods/{name}` */
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** x-kubernetes-action. */
  readonly action: string;
  readonly operationId: string;
  /** By which generators of clients group operations: `core_v1`. */
  readonly tag: string;
  readonly kind: GroupVersionKind;
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly string[];
  readonly body?: string;
  /** Undefined for streams. */
  readonly response?: string;
  /** Of a custom resource: no tags say how its lists are merged, so it takes no strategic merge patch. */
  readonly isCustom: boolean;
}

/** Query parameters that are not strings. */
export const parameterTypes: Readonly<Record<string, 'boolean' | 'integer'>> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  orphanDependents: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
};

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'];
const deleteParameters = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'];
const selectParameters = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
];

interface Verb {
  readonly verb: string;
  readonly method: Operation['method'];
  readonly action: string;
  /** First part of the operationId. */
  readonly word: string;
  readonly parameters: readonly string[];
}

const itemVerbs: readonly Verb[] = [
  { verb: 'get', method: 'get', action: 'get', word: 'read', parameters: [] },
  { verb: 'update', method: 'put', action: 'put', word: 'replace', parameters: writeParameters },
  {
    verb: 'patch',
    method: 'patch',
    action: 'patch',
    word: 'patch',
    parameters: [...writeParameters, 'force'],
  },
  { verb: 'delete', method: 'delete', action: 'delete', word: 'delete', parameters: deleteParameters },
];

const listVerb: Verb = {
  verb: 'list',
  method: 'get',
  action: 'list',
  word: 'list',
  parameters: ['allowWatchBookmarks', ...selectParameters, 'watch'],
};

const createVerb: Verb = {
  verb: 'create',
  method: 'post',
  action: 'post',
  word: 'create',
  parameters: writeParameters,
};

const collectionVerbs: readonly Verb[] = [
  listVerb,
  createVerb,
  {
    verb: 'deletecollection',
    method: 'delete',
    action: 'deletecollection',
    word: 'delete',
    parameters: [...selectParameters, ...deleteParameters],
  },
];

type PlainOperation = Omit<Operation, 'isCustom'>;

export function operationsOf(schema: Schema, def: ResourceDef): Operation[] {
  const isCustom = schema.type(def.type).published !== undefined;
  return plainOperations(schema, def).map((operation) => ({ ...operation, isCustom }));
}

function plainOperations(schema: Schema, def: ResourceDef): PlainOperation[] {
  const scope = def.namespaced ? { namespace: '{namespace}' } : {};
  const scopeWord = def.namespaced ? 'Namespaced' : '';
  // The braces of the template are not escaped.
  const collection = decodeURI(resourcePath(def, scope));
  const item = `${collection}/{name}`;
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

function verbsOf(def: { verbs: readonly string[] }, verbs: readonly Verb[]): Verb[] {
  return verbs.filter((verb) => def.verbs.includes(verb.verb));
}

function operation(def: ResourceDef, verb: Verb, path: string, subject: string): PlainOperation {
  const { group, version, kind } = def;
  const response = verb.action === 'list' ? `${def.type}List` : deletes(verb) ? statusType : def.type;
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
    response,
  };
}

function deletes(verb: Verb): boolean {
  return verb.method === 'delete';
}

function bodyOf(verb: Verb, type: string): string | undefined {
  if (verb.method === 'get') return undefined;
  if (verb.method === 'patch') return patchType;
  return deletes(verb) ? deleteOptionsType : type;
}

function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

function subresourceOperations(
  schema: Schema,
  def: ResourceDef,
  sub: SubresourceDef,
  item: string,
): PlainOperation[] {
  const { group, version, kind } = sub;
  const type = subresourceType(schema, def, sub);
  const scopeWord = def.namespaced ? 'Namespaced' : '';
  const path = `${item}/${sub.name}`;
  return verbsOf(sub, [createVerb, ...itemVerbs]).map((verb) => {
    const isStream = type === undefined;
    const body = type && bodyOf(verb, type);
    const response = sub.name === 'log' ? undefined : type;
    const word = isStream ? 'connect' : verb.word;
    const method = isStream ? capital(verb.method) : '';
    return {
      path,
      method: verb.method,
      action: isStream ? 'connect' : verb.action,
      operationId: `${word}${groupVersionWord(def)}${method}${scopeWord}${def.kind}${capital(sub.name)}`,
      tag: tagOf(def),
      kind: { group, version, kind },
      pathParameters: pathParameters(path),
      queryParameters: isStream ? [] : verb.parameters,
      ...(body ? { body } : {}),
      ...(response ? { response } : {}),
    };
  });
}

/** `CoreV1`, `CertManagerIoV1`. */
function groupVersionWord(def: Pick<ResourceDef, 'group' | 'version'>): string {
  return groupWord(def) + capital(def.version);
}

/** `Core`, `RbacAuthorization`, `CertManagerIo`. */
function groupWord({ group }: Pick<ResourceDef, 'group'>): string {
  const words = (group || 'core').replace(/\.k8s\.io$/, '').split(/[^A-Za-z0-9]/);
  return words.map(capital).join('');
}

function tagOf(def: Pick<ResourceDef, 'group' | 'version'>): string {
  const word = groupWord(def);
  return `${word.slice(0, 1).toLowerCase()}${word.slice(1)}_${def.version}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const objectTypes = ['application/json', 'application/yaml'];
const customPatchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const patchTypes = [...customPatchTypes, 'application/strategic-merge-patch+json'];

export function requestMediaTypes({ method, isCustom }: Operation): string[] {
  if (method === 'patch') return isCustom ? customPatchTypes : patchTypes;
  return isCustom ? objectTypes : ['*/*'];
}

/** Upstream's documents of custom resources leave out the watch. */
export function responseMediaTypes({ response, action, isCustom }: Operation): string[] {
  if (response === undefined) return ['*/*'];
  return action === 'list' && !isCustom ? [...objectTypes, 'application/json;stream=watch'] : objectTypes;
}
