/**
 * Addresses that this server has just allocated, until its cache shows the IPAddress and the Service. Such a pair agrees,
 * so that the repair need not parse and compare it: it judges later changes, and those of other writers.
 */

interface Given {
  /** `namespace/name`. */
  readonly service: string;
  isSeen: boolean;
}

export class GivenAddresses {
  readonly #byAddress = new Map<string, Given>();

  /** Before the address is stored: the cache may show it before the write has returned. */
  give(address: string, service: string): void {
    this.#byAddress.set(address, { service, isSeen: false });
  }

  takeBack(address: string): void {
    this.#byAddress.delete(address);
  }

  /** Whether the change of this IPAddress is its creation by this server. */
  isCreation(address: string): boolean {
    const given = this.#byAddress.get(address);
    if (given?.isSeen === false) {
      given.isSeen = true;
      return true;
    }
    this.#byAddress.delete(address);
    return false;
  }

  /** Whether the service has just been stored with the address that it was given. */
  isAwaited(service: string, address: string | undefined): boolean {
    const given = address ? this.#byAddress.get(address) : undefined;
    if (given?.service !== service) return false;
    this.#byAddress.delete(address!);
    return given.isSeen;
  }
}
