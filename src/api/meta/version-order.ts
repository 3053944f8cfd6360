/** The order of API versions: `v2` before `v1`, these before `v2beta1`, `v1alpha1`, and before all other names. */

const ranks = ['', 'beta', 'alpha'];
const form = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/** Compares two names: the one to be preferred comes first. */
export function byKubernetesVersion(a: string, b: string): number {
  const [versionA, versionB] = [form.exec(a), form.exec(b)];
  if (!versionA || !versionB) return versionA ? -1 : versionB ? 1 : a < b ? -1 : Number(a > b);
  const rank = ranks.indexOf(versionA[2] ?? '') - ranks.indexOf(versionB[2] ?? '');
  if (rank !== 0) return rank;
  return Number(versionB[1]) - Number(versionA[1]) || Number(versionB[3] ?? 0) - Number(versionA[3] ?? 0);
}
