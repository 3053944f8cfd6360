/** For tests: jobs, ReplicaSets and other workloads in the namespace `default`, to be completed by each test. */

import type {
  Job,
  JobSpec,
  JobStatus,
  PodTemplateSpec,
  ReplicaSet,
  ReplicaSetSpec,
  ReplicaSetStatus,
} from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import { storedMetadata } from '../objects.ts';

export interface WorkloadTraits<Spec, Status> {
  readonly metadata?: ObjectMeta;
  readonly spec?: Partial<Spec>;
  readonly status?: Status;
}

/** Of one container; its pods have the label `app`. */
export function podTemplate(app: string, image = 'i'): PodTemplateSpec {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image }] } };
}

/** A workload's metadata, and the label selector and template of its pods, which it names. */
function storedWorkload(name: string, metadata: ObjectMeta = {}) {
  return {
    metadata: storedMetadata(name, { namespace: 'default', ...metadata }),
    spec: { selector: { matchLabels: { app: name } }, template: podTemplate(name) },
  };
}

export function storedReplicaSet(
  name: string,
  { metadata, spec, status }: WorkloadTraits<ReplicaSetSpec, ReplicaSetStatus> = {},
): Stored<ReplicaSet> {
  const workload = storedWorkload(name, metadata);
  return { ...workload, spec: { ...workload.spec, ...spec }, ...(status ? { status } : {}) };
}

export function storedJob(
  name: string,
  { metadata, spec, status = {} }: WorkloadTraits<JobSpec, JobStatus> = {},
): Stored<Job> {
  return {
    metadata: storedMetadata(name, { namespace: 'default', ...metadata }),
    spec: { template: {}, ...spec },
    status,
  };
}
