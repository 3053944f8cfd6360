/** How the node shares its processors among containers: `cpuManagerPolicy` and its relatives. */

import { type CpuSet, parseCpuList } from '#base/text/cpu-list.ts';
import { errorText } from '#base/text/error-text.ts';
import { Quantity } from '../../values/quantity.ts';
import { ConfigurationError } from '../error.ts';
import { isTrueText } from './flag-text.ts';
import type { Reserved } from './reserved.ts';

export type CpuPolicy = 'none' | 'static';

export interface CpuSettings {
  readonly policy: CpuPolicy;
  /** Exclusive processors come as whole cores, or the pod is rejected. */
  readonly fullCoresOnly: boolean;
  /** The reserved processors are not in the shared pool. */
  readonly strictReservation: boolean;
  /** Exclusive processors share a last-level cache where they can. */
  readonly prefersOneCache: boolean;
  /** The processors that are never exclusive; undefined where only their number is given. */
  readonly reserved: CpuSet | undefined;
  readonly reservedCount: number;
  readonly reconcileMs: number;
}

export interface CpuFields {
  readonly cpuManagerPolicy?: string;
  readonly cpuManagerPolicyOptions?: Readonly<Record<string, string>>;
  readonly cpuManagerReconcilePeriod?: number;
  readonly reservedSystemCPUs?: string;
}

const defaultReconcileMs = 10_000;
/** The stable ones. */
const options = ['full-pcpus-only', 'prefer-align-cpus-by-uncorecache', 'strict-cpu-reservation'];
/** Upstream's alpha and beta options. */
const absentOptions = ['align-by-socket', 'distribute-cpus-across-cores', 'distribute-cpus-across-numa'];

/** Undefined where `reservedSystemCPUs` names none. Throws `ConfigurationError`. */
export function readReservedCpus({ reservedSystemCPUs: text = '' }: CpuFields): CpuSet | undefined {
  try {
    return text === '' ? undefined : parseCpuList(text);
  } catch (error) {
    throw invalid(
      `invalid configuration: unable to parse reservedSystemCPUs (--reserved-cpus) ${text}, error: ${errorText(error)}`,
    );
  }
}

/** Named processors take the place of the reserved cpu, as upstream. */
export function withReservedCpus(
  reserved: { readonly kube: Reserved; readonly system: Reserved },
  cpus: CpuSet | undefined,
): { readonly kube: Reserved; readonly system: Reserved } {
  if (!cpus) return reserved;
  const kube = new Map(reserved.kube);
  kube.delete('cpu');
  const count = new Quantity(BigInt(cpus.size), 0, 'DecimalSI');
  return { kube, system: new Map(reserved.system).set('cpu', count) };
}

/** `reserved` is that of the whole node. Throws `ConfigurationError`. */
export function readCpuSettings(fields: CpuFields, reserved: Reserved): CpuSettings {
  const { cpuManagerPolicy: policy = 'none', cpuManagerPolicyOptions: given = {} } = fields;
  if (policy !== 'none' && policy !== 'static') throw invalid(`unknown policy: ${JSON.stringify(policy)}`);
  const milliCpu = reserved.get('cpu')?.milliValue() ?? 0;
  if (policy === 'static' && milliCpu <= 0) {
    throw invalid(
      '[cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero',
    );
  }
  const flags = readOptions(policy, given);
  return {
    policy,
    fullCoresOnly: flags.has('full-pcpus-only'),
    strictReservation: flags.has('strict-cpu-reservation'),
    prefersOneCache: flags.has('prefer-align-cpus-by-uncorecache'),
    reserved: readReservedCpus(fields),
    reservedCount: Math.ceil(milliCpu / 1000),
    reconcileMs: fields.cpuManagerReconcilePeriod || defaultReconcileMs,
  };
}

/** The options that are true. */
function readOptions(policy: CpuPolicy, given: Readonly<Record<string, string>>): Set<string> {
  const names = Object.keys(given);
  if (policy === 'none' && names.length > 0) {
    const pairs = names.sort().map((name) => `${name}:${given[name]}`);
    throw invalid(`None policy: received unsupported options=map[${pairs.join(' ')}]`);
  }
  for (const name of names) {
    if (absentOptions.includes(name)) {
      throw invalid(`the option ${JSON.stringify(name)} of the CPU manager is not built`);
    }
    if (!options.includes(name)) throw invalid(`unknown CPU Manager Policy option: ${JSON.stringify(name)}`);
  }
  return new Set(names.filter((name) => isTrueText(name, given[name]!)));
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: ${message}`);
}
