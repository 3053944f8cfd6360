/**
 * Turns a pod's priority class into its priority and preemption policy; keeps to one default class.
 * Reads: PriorityClass. Upstream: Priority.
 */

import { pods, priorityClasses } from '#api/generated/kinds.gen.ts';
import type { Pod, PriorityClass } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject, readObjects } from '../../contract/typed-reader.ts';

const defaultPolicy = 'PreemptLowerPriority';

const name = 'Priority';

export function priority(reader: ObjectReader): readonly AdmissionPlugin[] {
  return [
    defineAdmission({
      name,
      rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] }],
      mutate(attributes) {
        const pod = attributes.object as Pod;
        if (attributes.oldObject) keepPriority(pod, attributes.oldObject as Pod);
        else setPriority(reader, attributes, pod);
      },
    }),
    defineAdmission({
      name,
      rules: [
        {
          operations: ['CREATE', 'UPDATE'],
          apiGroups: ['scheduling.k8s.io'],
          resources: ['priorityclasses'],
        },
      ],
      validate(attributes) {
        checkOneDefault(reader, attributes, attributes.object as PriorityClass);
      },
    }),
  ];
}

function setPriority(reader: ObjectReader, attributes: AdmissionAttributes, pod: Pod): void {
  const spec = pod.spec!;
  const chosen = spec.priorityClassName
    ? readObject(reader, priorityClasses, '', spec.priorityClassName)
    : defaultClass(reader);
  if (!chosen && spec.priorityClassName) {
    throw forbidden(pods, attributes.name, `no PriorityClass with name ${spec.priorityClassName} was found`);
  }
  const value = chosen?.value ?? 0;
  const policy = chosen?.preemptionPolicy ?? defaultPolicy;
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    throw forbidden(pods, attributes.name, why);
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
    throw forbidden(pods, attributes.name, why);
  }
  if (chosen) spec.priorityClassName = chosen.metadata!.name!;
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

/** Of several the one with the lowest value, as upstream. */
function defaultClass(reader: ObjectReader): PriorityClass | undefined {
  return readObjects(reader, priorityClasses)
    .filter((priorityClass) => priorityClass.globalDefault)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}

/** Clients that do not know the fields send them back empty. */
function keepPriority(pod: Pod, old: Pod): void {
  if (pod.spec!.priority === undefined && old.spec?.priority !== undefined) {
    pod.spec!.priority = old.spec.priority;
  }
  if (pod.spec!.preemptionPolicy === undefined && old.spec?.preemptionPolicy !== undefined) {
    pod.spec!.preemptionPolicy = old.spec.preemptionPolicy;
  }
}

function checkOneDefault(reader: ObjectReader, attributes: AdmissionAttributes, object: PriorityClass): void {
  if (!object.globalDefault) return;
  const other = readObjects(reader, priorityClasses).find(
    (priorityClass) => priorityClass.globalDefault && priorityClass.metadata?.name !== object.metadata?.name,
  );
  if (!other) return;
  const why = `PriorityClass ${other.metadata?.name} is already marked as default. Only one default can exist`;
  throw forbidden(attributes.type, attributes.name, why);
}
