/** Whether a policy or a binding matches a request: by its rules, and its selectors of namespaces and objects. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type { MatchResources, NamedRuleWithOperations } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { notFound } from '#api/meta/status.ts';
import { type Labels, selectorFromLabelSelector } from '#api/selectors/selector.ts';
import type { AdmissionAttributes, AdmissionRule } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { matchedResource } from '../match.ts';

/** The resource that the rules match: the request's own or an equivalent; undefined if they do not match. */
export function matchedBy(
  match: MatchResources | undefined,
  attributes: AdmissionAttributes,
  equivalents: readonly ResourceType[],
  reader: ObjectReader,
): ResourceType | undefined {
  const { type } = attributes;
  if (match === undefined) return type;
  const types = match.matchPolicy === 'Exact' ? [] : equivalents;
  if (byRules(match.excludeResourceRules ?? [], attributes, types) !== undefined) return undefined;
  const rules = match.resourceRules ?? [];
  const found = rules.length === 0 ? type : byRules(rules, attributes, types);
  if (found === undefined) return undefined;
  return hasObject(match, attributes) && isInNamespace(match, attributes, reader) ? found : undefined;
}

function byRules(
  rules: readonly NamedRuleWithOperations[],
  { operation, type, subresource, name }: AdmissionAttributes,
  equivalents: readonly ResourceType[],
): ResourceType | undefined {
  const named = rules.filter(
    ({ resourceNames = [] }) => resourceNames.length === 0 || resourceNames.includes(name),
  );
  return matchedResource(named.map(ruleOf), operation, [type, ...equivalents], subresource);
}

function ruleOf(rule: NamedRuleWithOperations): AdmissionRule {
  return {
    operations: (rule.operations ?? []) as AdmissionRule['operations'],
    apiGroups: rule.apiGroups ?? [],
    apiVersions: rule.apiVersions ?? [],
    resources: rule.resources ?? [],
    scope: (rule.scope ?? '*') as NonNullable<AdmissionRule['scope']>,
  };
}

const ofNamespaces: AdmissionRule = {
  operations: ['*'],
  apiGroups: [''],
  apiVersions: ['*'],
  resources: ['namespaces/*'],
};

/** Whether the request is for a Namespace itself, not for an object in it. */
export function meansNamespaces({ operation, type, subresource }: AdmissionAttributes): boolean {
  return matchedResource([ofNamespaces], operation, [type], subresource) !== undefined;
}

function hasObject({ objectSelector }: MatchResources, { object, oldObject }: AdmissionAttributes): boolean {
  const selector = selectorFromLabelSelector(objectSelector ?? {});
  if (selector.matchesEverything) return true;
  return [object, oldObject].some((each) => each !== undefined && selector.matches(labelsOf(each)));
}

const labelsOf = (object: AnyObject): Labels => (object.metadata?.labels as Labels | undefined) ?? {};

/** True for cluster-scoped resources, except namespaces themselves. */
function isInNamespace(
  { namespaceSelector }: MatchResources,
  attributes: AdmissionAttributes,
  reader: ObjectReader,
): boolean {
  const { operation, subresource, name, object } = attributes;
  const isNamespace = meansNamespaces(attributes);
  if (attributes.namespace === '' && !isNamespace) return true;
  const selector = selectorFromLabelSelector(namespaceSelector ?? {});
  if (selector.matchesEverything) return true;
  const isWritten = isNamespace && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE');
  if (isWritten) return selector.matches(labelsOf(object!));
  const wanted = attributes.namespace || name;
  const namespace = reader.get(namespaces, '', wanted);
  if (namespace === undefined) throw notFound(namespaces, wanted);
  return selector.matches(labelsOf(namespace));
}
