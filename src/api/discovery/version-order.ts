/** The order of an API's versions as upstream sorts them: stable ones first, newer ones first, others by name. */

const stages = { alpha: 0, beta: 1, '': 2 } as const;

interface KubeVersion {
  readonly stage: number;
  readonly major: number;
  readonly minor: number;
}

/** For sorting: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`, `anything`. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [parse(a), parse(b)];
  if (first && second) {
    return second.stage - first.stage || second.major - first.major || second.minor - first.minor;
  }
  if (first || second) return first ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

function parse(version: string): KubeVersion | undefined {
  const [, major, stage = '', minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (!major) return undefined;
  return { stage: stages[stage as keyof typeof stages], major: Number(major), minor: Number(minor ?? 0) };
}
