/**
 * Carries out the matching policies of a request one after the other, and policies with `reinvocationPolicy: IfNeeded`
 * once more after later changes. Upstream marks the object as changed after every mutation, even without a
 * difference, so such a policy is always carried out twice.
 */

import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { AdmissionAttributes } from '../../../contract/admission.ts';
import { whenAnswered } from '../../expressions/ask-authorizer.ts';
import { ObjectViews } from '../../objects/shown-objects.ts';
import type { BoundPolicy } from '../bound-policies.ts';
import { meetsConditions } from '../match-conditions.ts';
import { ConfigurationProblem } from '../params.ts';
import type { PolicyOptions } from '../policy-options.ts';
import { compiledMutations } from './compiled-mutations.ts';
import { type Invocation, type MutatedRequest, mutateObject, variablesOf } from './mutate-object.ts';
import { MutationFailed } from './mutation-failed.ts';
import type { PolicyError } from './policy-denial.ts';

export type BoundMutation = BoundPolicy<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>;

interface NamedInvocation extends Invocation {
  readonly policy: string;
  readonly binding: string;
  /** Unique among the invocations of a request. */
  readonly id: string;
}

export class MutationRound {
  readonly #options: PolicyOptions;
  readonly #request: MutatedRequest;
  readonly #attributes: AdmissionAttributes;
  /** Ids of invocations with `reinvocationPolicy: IfNeeded`. */
  #seen = new Set<string>();
  readonly #toRepeat = new Set<string>();
  #lastObject = '';
  /** A mutation has been made in this run. */
  #isMutated = false;

  constructor(options: PolicyOptions, attributes: AdmissionAttributes) {
    this.#options = options;
    this.#attributes = attributes;
    this.#request = { attributes, views: new ObjectViews(options.resources, attributes, true) };
  }

  /** Returns the errors of policies that fail closed. */
  async run(bound: readonly BoundMutation[]): Promise<PolicyError[]> {
    const text = () => JSON.stringify(this.#attributes.object);
    if (this.#isSecond && text() !== this.#lastObject) this.#repeatSeen();
    this.#isMutated = false;
    // Other plugins may have changed the object meanwhile.
    this.#request.views.changed();
    const invocations: NamedInvocation[] = [];
    const errors = bound.flatMap((policy) => this.#sortOut(policy, invocations));
    for (const invocation of invocations) errors.push(...(await this.#invoke(invocation)));
    if (this.#isMutated) this.#repeatSeen();
    this.#lastObject = text();
    return errors;
  }

  get #isSecond(): boolean {
    return this.#attributes.reinvocation === 'running';
  }

  /** Adds to `invocations`; returns the errors of the configuration. */
  #sortOut({ policy, matched, bindings }: BoundMutation, invocations: NamedInvocation[]): PolicyError[] {
    const compiled = compiledMutations(policy);
    const policyName = policy.metadata!.name!;
    const failed = ({ message }: ConfigurationProblem, binding?: string) =>
      compiled.isFailClosed ? [{ policy: policyName, binding, message }] : [];
    if (bindings instanceof ConfigurationProblem) return failed(bindings);
    return bindings.flatMap(({ binding, params }) => {
      const names = { policy: policyName, binding: binding.metadata!.name! };
      if (params instanceof ConfigurationProblem) return failed(params, names.binding);
      for (const param of params) {
        invocations.push({ ...names, compiled, matched, param, id: idOf(names, param) });
      }
      return [];
    });
  }

  async #invoke(invocation: NamedInvocation): Promise<PolicyError[]> {
    const { compiled, policy, binding, id, matched } = invocation;
    await this.#request.views.ahead(matched);
    const isMatch = await whenAnswered(() => this.#meets(invocation));
    if (typeof isMatch === 'string') return [{ policy, binding, message: isMatch, reason: 'Invalid' }];
    if (!isMatch || (this.#isSecond && !this.#toRepeat.has(id))) return [];
    const errors = this.#attributes.object ? await this.#mutate(invocation) : [];
    if (compiled.isReinvoked) this.#seen.add(id);
    return compiled.isFailClosed ? errors : [];
  }

  #meets(invocation: NamedInvocation): boolean | string {
    const { compiled } = invocation;
    if (compiled.matchConditions.length === 0) return true;
    const variables = variablesOf(this.#options, this.#request, invocation);
    return meetsConditions(compiled, variables, this.#options.clock);
  }

  /** Mutations after a failed one are still carried out. */
  async #mutate(invocation: NamedInvocation): Promise<PolicyError[]> {
    const { policy, binding } = invocation;
    const errors: PolicyError[] = [];
    for (const mutation of invocation.compiled.mutations) {
      const startedMs = this.#options.clock.monotonicMs();
      const error = await mutateObject(this.#options, this.#request, invocation, mutation).then(
        () => undefined,
        (error: Error) => error,
      );
      const ms = this.#options.clock.monotonicMs() - startedMs;
      this.#options.metrics.mutated({ policy, binding, ms, error: error?.message });
      if (error === undefined) this.#changed();
      else if (!(error instanceof MutationFailed)) throw error;
      else errors.push({ policy, binding, message: error.message, reason: 'Invalid' });
    }
    return errors;
  }

  #changed(): void {
    this.#isMutated = true;
    this.#repeatSeen();
    if (!this.#isSecond) this.#attributes.reinvocation = 'wanted';
  }

  #repeatSeen(): void {
    for (const id of this.#seen) this.#toRepeat.add(id);
    this.#seen = new Set();
  }
}

function idOf({ policy, binding }: { policy: string; binding: string }, param: AnyObject | null): string {
  return JSON.stringify([policy, binding, param?.metadata?.namespace, param?.metadata?.name]);
}
