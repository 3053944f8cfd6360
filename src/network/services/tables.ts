/** The service tables of one node, one for each address family, written together. */

import { familiesOf, rangeOf } from '#base/net/range-list.ts';
import type { Family, Frontend } from './frontends/frontend.ts';
import { frameScript, type TableFrame } from './nft-script.ts';
import { partOf } from './table/part.ts';
import { ServiceTable } from './table/service-table.ts';

export class ServiceTables {
  readonly #frame: TableFrame;
  readonly #tables: ReadonlyMap<Family, ServiceTable>;
  /** A failure left the kernel's tables unknown, or they are of an earlier process. */
  #isKnown = false;

  constructor(frame: TableFrame) {
    this.#frame = frame;
    this.#tables = new Map(
      familiesOf(frame.podRange).map((family) => [family, new ServiceTable(family, frame.name)]),
    );
  }

  /** Replaces what `owner` offers. */
  put(owner: string, frontends: readonly Frontend[]): void {
    for (const [family, table] of this.#tables) {
      const own = frontends.filter((frontend) => frontend.family === family);
      const { podRange, serviceRange } = this.#frame;
      const ranges = { podRange: rangeOf(podRange, family), serviceRange: rangeOf(serviceRange, family) };
      const options = { family, ...ranges, before: table.part(owner) };
      table.put(owner, own.length > 0 ? partOf(own, options) : undefined);
    }
  }

  /** Transactions that bring the kernel to what was put; one of the whole tables when it is unknown what the kernel has. */
  scripts(): string[] {
    const scripts = this.#isKnown
      ? [...this.#tables.values()].map((table) => table.changes())
      : [...this.#tables].map(([family, table]) => [frameScript(this.#frame, family) + table.all()]);
    const [first = []] = scripts;
    return first
      .map((_, step) => scripts.map((ofFamily) => ofFamily[step]).join(''))
      .filter((script) => script !== '');
  }

  /** The kernel has taken the script. */
  written(): void {
    this.#isKnown = true;
    for (const table of this.#tables.values()) table.settle();
  }

  failed(): void {
    this.#isKnown = false;
  }
}

/** The empty tables. */
export function frameScripts(frame: TableFrame): string {
  return familiesOf(frame.podRange)
    .map((family) => frameScript(frame, family))
    .join('');
}
