/**
 * Eviction thresholds as a kubelet's configuration has them: `memory.available: 100Mi`, `nodefs.available: 10%`.
 * Accepted and rejected as upstream's `ParseThresholdConfig`.
 */

import { errorText } from '#base/text/error-text.ts';
import { parseGoDuration } from '../../go/duration.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import { ConfigurationError } from '../error.ts';

export const signals = [
  'memory.available',
  'allocatableMemory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'containerfs.available',
  'containerfs.inodesFree',
  'pid.available',
] as const;

export type Signal = (typeof signals)[number];

/** An amount, or a share of what there is in all, from 0 to 1. */
export type ThresholdAmount = { readonly quantity: Quantity } | { readonly share: number };

/** Met when less is available than `amount`. */
export interface EvictionThreshold {
  readonly signal: Signal;
  readonly amount: ThresholdAmount;
  /** How long it must have been met before pods are evicted; 0 for a hard threshold. */
  readonly graceMs: number;
  /** Once met, it stays met until this much more than `amount` is available. */
  readonly minReclaim?: ThresholdAmount;
}

type Texts = Readonly<Record<string, string>>;

export interface ThresholdTexts {
  readonly evictionHard?: Texts | undefined;
  readonly evictionSoft?: Texts | undefined;
  readonly evictionSoftGracePeriod?: Texts | undefined;
  readonly evictionMinimumReclaim?: Texts | undefined;
}

/**
 * Upstream's, but for the disk, of which upstream keeps 10 percent free for pods and 15 for images. As with k3s a
 * twentieth is enough here: a laptop with a fairly full disk is no broken node.
 */
export const defaultEvictionHard: Texts = {
  'memory.available': '100Mi',
  'nodefs.available': '5%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '5%',
  'imagefs.inodesFree': '5%',
};

/**
 * Throws `ConfigurationError`. With `enforcesPods` the hard threshold of memory also holds for the memory that all
 * pods together may use. Thresholds of containerfs are left out, as upstream overrides them by those of the file
 * system that containers write to.
 */
export function readThresholds(texts: ThresholdTexts, enforcesPods: boolean): EvictionThreshold[] {
  const reclaims = entriesOf('evictionMinimumReclaim', texts.evictionMinimumReclaim, reclaimOf);
  const graces = entriesOf('evictionSoftGracePeriod', texts.evictionSoftGracePeriod, graceOf);
  const hard = entriesOf('evictionHard', texts.evictionHard ?? defaultEvictionHard, amountOf);
  const soft = entriesOf('evictionSoft', texts.evictionSoft, amountOf);
  const withReclaim = (signal: Signal, amount: ThresholdAmount, graceMs: number): EvictionThreshold => {
    const minReclaim = reclaims.get(signal);
    return { signal, amount, graceMs, ...(minReclaim ? { minReclaim } : {}) };
  };
  const softThresholds = [...soft].map(([signal, amount]) => {
    const graceMs = graces.get(signal);
    if (graceMs !== undefined) return withReclaim(signal, amount, graceMs);
    throw invalid(`grace period must be specified for the soft eviction threshold ${signal}`);
  });
  const hardThresholds = [...hard].map(([signal, amount]) => withReclaim(signal, amount, 0));
  const ofPods = [...hardThresholds, ...softThresholds]
    .filter(({ signal, graceMs }) => enforcesPods && signal === 'memory.available' && graceMs === 0)
    .map((threshold) => ({ ...threshold, signal: 'allocatableMemory.available' as const }));
  return [...hardThresholds, ...softThresholds, ...ofPods].filter(
    ({ signal }) => !signal.startsWith('containerfs.'),
  );
}

function entriesOf<T>(
  field: string,
  texts: Texts | undefined,
  read: (signal: Signal, text: string) => T | undefined,
): Map<Signal, T> {
  const values = new Map<Signal, T>();
  for (const [name, text] of Object.entries(texts ?? {})) {
    const signal = signals.find((known) => known === name);
    if (!signal) {
      throw new ConfigurationError(
        `kubelet: unsupported eviction signal ${name}`,
        `${field} takes ${signals.join(', ')}`,
      );
    }
    const value = read(signal, text);
    if (value !== undefined) values.set(signal, value);
  }
  return values;
}

/** Undefined where there is no threshold: for 0% and 100%. */
function amountOf(signal: Signal, text: string): ThresholdAmount | undefined {
  if (text === '0%' || text === '100%') return undefined;
  if (!text.endsWith('%')) {
    const quantity = quantityOf(text);
    if (quantity.sign() > 0) return { quantity };
    throw invalid(`eviction threshold ${signal} must be positive: ${quantity}`);
  }
  const share = shareOf(text);
  if (share < 0) throw invalid(`eviction percentage threshold ${signal} must be >= 0%: ${text}`);
  if (share > 1) throw invalid(`eviction percentage threshold ${signal} must be <= 100%: ${text}`);
  return { share };
}

function graceOf(_signal: Signal, text: string): number {
  let nanos: bigint;
  try {
    nanos = parseGoDuration(text);
  } catch (error) {
    throw invalid(errorText(error));
  }
  if (nanos >= 0n) return Number(nanos) / 1e6;
  throw invalid(`invalid eviction grace period specified: ${text}, must be a positive value`);
}

function reclaimOf(signal: Signal, text: string): ThresholdAmount {
  if (text.endsWith('%')) {
    const share = shareOf(text);
    if (share > 0) return { share };
    throw invalid(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`);
  }
  const quantity = quantityOf(text);
  if (quantity.sign() >= 0) return { quantity };
  throw invalid(`negative eviction minimum reclaim specified for ${signal}`);
}

/** With the precision of upstream's 32 bits, which the amounts in messages show. */
function shareOf(text: string): number {
  const number = text.replace(/%+$/, '');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) {
    throw invalid(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`);
  }
  return Math.fround(Math.fround(Number(number)) / 100);
}

function quantityOf(text: string): Quantity {
  try {
    return parseQuantity(text);
  } catch (error) {
    throw invalid(errorText(error));
  }
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: ${message}`);
}
