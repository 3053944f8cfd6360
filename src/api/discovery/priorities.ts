/**
 * Where groups and versions stand in discovery, as upstream orders them: a higher number comes first. The
 * same numbers are in the APIServices by which the API server registers what it serves itself.
 */

export interface Priority {
  /** APIService's `spec.groupPriorityMinimum`. */
  readonly group: number;
  /** APIService's `spec.versionPriority`. */
  readonly version: number;
}

/** APIServices themselves come first, above the highest number that an APIService may have. */
export const registrationGroup = 'apiregistration.k8s.io';
const registration: Priority = { group: 20_001, version: 0 };

/** The resource metrics API: no APIService is stored for it, so that any may take its place. */
const metricsApi: Priority = { group: 100, version: 100 };

export const customPriority: Priority = { group: 1000, version: 100 };

const builtIn: Readonly<Record<string, Priority>> = {
  '/v1': { group: 18_000, version: 1 },
  'apps/v1': { group: 17_800, version: 15 },
  'events.k8s.io/v1': { group: 17_750, version: 15 },
  'authentication.k8s.io/v1': { group: 17_700, version: 15 },
  'authorization.k8s.io/v1': { group: 17_600, version: 15 },
  'autoscaling/v2': { group: 17_500, version: 30 },
  'autoscaling/v1': { group: 17_500, version: 15 },
  'batch/v1': { group: 17_400, version: 15 },
  'certificates.k8s.io/v1': { group: 17_300, version: 15 },
  'networking.k8s.io/v1': { group: 17_200, version: 15 },
  'policy/v1': { group: 17_100, version: 15 },
  'rbac.authorization.k8s.io/v1': { group: 17_000, version: 15 },
  'storage.k8s.io/v1': { group: 16_800, version: 15 },
  'admissionregistration.k8s.io/v1': { group: 16_700, version: 15 },
  'apiextensions.k8s.io/v1': { group: 16_700, version: 15 },
  'scheduling.k8s.io/v1': { group: 16_600, version: 15 },
  'coordination.k8s.io/v1': { group: 16_500, version: 15 },
  'node.k8s.io/v1': { group: 16_300, version: 15 },
  'discovery.k8s.io/v1': { group: 16_200, version: 15 },
  'resource.k8s.io/v1': { group: 16_200, version: 21 },
  'flowcontrol.apiserver.k8s.io/v1': { group: 16_100, version: 21 },
};

/** Undefined for what is not built in. */
export function builtInPriority(group: string, version: string): Priority | undefined {
  const key = `${group}/${version}`;
  return Object.hasOwn(builtIn, key) ? builtIn[key] : undefined;
}

/** Of what this server serves itself. */
export function localPriority(group: string, version: string): Priority {
  if (group === registrationGroup) return registration;
  if (group === 'metrics.k8s.io') return metricsApi;
  return builtInPriority(group, version) ?? customPriority;
}
