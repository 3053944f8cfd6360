/** Carries out a mutation: evaluates its expression, and replaces the object by the result. */

import { costLimits } from '#api/cel/contract.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { AdmissionAttributes } from '../../../contract/admission.ts';
import { whenAnswered } from '../../expressions/ask-authorizer.ts';
import { authorizerBindings } from '../../expressions/request-bindings.ts';
import { replaceObject } from '../../objects/replace-object.ts';
import type { ObjectViews } from '../../objects/shown-objects.ts';
import { kindOf } from '../../objects/shown-type.ts';
import { Budget, evaluateCondition, outOfBudget } from '../condition.ts';
import type { PolicyOptions } from '../policy-options.ts';
import { policyVariables } from '../policy-variables.ts';
import { applyConfiguration } from './apply-configuration.ts';
import type { CompiledMutation, CompiledMutations } from './compiled-mutations.ts';
import { applyOperations } from './json-patch.ts';
import { MutationFailed } from './mutation-failed.ts';

/** The mutated request, with the versions in which policies see its objects. */
export interface MutatedRequest {
  readonly attributes: AdmissionAttributes;
  readonly views: ObjectViews;
}

/** A policy with one of the params of one of its bindings. */
export interface Invocation {
  readonly compiled: CompiledMutations;
  readonly matched: ResourceType;
  readonly param: AnyObject | null;
}

/** The variables of an invocation's expressions, about the object as it is now. */
export function variablesOf(
  { reader, authorizer }: PolicyOptions,
  { attributes, views }: MutatedRequest,
  { matched, param }: Invocation,
) {
  return {
    ...policyVariables(reader, attributes, views, matched),
    ...authorizerBindings(authorizer, attributes),
    params: param,
  };
}

/** Returns whether the object has changed. Throws `MutationFailed`, or a StatusError whatever the failure policy is. */
export async function mutateObject(
  options: PolicyOptions,
  request: MutatedRequest,
  invocation: Invocation,
  { patchType, condition }: CompiledMutation,
): Promise<boolean> {
  const { attributes, views } = request;
  const { matched } = invocation;
  if (typeof condition.program === 'string') throw new MutationFailed(condition.program);
  await views.ahead(matched);
  const made = await whenAnswered(() => evaluated(options, request, invocation, condition));
  const object = views.object(matched)!;
  const { resources } = options;
  if (patchType === 'JSONPatch') {
    return replaceObject(resources, attributes, views, matched, applyOperations(object, made), true);
  }
  const merged = applyConfiguration(resources, matched, object, made);
  return replaceObject(resources, attributes, views, matched, merged).catch((error: unknown) => {
    throw error instanceof StatusError ? unconvertible(object, error) : error;
  });
}

/** The error of a value that fits the schema but not its Go type: a fraction, a string that is no time. */
function unconvertible(object: AnyObject, { status }: StatusError): MutationFailed {
  const { group, version, kind } = kindOf(object);
  const [cause] = status.details?.causes ?? [];
  const why = (cause?.message ?? '').replace(
    /^json: cannot unmarshal number .* of type (\w+)$/,
    'cannot convert float64 to $1',
  );
  return new MutationFailed(
    `unable to convert unstructured object to ${group}/${version}, Kind=${kind}: ${why}`,
  );
}

function evaluated(
  options: PolicyOptions,
  request: MutatedRequest,
  invocation: Invocation,
  condition: CompiledMutation['condition'],
): unknown {
  const bindings = variablesOf(options, request, invocation);
  const variables = invocation.compiled.composition.begin(bindings);
  const scope = { bindings, variables, clock: options.clock };
  const outcome = evaluateCondition(condition, scope, new Budget(costLimits.object));
  if (typeof outcome === 'string') throw new MutationFailed(outOfBudget);
  if (outcome.error !== undefined) throw new MutationFailed(outcome.error);
  return outcome.value;
}
