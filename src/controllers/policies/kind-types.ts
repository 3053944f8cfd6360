/** The kinds that the rules of a policy name, with the types of their objects: built-in ones, and those that the API server publishes. */

import { declareType } from '#api/cel/schema/declare-type.ts';
import type { CelType } from '#api/cel/types/type.ts';
import type { ValidatingAdmissionPolicySpec } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { GroupVersionKind } from '#api/schema/schema.ts';
import type { ReadClient } from '#client/client.ts';
import { type OpenApiDocument, schemaOfKind } from './open-api-schema.ts';
import { typeOfKind } from './type-of-kind.ts';

export interface KindTypes {
  kindOf(group: string, version: string, resource: string): GroupVersionKind | undefined;
  typeOf(kind: GroupVersionKind): CelType | undefined;
}

export const builtInTypes: KindTypes = {
  kindOf: (group, version, resource) => loadSchema().resource(group, version, resource),
  typeOf: typeOfKind,
};

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** The groups and versions of rules and params that have no built-in kind. */
export function groupVersionsToLookUp({
  matchConstraints,
  paramKind,
}: ValidatingAdmissionPolicySpec): GroupVersion[] {
  const ofRules = (matchConstraints?.resourceRules ?? []).flatMap(({ apiGroups = [], apiVersions = [] }) =>
    apiGroups.flatMap((group) => apiVersions.map((version) => ({ group, version }))),
  );
  const named = paramKind ? [...ofRules, groupVersionOf(paramKind.apiVersion ?? '')] : ofRules;
  const unknown = named.filter(
    ({ group, version }) => group !== '' && !`${group}${version}`.includes('*') && !isBuiltIn(group, version),
  );
  return [...new Map(unknown.map((each) => [`${each.group}/${each.version}`, each])).values()];
}

export function groupVersionOf(apiVersion: string): GroupVersion {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return { group, version };
}

const isBuiltIn = (group: string, version: string) =>
  loadSchema().resources.some((resource) => resource.group === group && resource.version === version);

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string }[];
}

/** Built-in ones, and what is served of these groups and versions now. */
export async function publishedTypes(
  client: ReadClient,
  wanted: readonly GroupVersion[],
): Promise<KindTypes> {
  const kinds = new Map<string, GroupVersionKind>();
  const types = new Map<string, CelType>();
  for (const { group, version } of wanted) {
    const path = `/apis/${group}/${version}`;
    const list = (await unlessMissing(client.raw('GET', path))) as ResourceList | undefined;
    const document = (await unlessMissing(client.raw('GET', `/openapi/v3${path}`))) as OpenApiDocument;
    for (const { name, kind } of list?.resources ?? []) {
      if (name.includes('/')) continue;
      const found = { group, version, kind };
      kinds.set(`${group}/${version}/${name}`, found);
      const schema = document && schemaOfKind(document, found);
      const type = schema && declareType(schema, true, kind);
      if (type) types.set(keyOf(found), type);
    }
  }
  return {
    kindOf: (group, version, resource) =>
      builtInTypes.kindOf(group, version, resource) ?? kinds.get(`${group}/${version}/${resource}`),
    typeOf: (kind) => builtInTypes.typeOf(kind) ?? types.get(keyOf(kind)),
  };
}

const keyOf = ({ group, version, kind }: GroupVersionKind) => `${group}/${version}/${kind}`;

async function unlessMissing(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}
