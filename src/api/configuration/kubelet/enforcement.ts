/** What a node holds to its limits, besides single pods: `enforceNodeAllocatable`, by upstream's rules. */

import { ConfigurationError } from '../error.ts';
import type { Reserved } from './reserved.ts';

/** A control group of the machine that is held to what is reserved for it. */
export interface ReservedGroup {
  readonly owner: 'system' | 'kube';
  /** Its path within the hierarchy; it exists when the kubelet starts. */
  readonly cgroup: string;
  readonly limits: Reserved;
  /** Only its share of the processors is set: it may use more of all else than is reserved. */
  readonly compressibleOnly: boolean;
}

export interface Enforcement {
  /** All pods together are held to what is allocatable. */
  readonly pods: boolean;
  /** In the order in which they are set. */
  readonly groups: readonly ReservedGroup[];
}

export interface EnforcementFields {
  readonly enforceNodeAllocatable?: readonly string[];
  readonly systemReservedCgroup?: string;
  readonly kubeReservedCgroup?: string;
  readonly reservedSystemCPUs?: string;
}

const owners = ['system', 'kube'] as const;
const keys = [
  'pods',
  'system-reserved',
  'system-reserved-compressible',
  'kube-reserved',
  'kube-reserved-compressible',
  'none',
];
const flag = '(--enforce-node-allocatable)';

/** Throws `ConfigurationError`. */
export function readEnforcement(
  fields: EnforcementFields,
  reserved: Readonly<Record<ReservedGroup['owner'], Reserved>>,
): Enforcement {
  const wanted = fields.enforceNodeAllocatable ?? ['pods'];
  check(wanted, fields);
  const groupsOf = (suffix: string, compressibleOnly: boolean) =>
    owners
      .filter((owner) => wanted.includes(`${owner}-${suffix}`))
      .map((owner) => {
        const cgroup = fields[`${owner}ReservedCgroup`]!;
        return { owner, cgroup, limits: reserved[owner], compressibleOnly };
      });
  return {
    pods: wanted.includes('pods'),
    groups: [...groupsOf('reserved', false), ...groupsOf('reserved-compressible', true)],
  };
}

function check(wanted: readonly string[], fields: EnforcementFields): void {
  for (const owner of owners) {
    const both = [`${owner}-reserved-compressible`, `${owner}-reserved`];
    if (both.every((key) => wanted.includes(key))) {
      throw invalid(
        `both "${both[0]}" and "${both[1]}" cannot be specified together in enforceNodeAllocatable ${flag}`,
      );
    }
  }
  for (const [index, key] of wanted.entries()) {
    if (wanted.indexOf(key) < index) {
      throw invalid(`duplicated enforcements "${key}" in enforceNodeAllocatable ${flag}`);
    }
    checkKey(key, wanted, fields);
  }
  const { reservedSystemCPUs, systemReservedCgroup, kubeReservedCgroup } = fields;
  if (reservedSystemCPUs && (systemReservedCgroup || kubeReservedCgroup)) {
    throw invalid(
      "can't use reservedSystemCPUs (--reserved-cpus) with systemReservedCgroup (--system-reserved-cgroup) or kubeReservedCgroup (--kube-reserved-cgroup)",
    );
  }
}

function checkKey(key: string, wanted: readonly string[], fields: EnforcementFields): void {
  if (!keys.includes(key)) {
    const quoted = keys.map((known) => `"${known}"`);
    const valid = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
    throw invalid(`option "${key}" specified for enforceNodeAllocatable ${flag}. Valid options are ${valid}`);
  }
  if (key === 'none' && wanted.length > 1) {
    const more = 'may not contain additional enforcements when "none" is specified';
    throw invalid(`enforceNodeAllocatable ${flag} ${more}`);
  }
  const owner = owners.find((owner) => key.startsWith(`${owner}-`));
  if (!owner || fields[`${owner}ReservedCgroup`]) return;
  const name = `${owner}ReservedCgroup (--${owner}-reserved-cgroup)`;
  throw invalid(
    `${name} must be specified when "${owner}-reserved" or "${owner}-reserved-compressible" included in enforceNodeAllocatable ${flag}`,
  );
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: invalid configuration: ${message}`);
}
