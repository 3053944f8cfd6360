/** The few quantities that nodes tell of themselves, read independently of the product. */

import assert from 'node:assert/strict';

/** Whole cores, rounded up. */
export function coresOf(quantity: string | undefined): number {
  const [, digits, milli] = /^(\d+)(m?)$/.exec(quantity ?? '') ?? [];
  assert.ok(digits, `"${quantity}" is no number of cores`);
  return Math.ceil(Number(digits) / (milli ? 1000 : 1));
}

export function bytesOf(quantity: string | undefined): number {
  const [, digits, unit] = /^(\d+)(Ki|Mi|Gi|)$/.exec(quantity ?? '') ?? [];
  assert.ok(digits !== undefined && unit !== undefined, `"${quantity}" is no number of bytes`);
  return Number(digits) * 1024 ** ['', 'Ki', 'Mi', 'Gi'].indexOf(unit);
}
