/**
 * The webhooks of one kind of configuration, in upstream's order: by the name of the configuration, then as it lists
 * them. They are compiled when a configuration changes; matching webhooks are cached by resource, operation and
 * subresource.
 */

import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectFeed } from '../../contract/stored-objects.ts';
import type { Resources } from '../../registry/resources.ts';
import { type AdmissionKey, ByRequest } from '../by-request.ts';
import { matchedResource } from '../match.ts';
import { equivalentsOf } from '../objects/equivalents.ts';
import { type Hook, hooksOf, type WebhookConfiguration } from './hook.ts';

/** A webhook whose rules match a request. */
export interface MatchedHook {
  readonly hook: Hook;
  /** Its index among all webhooks. */
  readonly index: number;
  /** The resource in the version that its rules match. */
  readonly type: ResourceType;
}

const none: readonly MatchedHook[] = [];

export class HookSource {
  readonly #feed: ObjectFeed;
  readonly #resources: Resources;
  readonly #configurations: ResourceType;
  /** Undefined after a change. */
  #hooks: readonly Hook[] | undefined;
  readonly #read = new WeakMap<object, readonly Hook[]>();
  readonly #matched = new ByRequest((key) => this.#match(key));

  constructor(feed: ObjectFeed, resources: Resources, configurations: ResourceType) {
    this.#feed = feed;
    this.#resources = resources;
    this.#configurations = configurations;
    const forget = () => {
      this.#hooks = undefined;
      this.#matched.forget();
    };
    feed.follow(configurations, { changed: forget, reloaded: forget });
    // A new version of a resource may be an equivalent.
    resources.onChange(() => this.#matched.forget());
  }

  matching(attributes: AdmissionAttributes): readonly MatchedHook[] {
    this.#hooks ??= this.#readAll();
    return this.#hooks.length === 0 ? none : this.#matched.of(attributes);
  }

  #readAll(): readonly Hook[] {
    return this.#feed
      .entries(this.#configurations)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => this.#hooksIn(entry.object() as WebhookConfiguration));
  }

  /** An unchanged configuration is not compiled again. */
  #hooksIn(configuration: WebhookConfiguration): readonly Hook[] {
    let hooks = this.#read.get(configuration);
    if (!hooks) {
      hooks = hooksOf(configuration);
      this.#read.set(configuration, hooks);
    }
    return hooks;
  }

  #match({ type, operation, subresource }: AdmissionKey): readonly MatchedHook[] {
    if (isExempt(type)) return none;
    const equivalents = equivalentsOf(this.#resources, type, subresource);
    return this.#hooks!.flatMap((hook, index) => {
      const types = hook.matchesEquivalents ? equivalents : ([type] as const);
      const matched = matchedResource(hook.rules, operation, types, subresource);
      return matched ? [{ hook, index, type: matched }] : [];
    });
  }
}

/** No webhook is called for these kinds: a broken webhook could not be deleted otherwise. */
function isExempt({ group, kind }: ResourceType): boolean {
  return group === 'admissionregistration.k8s.io' && exemptKinds.has(kind);
}

const exemptKinds: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);
