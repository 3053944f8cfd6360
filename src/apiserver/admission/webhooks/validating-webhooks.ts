/**
 * Calls all webhooks that match a request at the same time, and rejects the request if any webhook denies it. Reads:
 * ValidatingWebhookConfiguration, Namespace. Upstream: ValidatingAdmissionWebhook.
 */

import { validatingWebhookConfigurations } from '#api/generated/kinds.gen.ts';
import { inOrder } from '#base/in-order.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import { ObjectViews } from '../objects/shown-objects.ts';
import { callHook } from './call-hook.ts';
import { everyRequest, type HookParts } from './hook-parts.ts';
import { HookSource, type MatchedHook } from './hook-source.ts';
import { isCalled } from './is-called.ts';
import { assertInTime, outcomeOf } from './outcome.ts';

const phase = 'validating';

export function validatingWebhooks(parts: HookParts): AdmissionPlugin {
  const source = new HookSource(parts.feed, parts.resources, validatingWebhookConfigurations);
  return defineAdmission({
    name: 'ValidatingAdmissionWebhook',
    rules: everyRequest,
    validate(attributes) {
      const matched = source.matching(attributes);
      if (matched.length === 0) return;
      const views = new ObjectViews(parts.resources, attributes, false);
      const converting = inOrder(matched, ({ type }) => views.ahead(type));
      const ask = () => askCalled(parts, matched, attributes, views);
      return converting ? converting.then(ask) : ask();
    },
  });
}

/** Without a promise if no webhook is called. */
function askCalled(
  parts: HookParts,
  matched: readonly MatchedHook[],
  attributes: AdmissionAttributes,
  views: ObjectViews,
): Promise<void> | undefined {
  const called: MatchedHook[] = [];
  const choosing = inOrder(matched, (hook) => {
    const choice = isCalled(parts, hook, attributes, views, phase);
    const keep = (isChosen: boolean) => {
      if (isChosen) called.push(hook);
    };
    return choice instanceof Promise ? choice.then(keep) : keep(choice);
  });
  const ask = () => {
    if (called.length === 0) return undefined;
    assertInTime(attributes);
    return askAll(parts, called, attributes, views);
  };
  return choosing ? choosing.then(ask) : ask();
}

/** Waits until all webhooks have answered or timed out, and then throws the first rejection. */
async function askAll(
  parts: HookParts,
  called: readonly MatchedHook[],
  attributes: AdmissionAttributes,
  views: ObjectViews,
): Promise<void> {
  const refusals: unknown[] = [];
  const asked = called.map(async (matched, index) => {
    const call = { hook: matched.hook, phase, startedMs: parts.clock.monotonicMs() } as const;
    const error = await callHook(parts, matched, attributes, views, false).then(
      () => undefined,
      (error: unknown) => error,
    );
    const { refusal, failedOpen } = outcomeOf(parts, call, attributes, error);
    if (refusal) refusals.push(refusal);
    if (failedOpen) {
      const key = `failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`;
      attributes.request?.annotate(key, matched.hook.name);
    }
  });
  await Promise.all(asked);
  if (refusals.length > 0) throw refusals[0];
}
