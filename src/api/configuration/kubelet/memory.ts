/** How the node shares the memory of its NUMA nodes among containers: `memoryManagerPolicy` and `reservedMemory`. */

import { isJsonObject } from '#wire/json/value.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import type { Argument } from '../argument.ts';
import { ConfigurationError } from '../error.ts';

/** Of one NUMA node, by resource. */
export interface ReservedMemory {
  readonly numaNode: number;
  readonly limits: ReadonlyMap<string, Quantity>;
}

export interface MemorySettings {
  readonly policy: 'None' | 'Static';
  readonly reserved: readonly ReservedMemory[];
}

export interface MemoryFields {
  readonly memoryManagerPolicy?: string;
  readonly reservedMemory?: readonly { numaNode: number; limits: Readonly<Record<string, string>> }[];
}

export function reservedMemory(description: string): Argument<NonNullable<MemoryFields['reservedMemory']>> {
  return {
    description,
    expects: 'a list of { numaNode, limits }',
    schema: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          numaNode: { type: 'integer', minimum: 0 },
          limits: { type: 'object', additionalProperties: { type: 'string' } },
        },
        required: ['numaNode', 'limits'],
        additionalProperties: false,
      },
    },
    read(value) {
      const reservations = Array.isArray(value) ? value.map(reservationOf) : [undefined];
      return reservations.includes(undefined)
        ? undefined
        : (reservations as NonNullable<MemoryFields['reservedMemory']>);
    },
  };
}

function reservationOf(value: unknown): { numaNode: number; limits: Record<string, string> } | undefined {
  if (!isJsonObject(value)) return undefined;
  const { numaNode, limits, ...more } = value;
  if (Object.keys(more).length > 0 || !isJsonObject(limits)) return undefined;
  if (!Number.isInteger(numaNode) || (numaNode as number) < 0) return undefined;
  const texts = Object.entries(limits).map(([name, amount]) => [name, String(amount)]);
  return { numaNode: numaNode as number, limits: Object.fromEntries(texts) };
}

/** Throws `ConfigurationError`, with upstream's words. */
export function readMemorySettings({
  memoryManagerPolicy: policy = 'None',
  reservedMemory: reservations = [],
}: MemoryFields): MemorySettings {
  if (policy !== 'None' && policy !== 'Static') throw invalid(`unknown policy: ${JSON.stringify(policy)}`);
  const seen = new Set<string>();
  const reserved = reservations.map(({ numaNode, limits }) => {
    const amounts = Object.entries(limits).map(([name, amount]) => {
      const quantity = quantityOf(numaNode, name, amount);
      if (seen.has(`${numaNode}/${name}`)) {
        throw invalid(
          'invalid configuration: the reserved memory has a duplicate value for ' +
            `NUMA node ${numaNode} and resource ${JSON.stringify(name)}`,
        );
      }
      seen.add(`${numaNode}/${name}`);
      return [name, quantity] as const;
    });
    return { numaNode, limits: new Map(amounts) };
  });
  const isReserved = reserved.some(({ limits }) => limits.has('memory'));
  if (policy === 'Static' && !isReserved) {
    throw invalid('[memorymanager] you should specify the system reserved memory');
  }
  return { policy, reserved };
}

function quantityOf(numaNode: number, name: string, amount: string): Quantity {
  if (name !== 'memory' && !name.startsWith('hugepages-')) {
    throw invalid(
      `invalid configuration: the limit type ${JSON.stringify(name)} for NUMA node ${numaNode} is not supported, ` +
        'only [memory hugepages-<HugePageSize>] is accepted',
    );
  }
  let quantity: Quantity;
  try {
    quantity = parseQuantity(amount);
  } catch (error) {
    throw invalid(`reservedMemory: ${JSON.stringify(amount)} is no quantity: ${(error as Error).message}`);
  }
  if (quantity.sign() !== 0) return quantity;
  throw invalid(
    `invalid configuration: reserved memory may not be zero for NUMA node ${numaNode} and resource ${JSON.stringify(name)}`,
  );
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: ${message}`);
}
