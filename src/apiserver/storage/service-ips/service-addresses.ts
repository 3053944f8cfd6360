/**
 * The addresses of services, kept as IPAddress objects: creating the object allocates the address. It is
 * created before its Service and deleted after it; what is left of a process that died in between, the repair
 * removes.
 */

import { ipAddresses } from '#api/generated/kinds.gen.ts';
import type { IPAddress, Service } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { type AddressRange, addressIn, formatAddressRange, placeIn } from '#api/values/address-range.ts';
import type { Log } from '#base/log.ts';
import type { Random } from '#base/random.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import type { AddressMetrics, Scope } from './allocation-metrics.ts';
import type { GivenAddresses } from './given-addresses.ts';
import { candidates } from './number-range.ts';
import { boundsOf, holdsAddress, readyRanges } from './service-ranges.ts';

export const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
export const familyLabel = 'ipaddress.kubernetes.io/ip-family';
export const allocatorName = 'ipallocator.k8s.io';

export type IpFamily = 'IPv4' | 'IPv6';

export function familyOf(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

export interface ServiceAddressesOptions {
  readonly reader: ObjectReader;
  readonly serverClient: Pick<ServerClient, 'create' | 'delete'>;
  readonly given: GivenAddresses;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: AddressMetrics | undefined;
}

/** Why there is no address, in upstream's words. */
export class NoAddress extends Error {
  /** Every range is used up. */
  readonly isFull: boolean;

  constructor(why: string, isFull = false) {
    super(why);
    this.isFull = isFull;
  }
}

export class ServiceAddresses {
  readonly #options: ServiceAddressesOptions;

  constructor(options: ServiceAddressesOptions) {
    this.#options = options;
  }

  /** `address` is in canonical form. Throws `NoAddress` when it is outside every range, or taken. */
  async take(address: string, service: Service, dryRun: boolean): Promise<void> {
    const ranges = this.#rangesOf(familyOf(address));
    // A dry run asks one range, as upstream's.
    const range = dryRun ? ranges[0] : ranges.find((range) => placeIn(range, address) !== undefined);
    if (!range) throw new NoAddress('the provided network does not match the current range');
    if (!holdsAddress(range, address)) {
      const given = `the provided IP (${address}) is not in the valid range`;
      throw new NoAddress(`${given}. The range of valid IPs is ${formatAddressRange(range)}`);
    }
    if (dryRun) return;
    const isGiven = await this.#measured(range, 'static', this.#create(address, service));
    if (!isGiven) throw new NoAddress('provided IP is already allocated');
  }

  /**
   * Throws `NoAddress` when every range is full. A dry run gets the first range's own address, as upstream's.
   */
  async takeNext(family: IpFamily, service: Service, dryRun: boolean): Promise<string> {
    const ranges = this.#rangesOf(family);
    if (dryRun && ranges[0]) return addressIn(ranges[0], 0);
    for (const range of ranges) {
      const address = await this.#measured(range, 'dynamic', this.#takeFrom(range, service));
      if (address !== undefined) return address;
    }
    throw new NoAddress('range is full', true);
  }

  /** Never throws: what stays behind, the repair removes. */
  async release(name: string): Promise<void> {
    this.#options.given.takeBack(name);
    try {
      await this.#options.serverClient.delete(ipAddresses, '', name, {});
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return;
      this.#options.log.warn('a service address could not be released', {
        address: name,
        error: String(error),
      });
    }
  }

  #measured<T>(range: AddressRange, scope: Scope, attempt: Promise<T>): Promise<T> {
    return this.#options.metrics?.measured(range, scope, attempt) ?? attempt;
  }

  #rangesOf(family: IpFamily): AddressRange[] {
    return readyRanges(this.#options.reader).filter((range) => family === `IPv${range.family}`);
  }

  async #takeFrom(range: AddressRange, service: Service): Promise<string | undefined> {
    const { reader, random } = this.#options;
    for (const place of candidates(boundsOf(range), random)) {
      const address = addressIn(range, place);
      if (reader.get(ipAddresses, '', address)) continue;
      if (await this.#create(address, service)) return address;
    }
    return undefined;
  }

  /** False when another service has it. */
  async #create(name: string, service: Service): Promise<boolean> {
    const { serverClient, given } = this.#options;
    given.give(name, `${service.metadata?.namespace}/${service.metadata?.name}`);
    try {
      await serverClient.create(ipAddresses, { ...addressObject(name, service) });
      return true;
    } catch (error) {
      given.takeBack(name);
      if (error instanceof StatusError && error.reason === 'AlreadyExists') return false;
      throw error;
    }
  }
}

export function addressObject(name: string, { metadata }: Service): IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name, labels: { [familyLabel]: familyOf(name), [managedByLabel]: allocatorName } },
    spec: {
      parentRef: {
        resource: 'services',
        namespace: metadata?.namespace ?? '',
        name: metadata?.name ?? '',
      },
    },
  };
}
