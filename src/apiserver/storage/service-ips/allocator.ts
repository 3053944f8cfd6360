/**
 * What a service takes from the cluster before it is stored: families, an address, node ports and a health
 * check port, in this order, as upstream's storage of services. What a failed write has taken is released;
 * what an update no longer needs is released once it is stored. All of it is decided in the store: see
 * `service-addresses.ts` and `range-record.ts`.
 */

import { endpoints } from '#api/generated/kinds.gen.ts';
import type { Service, ServiceSpec } from '#api/generated/types.gen.ts';
import { internalError, invalid, StatusError } from '#api/meta/status.ts';
import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import { canonicalAddress } from '#api/values/address-range.ts';
import type { Log } from '#base/log.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import type { Allocation, StorageHooks } from '../../contract/storage-hooks.ts';
import { setIpFamilies } from './families.ts';
import { dryRunPorts, type GivenPorts, givePorts, heldPorts } from './node-ports.ts';
import type { RangeRecord } from './range-record.ts';
import { type IpFamily, NoAddress, type ServiceAddresses } from './service-addresses.ts';

const headless = 'None';
const serviceKind = { group: '', kind: 'Service' };

export interface ServiceAllocatorOptions {
  readonly addresses: ServiceAddresses;
  /** That the cluster has ranges of, the primary one first. */
  readonly families: readonly IpFamily[];
  readonly ports: RangeRecord;
  readonly serverClient: Pick<ServerClient, 'delete'>;
  readonly log: Log;
}

/** What one write has taken. */
interface Taken {
  readonly addresses: string[];
  ports: readonly number[];
}

export class ServiceAllocator {
  readonly hooks: StorageHooks = {
    group: '',
    resource: 'services',
    begin: (object, old, dryRun) => this.#begin(object as Service, old as Service | undefined, dryRun),
    afterDelete: (object) => this.#afterDelete(object as Service),
  };
  readonly #options: ServiceAllocatorOptions;

  constructor(options: ServiceAllocatorOptions) {
    this.#options = options;
  }

  async #begin(service: Service, old: Service | undefined, dryRun: boolean): Promise<Allocation> {
    const taken: Taken = { addresses: [], ports: [] };
    const undo = async () => {
      if (!dryRun) await this.#release(taken.addresses, taken.ports);
    };
    try {
      await this.#allocate(service, old?.spec, dryRun, taken);
    } catch (error) {
      await undo();
      throw error;
    }
    return { undo, done: () => this.#releaseUnused(old?.spec, service.spec) };
  }

