/**
 * Holds pods to the Pod Security Standard that the labels of their namespace ask for: `enforce` refuses,
 * `warn` adds a warning and `audit` an annotation to the audit event, also to what makes pods. The labels
 * themselves are checked when they change, and the pods that are there when more is enforced of them. Reads:
 * Namespace, Pod. Upstream: PodSecurity; older versions of the standards are treated as the latest, and there
 * are no exemptions, which is its default.
 */

import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { CronJob, Pod, PodTemplate, PodTemplateSpec } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { forbidden, invalid } from '#api/meta/status.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject, readObjects } from '../../contract/typed-reader.ts';
import { violations } from './checks.ts';
import { warningsOfExisting } from './existing-pods.ts';
import { isSame, isStricter, type LevelVersion, levelText, type Policy, policyOf } from './policy.ts';

const name = 'PodSecurity';
const annotationPrefix = 'pod-security.kubernetes.io/';
const operations = ['CREATE', 'UPDATE'] as const;
const workloads = ['deployments', 'replicasets', 'statefulsets', 'daemonsets'];

export function podSecurity(reader: ObjectReader): AdmissionPlugin[] {
  return [
    ofNamespaces(reader),
    ofPods(reader),
    ofMakers(reader, ofSpec, [
      { apiGroups: [''], resources: ['replicationcontrollers'] },
      { apiGroups: ['apps'], resources: workloads },
      { apiGroups: ['batch'], resources: ['jobs'] },
    ]),
    ofMakers(reader, ofCronJob, [{ apiGroups: ['batch'], resources: ['cronjobs'] }]),
    ofMakers(reader, ofPodTemplate, [{ apiGroups: [''], resources: ['podtemplates'] }]),
  ];
}

function ofNamespaces(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name,
    rules: [{ operations, apiGroups: [''], resources: ['namespaces'] }],
    validate({ type, name, object, oldObject, warn }) {
      const wanted = policyOf(object?.metadata?.labels ?? {});
      const before = policyOf(oldObject?.metadata?.labels ?? {});
      const isNew = JSON.stringify(wanted.errors) !== JSON.stringify(before.errors);
      if (wanted.errors.length > 0 && (!oldObject || isNew)) throw invalid(type, name, wanted.errors);
      const { enforce } = wanted.policy;
      const old = before.policy.enforce;
      if (!oldObject || isSame(enforce, old) || enforce.level === 'privileged') return;
      if (enforce.version === old.version && !isStricter(enforce, old)) return;
      for (const text of warningsOfExisting(name, readObjects(reader, pods, name), enforce)) warn(text);
    },
  });
}

function ofPods(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name,
    rules: [{ operations, apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers'] }],
    validate(attributes) {
      const policy = policyAt(reader, attributes.namespace);
      const { enforce, warn } = policy;
      const isMinor = isMinorUpdate(attributes);
      if (!isMinor || isPrivileged(policy)) {
        attributes.request?.annotate(`${annotationPrefix}enforce-policy`, levelText(enforce));
      }
      if (isMinor) return;
      const pod = attributes.object as Pod;
      const text = violationText(enforce, pod);
      annotateViolations(attributes, policy, pod);
      if (text) throw forbidden(attributes.type, attributes.name, `violates PodSecurity ${text}`);
      warnOf(attributes, warn, pod);
    },
  });
}

interface Resources {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

/** Pods are refused where they are made: what makes them is only warned of. */
function ofMakers(
  reader: ObjectReader,
  templateOf: (object: AnyObject) => PodTemplateSpec | undefined,
  resources: readonly Resources[],
): AdmissionPlugin {
  return defineAdmission({
    name,
    rules: resources.map((of) => ({ operations, ...of })),
    validate(attributes) {
      const policy = policyAt(reader, attributes.namespace);
      const template = templateOf(attributes.object!);
      if (!template?.spec) return;
      annotateViolations(attributes, policy, template as Pod);
      warnOf(attributes, policy.warn, template as Pod);
    },
  });
}

function ofSpec(object: AnyObject): PodTemplateSpec | undefined {
  return (object as { spec?: { template?: PodTemplateSpec } }).spec?.template;
}

function ofCronJob(object: AnyObject): PodTemplateSpec | undefined {
  return (object as Partial<CronJob>).spec?.jobTemplate.spec?.template;
}

function ofPodTemplate(object: AnyObject): PodTemplateSpec | undefined {
  return (object as Partial<PodTemplate>).template;
}

function policyAt(reader: ObjectReader, namespace: string) {
  return policyOf(readObject(reader, namespaces, '', namespace)?.metadata?.labels ?? {}).policy;
}

function isPrivileged({ enforce, audit, warn }: Policy): boolean {
  return [enforce, audit, warn].every(({ level }) => level === 'privileged');
}

function annotateViolations({ request }: AdmissionAttributes, { audit }: Policy, pod: Pod): void {
  const text = violationText(audit, pod);
  if (text) request?.annotate(`${annotationPrefix}audit-violations`, `would violate PodSecurity ${text}`);
}

function warnOf(attributes: AdmissionAttributes, policy: LevelVersion, pod: Pod): void {
  const text = violationText(policy, pod);
  if (text) attributes.warn(`would violate PodSecurity ${text}`);
}

/** A pod that exists may change in everything but its images and further ephemeral containers. */
function isMinorUpdate({ operation, object, oldObject }: AdmissionAttributes): boolean {
  if (operation !== 'UPDATE') return false;
  const [now, old] = [(object as Pod).spec, (oldObject as Pod | undefined)?.spec];
  const images = (spec: Pod['spec']) => {
    const lists = [spec?.containers ?? [], spec?.initContainers ?? []];
    return JSON.stringify(lists.map((containers) => containers.map(({ image }) => image)));
  };
  if (images(now) !== images(old)) return false;
  const before = new Map(old?.ephemeralContainers?.map(({ name, image }) => [name, image]));
  return (now?.ephemeralContainers ?? []).every(
    ({ name, image }) => before.has(name) && before.get(name) === image,
  );
}

function violationText(policy: LevelVersion, pod: Pod): string {
  const found = violations(policy.level, pod);
  if (found.length === 0) return '';
  return `"${levelText(policy)}": ${found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')}`;
}
