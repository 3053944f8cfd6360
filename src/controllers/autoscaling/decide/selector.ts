/** The selector in a target's scale: it must select pods that no other autoscaler's target selects. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { parseLabelSelector, type Selector } from '#api/selectors/selector.ts';
import { errorText } from './metric-texts.ts';

export interface SelectorProblem {
  /** Of the event, with `message`. */
  readonly reason: string;
  readonly message: string;
  readonly conditionReason: string;
  readonly conditionMessage: string;
}

export function readSelector(text: string): Selector | SelectorProblem {
  if (text === '') {
    return {
      reason: 'SelectorRequired',
      message: 'selector is required',
      conditionReason: 'InvalidSelector',
      conditionMessage: "the HPA target's scale is missing a selector",
    };
  }
  try {
    return parseLabelSelector(text);
  } catch (error) {
    const what = "couldn't convert selector into a corresponding internal selector object";
    return problem('InvalidSelector', `${what}: ${errorText(error)}`);
  }
}

export function isSelector(found: Selector | SelectorProblem): found is Selector {
  return 'matches' in found;
}

/** `selectors`: by key (`namespace/name`), of all autoscalers of the namespace whose selector is known. */
export function ambiguityOf(
  text: string,
  pods: readonly Stored<Pod>[],
  selectors: ReadonlyMap<string, Selector>,
): SelectorProblem | undefined {
  const selecting = [...selectors]
    .filter(([, selector]) => pods.some(({ metadata }) => selector.matches(metadata.labels)))
    .map(([key]) => key);
  if (selecting.length < 2) return undefined;
  const keys = selecting.sort().join(' ');
  return problem('AmbiguousSelector', `pods by selector ${text} are controlled by multiple HPAs: [${keys}]`);
}

function problem(reason: string, message: string): SelectorProblem {
  return { reason, message, conditionReason: reason, conditionMessage: message };
}
