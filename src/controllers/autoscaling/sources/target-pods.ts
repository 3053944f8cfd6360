/** The pods of the targets of autoscalers, and which autoscalers select the same ones. */

import type { HorizontalPodAutoscaler, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Selector } from '#api/selectors/selector.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import type { Lister } from '#client/informers/informer.ts';
import { ambiguityOf, type SelectorProblem } from '../decide/selector.ts';

export class TargetPods {
  readonly #autoscalers: Pick<Lister<HorizontalPodAutoscaler>, 'get'>;
  readonly #pods: Pick<Lister<Pod>, 'list'>;
  /** By namespace, by key: the selectors of the targets' pods, as last read. */
  readonly #selectors = new Map<string, Map<string, Selector>>();

  constructor(autoscalers: Pick<Lister<HorizontalPodAutoscaler>, 'get'>, pods: Pick<Lister<Pod>, 'list'>) {
    this.#autoscalers = autoscalers;
    this.#pods = pods;
  }

  /** `text` is the selector as the scale of the target has it. A problem when another autoscaler selects one of the pods too. */
  podsOf(
    autoscaler: Stored<HorizontalPodAutoscaler>,
    text: string,
    selector: Selector,
  ): readonly Stored<Pod>[] | SelectorProblem {
    const { namespace = '' } = autoscaler.metadata;
    const selectors = this.#remember(keyOf(autoscaler), selector);
    const pods = this.#pods.list(namespace).filter(({ metadata }) => selector.matches(metadata.labels));
    return ambiguityOf(text, pods, selectors) ?? pods;
  }

  forget(key: string): void {
    const [namespace] = splitKey(key);
    const selectors = this.#selectors.get(namespace);
    selectors?.delete(key);
    if (selectors?.size === 0) this.#selectors.delete(namespace);
  }

  /** Returns the selectors of the namespace. An autoscaler that was deleted while its target was read has none. */
  #remember(key: string, selector: Selector): ReadonlyMap<string, Selector> {
    const [namespace, name] = splitKey(key);
    const selectors = this.#selectors.get(namespace) ?? new Map<string, Selector>();
    if (!this.#autoscalers.get(namespace, name)) return selectors;
    this.#selectors.set(namespace, selectors);
    return selectors.set(key, selector);
  }
}
