/** Validation of a pod's spec, alone or inside a template, in upstream's order. */

import type { HostAlias, PodResourceClaim, PodSpec, PodTemplateSpec } from '../../../generated/types.gen.ts';
import { validateAnnotations, validateLabels } from '../../../meta/validation.ts';
import { checkField, checkOneOf } from '../../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  together,
  tooLong,
} from '../../../validation/field-error.ts';
import { checkIp } from '../../../validation/ip-checks.ts';
import {
  byteLength,
  dns1123Label,
  dns1123Subdomain,
  inRange,
  maxInt32,
  qualifiedName,
} from '../../../validation/validators.ts';
import { checkProfilesAgree, validatePodAnnotations } from './annotations.ts';
import {
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers/containers.ts';
import { validateEnvFileVolumes } from './containers/env.ts';
import { validateHostUsers, validatePodSecurityContext } from './containers/security.ts';
import { validateHostProcess, validateLinuxPod, validateWindowsPod } from './containers/windows.ts';
import { dnsPolicies, validateDnsConfig } from './dns.ts';
import { validatePodClaims } from './resources/claims.ts';
import { validatePodResources } from './resources/pod-level.ts';
import { validateContainerResources } from './resources/resources.ts';
import { validateAffinity } from './scheduling/affinity.ts';
import { validateSchedulingGates, validateSpread, validateTolerations } from './scheduling/scheduling.ts';
import { type VolumeUse, validateVolumes } from './volumes/volumes.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];

export function validatePodSpec(spec: PodSpec, use: VolumeUse, path: string): FieldError[] {
  const volumes = validateVolumes(spec.volumes, use, `${path}.volumes`);
  const around = {
    spec,
    volumes: volumes.sound,
    claims: namesOf(spec.resourceClaims),
  };
  return together(
    spec.terminationGracePeriodSeconds === undefined
      ? [required(`${path}.terminationGracePeriodSeconds`)]
      : [],
    volumes.errors,
    validatePodClaims(spec.resourceClaims, `${path}.resourceClaims`),
    validateContainers(around, `${path}.containers`),
    validateInitContainers(around, `${path}.initContainers`),
    validateEphemeralContainers(around, `${path}.ephemeralContainers`),
    validatePodResources(spec, around.claims, `${path}.resources`),
    validateHostNetworkPorts(spec, use, `${path}.containers`),
    checkOneOf(`${path}.restartPolicy`, spec.restartPolicy, restartPolicies),
    checkOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    validatePodSecurityContext(spec, `${path}.securityContext`),
    validateAffinity(spec.affinity, `${path}.affinity`),
    validateDnsConfig(spec, `${path}.dnsConfig`),
    (spec.readinessGates ?? []).flatMap((gate, i) =>
      checkField(`${path}.readinessGates[${i}].conditionType`, gate.conditionType, qualifiedName),
    ),
    validateSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`),
    validateSpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    validateHostProcess(spec, path),
    validateHostUsers(spec, path),
    validateHostnameOverride(spec, `${path}.hostnameOverride`),
    validateNames(spec, path),
    validateTolerations(spec.tolerations, `${path}.tolerations`),
    validateHostAliases(spec.hostAliases, `${path}.hostAliases`),
    validateClasses(spec, path),
    validateOs(spec, path),
    validateEnvFileVolumes(spec, path),
  );
}

const noNames: ReadonlySet<string> = new Set();

function namesOf(claims: PodResourceClaim[] | undefined): ReadonlySet<string> {
  return claims ? new Set(claims.map((claim) => claim.name).filter(Boolean)) : noNames;
}

function validateHostNetworkPorts(spec: PodSpec, use: VolumeUse, path: string): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap((container, i) =>
    (container.ports ?? []).flatMap((port, j) => {
      const hostPort = port.hostPort ?? 0;
      if (hostPort === port.containerPort || (!use.isPod && hostPort === 0)) return [];
      const text = 'must match `containerPort` when `hostNetwork` is true';
      return [invalidValue(`${path}[${i}].ports[${j}].hostPort`, hostPort, text)];
    }),
  );
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.serviceAccountName) {
    errors.push(...checkField(`${path}.serviceAccountName`, spec.serviceAccountName, dns1123Subdomain));
  }
  if (spec.nodeName) errors.push(...checkField(`${path}.nodeName`, spec.nodeName, dns1123Subdomain));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined) {
    for (const text of inRange(deadline, 1, maxInt32)) {
      errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, text));
    }
  }
  if (spec.hostname) errors.push(...checkField(`${path}.hostname`, spec.hostname, dns1123Label));
  if (spec.subdomain) errors.push(...checkField(`${path}.subdomain`, spec.subdomain, dns1123Label));
  return errors;
}

const hostnameMaxBytes = 64;

function validateHostnameOverride(spec: PodSpec, field: string): FieldError[] {
  const name = spec.hostnameOverride;
  if (name === undefined) return [];
  const errors: FieldError[] = [];
  if (spec.setHostnameAsFQDN) {
    errors.push(forbiddenField(field, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork) errors.push(forbiddenField(field, 'may not be specified when hostNetwork is true'));
  if (byteLength(name) > hostnameMaxBytes) errors.push(tooLong(field, hostnameMaxBytes));
  return [...errors, ...checkField(field, name, dns1123Subdomain)];
}

function validateHostAliases(aliases: HostAlias[] | undefined, path: string): FieldError[] {
  return (aliases ?? []).flatMap((alias, i) => [
    ...checkIp(`${path}[${i}].ip`, alias.ip ?? ''),
    ...(alias.hostnames ?? []).flatMap((name, j) =>
      checkField(`${path}[${i}].hostnames[${j}]`, name, dns1123Subdomain),
    ),
  ]);
}

function validateClasses(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.priorityClassName) {
    errors.push(...checkField(`${path}.priorityClassName`, spec.priorityClassName, dns1123Subdomain));
  }
  if (spec.runtimeClassName !== undefined) {
    errors.push(...checkField(`${path}.runtimeClassName`, spec.runtimeClassName, dns1123Subdomain));
  }
  if (spec.preemptionPolicy !== undefined) {
    const choices = ['PreemptLowerPriority', 'Never'];
    errors.push(...checkOneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, choices));
  }
  if (spec.overhead) {
    errors.push(...validateContainerResources({ limits: spec.overhead }, new Set(), `${path}.overhead`));
  }
  return errors;
}

function validateOs(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  if (!spec.os.name) return [required(`${path}.os.name`)];
  if (spec.os.name === 'linux') return validateLinuxPod(spec, path);
  if (spec.os.name === 'windows') return validateWindowsPod(spec, path);
  return [notSupported(`${path}.os`, spec.os.name, ['linux', 'windows'])];
}

/** As upstream's, the paths lack `metadata`. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { metadata = {}, spec = {} as PodSpec } = template;
  const errors = [
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...validatePodAnnotations(metadata.annotations, spec, `${path}.annotations`),
    ...validatePodSpec(spec, { isPod: false, podName: '' }, `${path}.spec`),
    ...checkProfilesAgree(metadata.annotations, spec, `${path}.spec`),
  ];
  if (template.spec?.ephemeralContainers?.length) {
    const text = 'ephemeral containers not allowed in pod template';
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, text));
  }
  return errors;
}
