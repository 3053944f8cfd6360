/** Ranges of sizes and costs, and their arithmetic, which saturates at 2⁶⁴. */

import { type CelCost, costMax } from '../contract.ts';

export type Range = CelCost;

export const unknown: Range = { min: 0, max: costMax };
export const exactly = (value: number): Range => ({ min: value, max: value });

const capped = (value: number) => Math.min(value, costMax);

export const sum = (...ranges: readonly Range[]): Range =>
  ranges.reduce(
    (total, { min, max }) => ({ min: capped(total.min + min), max: capped(total.max + max) }),
    exactly(0),
  );

export const product = (first: Range, second: Range): Range => ({
  min: capped(first.min * second.min),
  max: capped(first.max * second.max),
});

/** Rounded up. */
export const scaled = ({ min, max }: Range, factor: number): Range => ({
  min: capped(Math.ceil(min * factor)),
  max: capped(Math.ceil(max * factor)),
});

export const union = (first: Range, second: Range): Range => ({
  min: Math.min(first.min, second.min),
  max: Math.max(first.max, second.max),
});
