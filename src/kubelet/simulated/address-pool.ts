/** Addresses of a node's pod range, the lowest free one after the last; gateway and edges are left out. */

import { addressAt, type Cidr, cidrSize, parseCidr } from '#base/net/cidr.ts';
import { RuntimeError } from '../runtime/runtime.ts';

export class AddressPool {
  #cidr: Cidr | undefined;
  readonly #used = new Set<string>();
  #next = 2;

  get hasRange(): boolean {
    return this.#cidr !== undefined;
  }

  use(cidr: string): void {
    this.#cidr = parseCidr(cidr);
  }

  take(): string {
    if (!this.#cidr) throw new RuntimeError('Unknown', 'the node has no pod range');
    const size = cidrSize(this.#cidr);
    for (let tried = 0; tried < size; tried++) {
      const offset = this.#next;
      this.#next = this.#next + 1 >= size - 1 ? 2 : this.#next + 1;
      const address = addressAt(this.#cidr, offset);
      if (this.#used.has(address)) continue;
      this.#used.add(address);
      return address;
    }
    throw new RuntimeError('Unknown', 'no IP addresses available in range set');
  }

  release(address: string): void {
    this.#used.delete(address);
  }
}
