/** Numbers that may be given as a percentage of a total: `2`, or `25%`. */

export function resolveIntOrPercent(
  value: number | string | undefined,
  total: number,
  rounding: 'up' | 'down',
): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const match = /^([0-9]+)%$/.exec(value);
  if (!match) throw new Error(`invalid value for IntOrString: ${JSON.stringify(value)} is not a percentage`);
  const share = (Number(match[1]) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}
