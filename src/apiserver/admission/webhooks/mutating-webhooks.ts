/**
 * Calls the webhooks that match a request one after the other, each with the object as the earlier ones have left
 * it. When a later webhook or another plugin has changed the object, an earlier webhook with
 * `reinvocationPolicy: IfNeeded` is called once more. Reads: MutatingWebhookConfiguration, Namespace. Upstream:
 * MutatingAdmissionWebhook.
 */

import { mutatingWebhookConfigurations } from '#api/generated/kinds.gen.ts';
import { inOrder } from '#base/in-order.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import { ObjectViews } from '../objects/shown-objects.ts';
import { callHook } from './call-hook.ts';
import { everyRequest, type HookParts } from './hook-parts.ts';
import { HookSource, type MatchedHook } from './hook-source.ts';
import { isCalled } from './is-called.ts';
import { assertInTime, outcomeOf } from './outcome.ts';
import { type Patched, patchObject } from './patch-object.ts';

const phase = 'admit';

export function mutatingWebhooks(parts: HookParts): AdmissionPlugin {
  const source = new HookSource(parts.feed, parts.resources, mutatingWebhookConfigurations);
  /** By request. */
  const rounds = new WeakMap<AdmissionAttributes, Round>();
  return defineAdmission({
    name: 'MutatingAdmissionWebhook',
    rules: everyRequest,
    mutate(attributes) {
      const matched = source.matching(attributes);
      if (matched.length === 0) return;
      const round = rounds.get(attributes) ?? new Round(parts, attributes);
      rounds.set(attributes, round);
      return round.run(matched);
    },
  });
}

class Round {
  readonly #parts: HookParts;
  readonly #attributes: AdmissionAttributes;
  readonly #views: ObjectViews;
  /** Ids of called webhooks with `reinvocationPolicy: IfNeeded`. */
  #seen = new Set<string>();
  readonly #toRepeat = new Set<string>();
  #lastObject = '';

  constructor(parts: HookParts, attributes: AdmissionAttributes) {
    this.#parts = parts;
    this.#attributes = attributes;
    this.#views = new ObjectViews(parts.resources, attributes, true);
  }

  run(matched: readonly MatchedHook[]): Promise<void> | undefined {
    if (this.#isSecond && this.#hasChanged()) this.#repeatSeen();
    // Other plugins may have changed the object meanwhile.
    this.#views.changed();
    const running = inOrder(matched, (hook) => this.#handle(hook));
    if (running) return running.then(() => this.#remember());
    this.#remember();
    return undefined;
  }

  get #isSecond(): boolean {
    return this.#attributes.reinvocation === 'running';
  }

  #hasChanged(): boolean {
    return this.#seen.size > 0 && JSON.stringify(this.#attributes.object) !== this.#lastObject;
  }

  #remember(): void {
    if (this.#seen.size > 0 && !this.#isSecond) this.#lastObject = JSON.stringify(this.#attributes.object);
  }

  #repeatSeen(): void {
    for (const id of this.#seen) this.#toRepeat.add(id);
    this.#seen = new Set();
  }

  #handle(matched: MatchedHook): Promise<void> | undefined {
    const converting = this.#views.ahead(matched.type);
    return converting
      ? converting.then(() => this.#handleConverted(matched))
      : this.#handleConverted(matched);
  }

  #handleConverted(matched: MatchedHook): Promise<void> | undefined {
    const called = isCalled(this.#parts, matched, this.#attributes, this.#views, phase);
    return called instanceof Promise
      ? called.then((isIt) => this.#askIf(isIt, matched))
      : this.#askIf(called, matched);
  }

  #askIf(isCalled: boolean, matched: MatchedHook): Promise<void> | undefined {
    if (!isCalled || (this.#isSecond && !this.#toRepeat.has(matched.hook.id))) return undefined;
    return this.#ask(matched);
  }

  async #ask(matched: MatchedHook): Promise<void> {
    const { hook } = matched;
    const call = { hook, phase, startedMs: this.#parts.clock.monotonicMs() } as const;
    const asked = await this.#patchedBy(matched).then(
      (patched) => ({ patched, error: undefined }),
      (error: unknown) => ({ patched: undefined, error }),
    );
    const { patched, error } = asked;
    this.#annotate(matched, patched);
    const { refusal, failedOpen } = outcomeOf(this.#parts, call, this.#attributes, error);
    if (patched?.isChanged) {
      this.#repeatSeen();
      if (!this.#isSecond) this.#attributes.reinvocation = 'wanted';
    }
    if (hook.isReinvoked) this.#seen.add(hook.id);
    if (refusal) throw refusal;
    if (failedOpen) this.#note(`failed-open.mutation.${annotationDomain}`, matched, hook.name);
    if (error !== undefined) assertInTime(this.#attributes);
  }

  async #patchedBy(matched: MatchedHook): Promise<Patched | undefined> {
    const response = await callHook(this.#parts, matched, this.#attributes, this.#views, true);
    return patchObject(this.#parts.resources, matched, this.#attributes, this.#views, response);
  }

  #annotate(matched: MatchedHook, patched: Patched | undefined): void {
    if (!this.#attributes.request) return;
    const { configuration, name: webhook } = matched.hook;
    if (patched) {
      const { patch } = patched;
      const value = JSON.stringify({ configuration, webhook, patch, patchType: 'JSONPatch' });
      this.#note(`patch.${annotationDomain}`, matched, value, 'Request');
    }
    const value = JSON.stringify({ configuration, webhook, mutated: patched?.isChanged ?? false });
    this.#note(`mutation.${annotationDomain}`, matched, value);
  }

  #note(prefix: string, { index }: MatchedHook, value: string, level?: 'Request'): void {
    const key = `${prefix}/round_${this.#isSecond ? 1 : 0}_index_${index}`;
    this.#attributes.request?.annotate(key, value, level);
  }
}

const annotationDomain = 'webhook.admission.k8s.io';
