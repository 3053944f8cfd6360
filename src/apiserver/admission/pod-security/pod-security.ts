/**
 * Holds pods to the Pod Security Standard that the labels of their namespace ask for: `enforce` refuses,
 * `warn` adds a warning and `audit` an annotation to the audit event, also to what makes pods. The labels
 * themselves are checked when they change, and the pods that are there when more is enforced of them. Namespaces,
 * users and runtime classes can be exempt. Reads: Namespace, Pod. Upstream: PodSecurity.
 */

import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { CronJob, Pod, PodTemplate, PodTemplateSpec } from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { forbidden, invalid } from '#api/meta/status.ts';
import { fieldErrorMessage } from '#api/validation/field-error.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject, readObjects } from '../../contract/typed-reader.ts';
import { type LevelVersion, violations } from './checks.ts';
import { exemptNamespaceWarning, warningsOfExisting } from './existing-pods.ts';
import type { PodSecurityMetrics } from './metrics.ts';
import { isPrivileged, isSame, isStricter, levelText, type Policy, policyOf } from './policy.ts';
import { defaultPodSecurity, type PodSecuritySettings } from './settings.ts';

const name = 'PodSecurity';
const annotationPrefix = 'pod-security.kubernetes.io/';
const operations = ['CREATE', 'UPDATE'] as const;
const workloads = ['deployments', 'replicasets', 'statefulsets', 'daemonsets'];

interface Parts {
  readonly reader: ObjectReader;
  readonly settings: PodSecuritySettings;
  readonly metrics: PodSecurityMetrics | undefined;
}

export function podSecurity(
  reader: ObjectReader,
  settings = defaultPodSecurity,
  metrics?: PodSecurityMetrics,
): AdmissionPlugin[] {
  const parts = { reader, settings, metrics };
  return [
    ofNamespaces(parts),
    ofPods(parts),
    ofMakers(parts, ofSpec, [
      { apiGroups: [''], resources: ['replicationcontrollers'] },
      { apiGroups: ['apps'], resources: workloads },
      { apiGroups: ['batch'], resources: ['jobs'] },
    ]),
    ofMakers(parts, ofCronJob, [{ apiGroups: ['batch'], resources: ['cronjobs'] }]),
    ofMakers(parts, ofPodTemplate, [{ apiGroups: [''], resources: ['podtemplates'] }]),
  ];
}

function ofNamespaces({ reader, settings }: Parts): AdmissionPlugin {
  const { defaults, exemptions } = settings;
  return defineAdmission({
    name,
    rules: [{ operations, apiGroups: [''], resources: ['namespaces'] }],
    validate({ type, name, object, oldObject, warn }) {
      const labels = object?.metadata?.labels ?? {};
      const wanted = policyOf(labels, defaults);
      const before = policyOf(oldObject?.metadata?.labels ?? {}, defaults);
      const isNew = JSON.stringify(wanted.errors) !== JSON.stringify(before.errors);
      if (wanted.errors.length > 0 && (!oldObject || isNew)) throw invalid(type, name, wanted.errors);
      const { enforce } = wanted.policy;
      const old = before.policy.enforce;
      const isLoosened = enforce.version === old.version && !isStricter(enforce, old);
      const isKept = isSame(enforce, old) || enforce.level === 'privileged' || isLoosened;
      if (oldObject && isKept) return;
      if (exemptions.namespaces.includes(name)) {
        for (const text of exemptNamespaceWarning(name, wanted.policy, labels, defaults)) warn(text);
        return;
      }
      if (!oldObject) return;
      const counted = readObjects(reader, pods, name).filter((pod) => !hasExemptClass(settings, pod));
      for (const text of warningsOfExisting(name, counted, enforce)) warn(text);
    },
  });
}

