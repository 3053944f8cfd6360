/** Chains that allow ports, shared by all elements with the same ports; a chain is there while an element uses it. */

import type { TableJournal } from '../../nft/table-journal.ts';
import type { Direction } from '../rules/compiled-policy.ts';
import { type Ports, portsText } from '../rules/ports.ts';
import { shortHash } from './guard.ts';

export class PortChains {
  readonly #table: TableJournal;
  readonly #users = new Map<string, number>();

  constructor(table: TableJournal) {
    this.#table = table;
  }

  /** Sets an element of a guard's map to the verdict for these ports; undefined removes the element. */
  setElement(map: string, element: string, direction: Direction, ports: Ports | undefined): void {
    const old = this.#table.get(map, element);
    const verdict = ports && this.#verdict(direction, ports);
    if (old === verdict) return;
    this.#table.set(map, element, verdict);
    if (verdict) this.#count(verdict, 1);
    if (old) this.#count(old, -1);
  }

  /** Removes a map with all of its elements. */
  removeMap(map: string): void {
    const verdicts = [...(this.#table.maps.get(map)?.elements.values() ?? [])];
    this.#table.removeMap(map);
    for (const verdict of verdicts) this.#count(verdict, -1);
  }

  #verdict(direction: Direction, ports: Ports): string {
    if (ports === 'all') return 'return';
    if (ports.length === 0) return `goto deny_${direction}`;
    const text = portsText(ports);
    const chain = `${direction}-ports-${shortHash(text)}`;
    if (!this.#table.chains.has(chain)) this.#table.addChain(chain, allowing(text, direction));
    return `goto ${chain}`;
  }

  #count(verdict: string, by: number): void {
    if (!verdict.includes('-ports-')) return;
    const users = (this.#users.get(verdict) ?? 0) + by;
    if (users > 0) {
      this.#users.set(verdict, users);
    } else {
      this.#users.delete(verdict);
      this.#table.removeChain(verdict.slice('goto '.length));
    }
  }
}

function allowing(ports: string, direction: Direction): string[] {
  return [`meta l4proto . th dport ${ports} return`, `goto deny_${direction}`];
}
