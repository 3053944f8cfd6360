/**
 * Holds pods to the Pod Security Standard that the labels of their namespace ask for: `enforce` refuses,
 * `warn` adds a warning, also to what makes pods. Without labels everything is allowed. Reads: Namespace.
 * Upstream: PodSecurity; older versions of the standards are treated as the latest.
 */

import { cronJobs, namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { CronJob, Pod, PodTemplateSpec } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { isSameResource } from '#api/meta/resource.ts';
import { forbidden } from '#api/meta/status.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { type Level, violations } from './checks.ts';

const prefix = 'pod-security.kubernetes.io';
const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const operations = ['CREATE', 'UPDATE'] as const;
/** Pods, and what makes pods. */
const podRules = [
  { operations, apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers'] },
  {
    operations,
    apiGroups: ['apps'],
    resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'],
  },
  { operations, apiGroups: ['batch'], resources: ['jobs', 'cronjobs'] },
];

export function podSecurity(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'PodSecurity',
    rules: podRules,
    validate(attributes) {
      const labels = readObject(reader, namespaces, '', attributes.namespace)?.metadata?.labels ?? {};
      if (isSameResource(attributes.type, pods)) enforce(attributes, labels);
      const warned = policyOf(labels, 'warn');
      const pod = podOf(attributes);
      const text = pod && warned ? violationText(warned, pod) : '';
      if (text) attributes.warn(`would violate PodSecurity ${text}`);
    },
  });
}

interface Policy {
  readonly level: Level;
  readonly version: string;
}

function policyOf(labels: Record<string, string>, mode: string): Policy | undefined {
  const level = labels[`${prefix}/${mode}`];
  if (level === undefined) return undefined;
  const version = labels[`${prefix}/${mode}-version`] ?? 'latest';
  // As upstream: an unknown level counts as the strictest.
  return { level: levels.includes(level) ? (level as Level) : 'restricted', version };
}

function enforce(attributes: AdmissionAttributes, labels: Record<string, string>): void {
  const policy = policyOf(labels, 'enforce');
  if (!policy || isMinorUpdate(attributes)) return;
  const text = violationText(policy, attributes.object as Pod);
  if (text) throw forbidden(attributes.type, attributes.name, `violates PodSecurity ${text}`);
}

/** A pod that exists may change in everything that the checks do not look at. */
function isMinorUpdate({ operation, subresource, object, oldObject }: AdmissionAttributes): boolean {
  if (operation !== 'UPDATE' || subresource !== '') return false;
  const essence = (pod: Pod | undefined) => {
    const { containers = [], initContainers = [] } = pod?.spec ?? {};
    return JSON.stringify([...containers, ...initContainers].map((container) => container.image));
  };
  return essence(object as Pod) === essence(oldObject as Pod | undefined);
}

function violationText({ level, version }: Policy, pod: Pod): string {
  const found = violations(level, pod);
  if (found.length === 0) return '';
  return `"${level}:${version}": ${found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')}`;
}

function podOf({ object, type }: AdmissionAttributes): Pod | undefined {
  if (isSameResource(type, pods)) return object as Pod;
  const { spec } = object as unknown as { spec?: { template?: PodTemplateSpec } };
  const template = isSameResource(type, cronJobs) ? templateOfCronJob(object) : spec?.template;
  return template as Pod | undefined;
}

function templateOfCronJob(object: AnyObject | undefined): PodTemplateSpec | undefined {
  return (object as CronJob | undefined)?.spec?.jobTemplate.spec?.template;
}