  async #allocate(
    service: Service,
    old: ServiceSpec | undefined,
    dryRun: boolean,
    taken: Taken,
  ): Promise<void> {
    const spec = service.spec ?? {};
    if (spec.type === 'ExternalName') return;
    refuse(service, setIpFamilies(spec, old, this.#options.families));
    await this.#giveAddresses(service, old, dryRun, taken);
    const given = await this.#givePorts(service, spec, old, dryRun);
    taken.ports = given.taken;
    if (given.ports) spec.ports = given.ports;
    if (given.healthCheckNodePort !== undefined) spec.healthCheckNodePort = given.healthCheckNodePort;
  }

  /**
   * One for each family. A service with addresses keeps them: validation refuses another address, in or out of
   * the range. A second family is added to them, or released.
   */
  async #giveAddresses(
    service: Service,
    old: ServiceSpec | undefined,
    dryRun: boolean,
    taken: Taken,
  ): Promise<void> {
    const spec = service.spec ?? {};
    const given = [...(spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []))];
    if (given[0] === headless) return;
    const kept = old && old.type !== 'ExternalName' ? (old.clusterIPs ?? []).length : 0;
    for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
      if (i < kept) continue;
      const address = await this.#giveAddress(
        service,
        { family: family as IpFamily, requested: given[i] },
        dryRun,
      );
      if (address === undefined) return;
      taken.addresses.push(address);
      given[i] = address;
    }
    if (given.length === 0) return;
    spec.clusterIP = given[0]!;
    spec.clusterIPs = given;
  }

  /** Undefined for an invalid address: validation reports it. */
  async #giveAddress(
    service: Service,
    { family, requested }: { family: IpFamily; requested: string | undefined },
    dryRun: boolean,
  ): Promise<string | undefined> {
    const { addresses } = this.#options;
    const wanted = requested ? canonicalAddress(requested) : undefined;
    if (requested && wanted === undefined) return undefined;
    try {
      if (wanted === undefined) return await addresses.takeNext(family, service, dryRun);
      await addresses.take(wanted, service, dryRun);
      return wanted;
    } catch (error) {
      throw addressRefused(service, requested, error);
    }
  }

  async #givePorts(
    service: Service,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    dryRun: boolean,
  ): Promise<GivenPorts> {
    const { ports } = this.#options;
    const asking = { name: service.metadata?.name ?? '', spec };
    if (dryRun) return givePorts(asking, old, dryRunPorts((await ports.read()).taken, ports.bounds));
    if (!asksForPorts(spec)) return { ports: undefined, healthCheckNodePort: undefined, taken: [] };
    return ports.edit((numbers) => givePorts(asking, old, numbers));
  }

  /** Not before it is stored: until then the old service holds it, and a write that fails keeps it. */
  async #releaseUnused(before: ServiceSpec | undefined, after: ServiceSpec | undefined): Promise<void> {
    const keptAddresses = addressesOf(after);
    const addresses = addressesOf(before).filter((address) => !keptAddresses.includes(address));
    const kept = heldPorts(after);
    const ports = [...heldPorts(before)].filter((number) => !kept.has(number));
    await this.#release(addresses, ports);
  }

  async #afterDelete(service: Service): Promise<void> {
    await this.#deleteEndpoints(service);
    await this.#release(addressesOf(service.spec), [...heldPorts(service.spec)]);
  }

  /** At once, so that a new service of this name does not begin with the endpoints of the old one. */
  async #deleteEndpoints({ metadata }: Service): Promise<void> {
    const { serverClient, log } = this.#options;
    try {
      await serverClient.delete(endpoints, metadata?.namespace ?? '', metadata?.name ?? '', {});
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return;
      log.warn('the endpoints of a deleted service could not be deleted', { error: String(error) });
    }
  }

  async #release(addresses: readonly string[], ports: readonly number[]): Promise<void> {
    for (const address of addresses) await this.#options.addresses.release(address);
    if (ports.length === 0) return;
    try {
      await this.#options.ports.edit((numbers) => {
        for (const port of ports) numbers.release(port);
      });
    } catch (error) {
      // The repair finds them.
      this.#options.log.warn('node ports could not be released', {
        ports: ports.join(),
        error: String(error),
      });
    }
  }
}

function asksForPorts({ type, ports }: ServiceSpec): boolean {
  return (type === 'NodePort' && (ports ?? []).length > 0) || type === 'LoadBalancer';
}

function refuse({ metadata }: Service, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid(serviceKind, metadata?.name ?? '', errors);
}

function addressRefused(service: Service, requested: string | undefined, error: unknown): unknown {
  const name = service.metadata?.name ?? '';
  if (error instanceof NoAddress && error.isFull) {
    return internalError(`failed to allocate a serviceIP for Service ${goQuoted(name)}: ${error.message}`);
  }
  // A full store is no fault of the request, so it is not reported as an invalid one.
  const isOfRequest = error instanceof NoAddress || (error instanceof StatusError && error.code !== 507);
  if (!isOfRequest) return error;
  const what = requested ? `failed to allocate IP ${requested}` : 'failed to allocate IP';
  const why = invalidValue('spec.clusterIPs', service.spec?.clusterIPs, `${what}: ${error.message}`);
  return invalid(serviceKind, name, [why]);
}

/** The addresses that a service holds. */
function addressesOf(spec: ServiceSpec | undefined): string[] {
  if (!spec || spec.type === 'ExternalName') return [];
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((address) => canonicalAddress(address) ?? []);
}
