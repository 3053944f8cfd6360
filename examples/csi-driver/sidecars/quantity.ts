/** Sizes as Kubernetes writes them. */

const units: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `1Gi` is 1073741824. Throws for what is no size. */
export function bytesOf(quantity: string): number {
  const parts = /^(\d+(?:\.\d+)?)([kMGT]i?|Ki)?$/.exec(quantity);
  const unit = parts && units[parts[2] ?? ''];
  if (!unit) throw new Error(`not a size: ${quantity}`);
  return Math.ceil(Number(parts[1]) * unit);
}
