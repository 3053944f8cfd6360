/** The pod of a Job: tracked by a finalizer until it is counted; for an Indexed Job, with its index. */

import { jobs } from '#api/generated/kinds.gen.ts';
import type { Container, Job, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { podFromTemplate } from '../../shared/pod-from-template.ts';
import { trackingFinalizer } from './counts.ts';
import { failureAnnotations } from './index-failures.ts';
import { indexAnnotation } from './indexes.ts';

const indexVariable = 'JOB_COMPLETION_INDEX';
/** The 63 characters of a name without the five that the server appends. */
const generateNameMax = 58;

/** `replaced`: the failed pod of the same index whose failure count it inherits. */
export function podOfJob(job: Stored<Job>, index: number | undefined, replaced?: Pod): Pod {
  const pod = podFromTemplate(jobs, job, job.spec!.template);
  const metadata = { ...pod.metadata, finalizers: [...(pod.metadata?.finalizers ?? []), trackingFinalizer] };
  if (index === undefined) return { ...pod, metadata };
  const { name } = job.metadata;
  const spec = pod.spec!;
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: generateNameOf(name, index),
      annotations: {
        ...metadata.annotations,
        [indexAnnotation]: String(index),
        ...failureAnnotations(job, replaced),
      },
      labels: { ...metadata.labels, [indexAnnotation]: String(index) },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndex) } : {}),
    },
  };
}

/** The server truncates long prefixes at their end: the index must not be lost. */
function generateNameOf(jobName: string, index: number): string {
  const end = `-${index}-`;
  return jobName.slice(0, generateNameMax - end.length) + end;
}

function withIndex(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${indexAnnotation}']` };
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef } }] };
}
