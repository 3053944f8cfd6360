/** Finds the parameter objects of a policy's binding. */

import type { ParamKind, ParamRef } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import { selectorFromLabelSelector } from '#api/selectors/selector.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import type { Resources } from '../../registry/resources.ts';

/** Why a policy or a binding cannot be used. */
export class ConfigurationProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The resource whose objects are the parameters. */
export type ParamSource = ResourceType;

/** Undefined for a policy without parameters. */
export function paramSourceOf(
  kind: ParamKind | undefined,
  served: Pick<Resources, 'all'>,
): ParamSource | undefined | ConfigurationProblem {
  if (kind === undefined) return undefined;
  const found = served.all.find(({ type, storage }) => {
    return storage !== undefined && type.kind === kind.kind && apiVersionOf(type) === kind.apiVersion;
  });
  if (found !== undefined) return found.type;
  return new ConfigurationProblem(
    `failed to configure policy: failed to find resource referenced by paramKind: '${shown(kind)}'`,
  );
}

/** As Go prints a GroupVersionKind. */
const shown = ({ apiVersion = '', kind = '' }: ParamKind) =>
  `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;

const problem = (why: string) => new ConfigurationProblem(`failed to configure binding: ${why}`);

/** An empty list means that the policy is not evaluated for the binding. */
export function paramsOf(
  source: ParamSource,
  ref: ParamRef,
  namespace: string,
  reader: ObjectReader,
): readonly AnyObject[] | ConfigurationProblem {
  const where = source.namespaced ? ref.namespace || namespace : '';
  if (source.namespaced && where === '') {
    return problem('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  }
  if (ref.namespace && !source.namespaced) {
    return problem('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const found = ref.name
    ? [reader.get(source, where, ref.name)]
    : selected(reader.list(source, where), ref.selector);
  const params = found.filter((param) => param !== undefined);
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    return problem('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return params;
}

function selected(objects: readonly AnyObject[], selector: ParamRef['selector']) {
  const { matches } = selectorFromLabelSelector(selector);
  return objects.filter(({ metadata }) => matches(metadata?.labels as Record<string, string> | undefined));
}
