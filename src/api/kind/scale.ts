/** The `scale` subresource of a kind: the paths of its replicas, as in a CustomResourceDefinition. */

import type { LabelSelector } from '../generated/types.gen.ts';
import type { KubeObject } from '../meta/object.ts';
import { selectorFromLabelSelector } from '../selectors/selector.ts';

export interface ScaleRules<T extends KubeObject = KubeObject> {
  readonly specReplicasPath: readonly string[];
  readonly statusReplicasPath: readonly string[];
  /** As a definition names the path, where it must exist for the object to have a scale. */
  readonly specReplicasField?: string;
  /** The selector of its pods as text; empty if there is none. */
  selector(object: T): string;
}

interface WithSelector extends KubeObject {
  spec?: { selector?: LabelSelector };
}

/** For a workload with the usual fields. */
export const workloadScale: ScaleRules<WithSelector> = {
  specReplicasPath: ['spec', 'replicas'],
  statusReplicasPath: ['status', 'replicas'],
  selector: ({ spec }) => selectorFromLabelSelector(spec?.selector).toString(),
};