function ofPods(parts: Parts): AdmissionPlugin {
  const { settings, metrics } = parts;
  return defineAdmission({
    name,
    rules: [{ operations, apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers'] }],
    validate(attributes) {
      if (isExempt(parts, attributes)) return;
      const { policy, error } = policyAt(parts, attributes.namespace);
      const { enforce } = policy;
      if (error === undefined && isPrivileged(policy)) {
        annotate(attributes, 'enforce-policy', levelText(enforce));
        metrics?.evaluated(attributes, 'enforce', enforce, true);
        return;
      }
      if (isMinorUpdate(attributes)) return;
      const pod = attributes.object as Pod;
      if (hasExemptClass(settings, pod)) return exempt(parts, attributes, 'runtimeClass');
      annotateError(parts, attributes, error);
      annotate(attributes, 'enforce-policy', levelText(enforce));
      const text = violationText(enforce, pod);
      metrics?.evaluated(attributes, 'enforce', enforce, text === '');
      annotateViolations(parts, attributes, policy, pod);
      if (text) throw forbidden(attributes.type, attributes.name, `violates PodSecurity ${text}`);
      warnOf(parts, attributes, policy.warn, pod);
    },
  });
}

interface Resources {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

/** Pods are refused where they are made: what makes them is only warned of. */
function ofMakers(
  parts: Parts,
  templateOf: (object: AnyObject) => PodTemplateSpec | undefined,
  resources: readonly Resources[],
): AdmissionPlugin {
  return defineAdmission({
    name,
    rules: resources.map((resource) => ({ operations, ...resource })),
    validate(attributes) {
      if (isExempt(parts, attributes)) return;
      const { policy, error } = policyAt(parts, attributes.namespace);
      const judgesNothing = policy.warn.level === 'privileged' && policy.audit.level === 'privileged';
      const template = templateOf(attributes.object!) as Pod | undefined;
      if ((error === undefined && judgesNothing) || !template?.spec) return;
      if (hasExemptClass(parts.settings, template)) return exempt(parts, attributes, 'runtimeClass');
      annotateError(parts, attributes, error);
      annotateViolations(parts, attributes, policy, template);
      warnOf(parts, attributes, policy.warn, template);
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

/** `error`: what is wrong with the labels. */
function policyAt({ reader, settings }: Parts, namespace: string): { policy: Policy; error?: string } {
  const labels = readObject(reader, namespaces, '', namespace)?.metadata?.labels ?? {};
  const { policy, errors } = policyOf(labels, settings.defaults);
  if (errors.length === 0) return { policy };
  return { policy, error: aggregateText(errors.map(fieldErrorMessage)) };
}

function isExempt(parts: Parts, attributes: AdmissionAttributes): boolean {
  const { namespaces, usernames } = parts.settings.exemptions;
  const isOfNamespace = namespaces.includes(attributes.namespace);
  if (!isOfNamespace && !usernames.includes(attributes.user.name)) return false;
  exempt(parts, attributes, isOfNamespace ? 'namespace' : 'user');
  return true;
}

function exempt(
  { metrics }: Parts,
  attributes: AdmissionAttributes,
  by: 'namespace' | 'user' | 'runtimeClass',
): void {
  metrics?.exempted(attributes);
  annotate(attributes, 'exempt', by);
}

function hasExemptClass({ exemptions }: PodSecuritySettings, { spec }: Pod): boolean {
  return spec?.runtimeClassName !== undefined && exemptions.runtimeClasses.includes(spec.runtimeClassName);
}

function annotate({ request }: AdmissionAttributes, key: string, value: string): void {
  request?.annotate(`${annotationPrefix}${key}`, value);
}

function annotateError({ metrics }: Parts, attributes: AdmissionAttributes, error: string | undefined): void {
  if (error === undefined) return;
  annotate(attributes, 'error', `Failed to parse policy: ${error}`);
  metrics?.failed(attributes);
}

function annotateViolations(
  { metrics }: Parts,
  attributes: AdmissionAttributes,
  { audit }: Policy,
  pod: Pod,
): void {
  const text = violationText(audit, pod);
  if (!text) return;
  annotate(attributes, 'audit-violations', `would violate PodSecurity ${text}`);
  metrics?.evaluated(attributes, 'audit', audit, false);
}

function warnOf({ metrics }: Parts, attributes: AdmissionAttributes, policy: LevelVersion, pod: Pod): void {
  const text = violationText(policy, pod);
  if (!text) return;
  attributes.warn(`would violate PodSecurity ${text}`);
  metrics?.evaluated(attributes, 'warn', policy, false);
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
  const found = violations(policy, pod);
  if (found.length === 0) return '';
  return `"${levelText(policy)}": ${found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')}`;
}
