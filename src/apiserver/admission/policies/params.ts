/** The objects that a binding takes the parameters of its policy from. */

import type { ParamKind, ValidatingAdmissionPolicyBinding } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { selectorFromLabelSelector } from '#api/selectors/selector.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import type { Resources } from '../../registry/resources.ts';

/** Why a binding cannot be used. */
export class ConfigurationProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** null: the policy is evaluated once, without a parameter. No params at all: it is not evaluated. */
export function paramsOf(
  kind: ParamKind | undefined,
  { spec }: ValidatingAdmissionPolicyBinding,
  namespace: string,
  served: Pick<Resources, 'all'>,
  reader: ObjectReader,
): readonly (AnyObject | null)[] | ConfigurationProblem {
  const ref = spec?.paramRef;
  if (kind === undefined || ref === undefined) return [null];
  const type = served.all.find(({ type: { kind: name }, type: each, storage }) => {
    return storage !== undefined && name === kind.kind && apiVersionOf(each) === kind.apiVersion;
  })?.type;
  if (type === undefined) return new ConfigurationProblem(`paramKind kind \`${shown(kind)}\` not known`);
  if (ref.namespace && !type.namespaced) {
    return new ConfigurationProblem(
      'paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    );
  }
  const where = type.namespaced ? ref.namespace || namespace : '';
  if (type.namespaced && where === '') {
    return new ConfigurationProblem(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  }
  const found = ref.name
    ? [reader.get(type, where, ref.name)]
    : selected(reader.list(type, where), ref.selector);
  const params = found.filter((param) => param !== undefined);
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    return new ConfigurationProblem('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return params;
}

function selected(objects: readonly AnyObject[], selector: Parameters<typeof selectorFromLabelSelector>[0]) {
  const { matches } = selectorFromLabelSelector(selector);
  return objects.filter(({ metadata }) => matches(metadata?.labels as Record<string, string> | undefined));
}

/** As Go prints the message of protobuf. */
const shown = ({ apiVersion = '', kind = '' }: ParamKind) =>
  `&ParamKind{APIVersion:${apiVersion},Kind:${kind},}`;
