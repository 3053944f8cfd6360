/** Reads the figures of several nodes: one that cannot be measured delays and fails none of the others. */

import { errorText } from '#base/text/error-text.ts';
import type { NodeFigures, UsageSource } from '../contract/usage-source.ts';

/** Nodes that are asked at the same time. */
const nodesAtOnce = 32;

export class UsageOfNodes {
  readonly #source: UsageSource;

  constructor(source: UsageSource) {
    this.#source = source;
  }

  /** By node, without those that have no figures; `failed` is called for each that could not be measured. */
  async read(
    nodeNames: readonly string[],
    failed: (text: string) => void,
  ): Promise<ReadonlyMap<string, NodeFigures>> {
    const found = new Map<string, NodeFigures>();
    const waiting = new Set(nodeNames).values();
    const next = async () => {
      for (const name of waiting) {
        try {
          const figures = await this.#source.read(name);
          if (figures) found.set(name, figures);
        } catch (error) {
          failed(`${name}: ${errorText(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: nodesAtOnce }, next));
    return found;
  }
}
