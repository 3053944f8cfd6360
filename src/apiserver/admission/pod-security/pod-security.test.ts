import {
  cronJobs,
  deployments,
  namespaces,
  pods,
  podTemplates,
  replicationControllers,
} from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { podSecurity } from './pod-security.ts';

const prefix = 'pod-security.kubernetes.io';
const namespace = (labels: Record<string, string>) => [
  [
    namespaces,
    {
      metadata: {
        name: 'default',
        labels: Object.fromEntries(
          Object.entries(labels).map(([mode, level]) => [`${prefix}/${mode}`, level]),
        ),
      },
    },
  ] as const,
];
const spec = (more: Partial<PodSpec> = {}) => ({ containers: [newContainer()], ...more });
const pod = (more: Partial<PodSpec> = {}) => newPod('p', more);
const maker = (template: object) => ({ metadata: { name: 'd' }, spec: { template } });
const onHost = { hostNetwork: true };
const text = (level: string) => `violates PodSecurity "${level}": host namespaces (hostNetwork=true)`;
const refusal = `403 pods "p" is forbidden: ${text('baseline:latest')}`;
const warning = [`would ${text('baseline:latest').replace('violates', 'violate')}`];
const strict = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const restricted =
  'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
const update = { type: pods, operation: 'UPDATE' } as const;

testAdmission('PodSecurity', podSecurity, [
  {
    name: 'a namespace without labels – everything is admitted',
    type: pods,
    object: pod(onHost),
    stored: namespace({}),
  },
  {
    name: 'baseline is enforced and violated – the pod is refused',
    type: pods,
    object: pod(onHost),
    stored: namespace({ enforce: 'baseline' }),
    refusal,
  },
  {
    name: 'baseline is enforced and kept – the pod is admitted',
    type: pods,
    object: pod(),
    stored: namespace({ enforce: 'baseline' }),
  },
  {
    name: 'privileged is enforced – the pod is admitted',
    type: pods,
    object: pod(onHost),
    stored: namespace({ enforce: 'privileged' }),
  },
  {
    name: 'a version is named – the refusal names it',
    type: pods,
    object: pod(onHost),
    stored: namespace({ enforce: 'baseline', 'enforce-version': 'v1.30' }),
    refusal: `403 pods "p" is forbidden: ${text('baseline:v1.30')}`,
  },
  {
    name: 'a level that is none – it counts as restricted',
    type: pods,
    object: pod(),
    stored: namespace({ enforce: 'lax' }),
    refusal: `403 pods "p" is forbidden: ${restricted}`,
  },
  {
    name: 'restricted is enforced and violated – every violation is named',
    type: pods,
    object: pod(),
    stored: namespace({ enforce: 'restricted' }),
    refusal: `403 pods "p" is forbidden: ${restricted}`,
  },
  {
    name: 'restricted is enforced and kept – the pod is admitted',
    type: pods,
    object: pod({ containers: [newContainer({ securityContext: strict })] }),
    stored: namespace({ enforce: 'restricted' }),
  },
  {
    name: 'baseline is warned of – the pod is admitted with a warning',
    type: pods,
    object: pod(onHost),
    stored: namespace({ warn: 'baseline' }),
    warnings: warning,
  },
  {
    name: 'what makes pods violates what is enforced – it is admitted with a warning',
    type: deployments,
    object: maker({ spec: spec(onHost) }),
    stored: namespace({ enforce: 'baseline' }),
    warnings: warning,
  },
  {
    name: 'what is enforced is not to be warned of – there is no warning',
    type: deployments,
    object: maker({ spec: spec(onHost) }),
    stored: namespace({ enforce: 'baseline', warn: 'privileged' }),
  },
  {
    name: 'a warning of what no level is – there is no warning',
    type: deployments,
    object: maker({ spec: spec(onHost) }),
    stored: namespace({ warn: 'lax' }),
  },
  {
    name: 'a pod template – it is warned of too',
    type: podTemplates,
    object: { metadata: { name: 't' }, template: { spec: spec(onHost) } },
    stored: namespace({ warn: 'baseline' }),
    warnings: warning,
  },
  {
    name: 'a pod violates what is enforced and what is warned of – it is refused without a warning',
    type: pods,
    object: pod(onHost),
    stored: namespace({ enforce: 'baseline', warn: 'baseline' }),
    refusal,
  },
  {
    name: 'what makes pods violates what is warned of – it is admitted with a warning',
    type: deployments,
    object: maker({ spec: spec(onHost) }),
    stored: namespace({ warn: 'baseline' }),
    warnings: warning,
  },
  {
    name: 'a replication controller – it is warned of too',
    type: replicationControllers,
    object: maker({ spec: spec(onHost) }),
    stored: namespace({ warn: 'baseline' }),
    warnings: warning,
  },
  {
    name: 'a cron job – the template of its jobs counts',
    type: cronJobs,
    object: {
      metadata: { name: 'd' },
      spec: { jobTemplate: { spec: { template: { spec: spec(onHost) } } } },
    },
    stored: namespace({ warn: 'baseline' }),
    warnings: warning,
  },
  {
    name: 'a deployment is scaled – there is no warning',
    type: deployments,
    operation: 'UPDATE',
    subresource: 'scale',
    object: { metadata: { name: 'd' }, spec: { replicas: 2 } },
    old: { metadata: { name: 'd' }, spec: {} },
    stored: namespace({ warn: 'baseline' }),
  },
  {
    name: 'an update that leaves the images – it is admitted',
    ...update,
    object: pod({ ...onHost, activeDeadlineSeconds: 5 }),
    old: pod(onHost),
    stored: namespace({ enforce: 'baseline' }),
  },
  {
    name: 'an update that leaves the images – there is no warning either',
    ...update,
    object: pod({ ...onHost, activeDeadlineSeconds: 5 }),
    old: pod(onHost),
    stored: namespace({ warn: 'baseline' }),
  },
  {
    name: 'an update of an image – it is refused',
    ...update,
    object: pod({ ...onHost, containers: [newContainer({ image: 'j' })] }),
    old: pod(onHost),
    stored: namespace({ enforce: 'baseline' }),
    refusal,
  },
  {
    name: 'an ephemeral container – it is refused',
    ...update,
    subresource: 'ephemeralcontainers',
    object: pod({ ...onHost, ephemeralContainers: [newContainer({ name: 'e' })] }),
    old: pod(onHost),
    stored: namespace({ enforce: 'baseline' }),
    refusal,
  },
  {
    name: 'its status – it is admitted',
    ...update,
    subresource: 'status',
    object: pod(onHost),
    old: pod(onHost),
    stored: namespace({ enforce: 'baseline' }),
  },
]);

const space = (labels: object) => ({ metadata: { name: 'default', labels } });
const labels = (modes: Record<string, string>) =>
  Object.fromEntries(Object.entries(modes).map(([mode, value]) => [`${prefix}/${mode}`, value]));
const relabel = (before: Record<string, string>, after: Record<string, string>) =>
  ({
    type: namespaces,
    operation: 'UPDATE',
    object: space(labels(after)),
    old: space(labels(before)),
  }) as const;
const podAt = (name: string, more: object, owner?: string) => {
  const ownerReferences = owner
    ? [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }]
    : [];
  return [pods, { metadata: { name, namespace: 'default', ownerReferences }, spec: spec(more) }] as const;
};
const invalid =
  'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "lax": must be one of privileged, baseline, restricted';

testAdmission('PodSecurity of a namespace', podSecurity, [
  {
    name: 'it is made with a level that is none – it is refused',
    type: namespaces,
    object: space(labels({ enforce: 'lax' })),
    refusal: `422 Namespace "default" is invalid: ${invalid}`,
  },
  {
    name: 'several labels are wrong – each is named, in the order of the modes',
    type: namespaces,
    object: space(labels({ 'warn-version': '1.30', enforce: 'lax' })),
    refusal: `422 Namespace "default" is invalid: [${invalid}, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]`,
  },
  {
    name: 'a wrong label was there before – the update is admitted',
    ...relabel({ enforce: 'lax' }, { enforce: 'lax', audit: 'baseline' }),
  },
  {
    name: 'another wrong label – the update is refused',
    ...relabel({ enforce: 'baseline' }, { enforce: 'lax' }),
    refusal: `422 Namespace "default" is invalid: ${invalid}`,
  },
  {
    name: 'more is enforced of the pods that are there – it is warned of, by reason',
    ...relabel({}, { enforce: 'baseline' }),
    stored: [podAt('b', onHost), podAt('a', onHost), podAt('c', {}), podAt('d', { hostPID: true })],
    warnings: [
      'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 2 other pods): host namespaces',
    ],
  },
  {
    name: 'less is enforced – there is no warning',
    ...relabel({ enforce: 'restricted' }, { enforce: 'baseline' }),
    stored: [podAt('b', onHost)],
  },
  {
    name: 'only what is warned of changes – the pods are not looked at',
    ...relabel({}, { warn: 'restricted' }),
    stored: [podAt('b', onHost)],
  },
  {
    name: 'there are more pods than are looked at – it says so, and looks at one of each controller first',
    ...relabel({}, { enforce: 'baseline' }),
    stored: [...Array.from({ length: 3000 }, (_, i) => podAt(`p${i}`, {}, 'set')), podAt('z', onHost)],
    warnings: [
      'new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods',
      'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
      'z: host namespaces',
    ],
  },
]);

const configured = {
  defaults: {
    enforce: { level: 'baseline', version: 'latest' },
    audit: { level: 'privileged', version: 'latest' },
    warn: { level: 'restricted', version: 'latest' },
  },
  exemptions: { usernames: ['root'], namespaces: ['default'], runtimeClasses: ['vm'] },
} as const;
const noNamespaces = { ...configured, exemptions: { ...configured.exemptions, namespaces: [] } };
const restrictedWarning = restricted.replace('violates', 'would violate');

testAdmission('PodSecurity with defaults', (reader) => podSecurity(reader, noNamespaces), [
  {
    name: 'a namespace without labels – the defaults are enforced',
    type: pods,
    object: pod(onHost),
    stored: namespace({}),
    refusal,
  },
  {
    name: 'a namespace without labels – the defaults are warned of',
    type: pods,
    object: pod(),
    stored: namespace({}),
    warnings: [restrictedWarning],
  },
  {
    name: 'a label enforces less than the default warns of – the warning stays',
    type: pods,
    object: pod(),
    stored: namespace({ enforce: 'privileged' }),
    warnings: [restrictedWarning],
  },
  {
    name: 'an exempt user – everything is admitted',
    type: pods,
    object: pod(onHost),
    user: { name: 'root', groups: [] },
    stored: namespace({}),
  },
  {
    name: 'an exempt runtime class – everything is admitted',
    type: pods,
    object: pod({ ...onHost, runtimeClassName: 'vm' }),
    stored: namespace({}),
  },
  {
    name: 'pods of an exempt runtime class are there – they are not counted',
    ...relabel({ enforce: 'privileged' }, { enforce: 'baseline' }),
    stored: [podAt('a', { ...onHost, runtimeClassName: 'vm' })],
  },
]);

testAdmission('PodSecurity of an exempt namespace', (reader) => podSecurity(reader, configured), [
  { name: 'a pod – it is admitted', type: pods, object: pod(onHost), stored: namespace({}) },
  {
    name: 'labels that ask for more than the defaults – it is warned that they are ignored',
    type: namespaces,
    object: space(labels({ enforce: 'restricted', 'enforce-version': 'v1.30' })),
    warnings: [
      'namespace "default" is exempt from Pod Security, and the policy (enforce=restricted:v1.30) will be ignored',
    ],
  },
]);

const violating = (level: string, version: string, violations: string) =>
  `403 pods "p" is forbidden: violates PodSecurity "${level}:${version}": ${violations}`;
const container = (securityContext: object, more: object = {}) => ({
  containers: [newContainer({ securityContext, ...more })],
});
const versioned = (level: string, version: string) =>
  namespace({ enforce: level, 'enforce-version': version });

// biome-ignore format: a table
const versions: readonly { level: string; version: string; spec: Partial<PodSpec>; violation?: string }[] = [
  { level: 'baseline', version: 'v1.33', spec: container({}, { livenessProbe: { httpGet: { port: 1, host: 'h' } } }) },
  { level: 'baseline', version: 'v1.34', spec: container({}, { livenessProbe: { httpGet: { port: 1, host: 'h' } }, lifecycle: { preStop: { tcpSocket: { port: 1, host: 'g' } } } }), violation: 'probe or lifecycle host (container "c" uses probe or lifecycle hosts "g", "h")' },
  { level: 'baseline', version: 'v1.0', spec: container({ appArmorProfile: { type: 'Unconfined' } }), violation: 'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")' },
  { level: 'baseline', version: 'v1.30', spec: container({ seLinuxOptions: { type: 'container_engine_t', user: 'u' } }), violation: 'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "container_engine_t"; user may not be set)' },
  { level: 'baseline', version: 'v1.31', spec: container({ seLinuxOptions: { type: 'container_engine_t' } }) },
  { level: 'baseline', version: 'v1.28', spec: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '1' }] } }, violation: 'forbidden sysctls (net.ipv4.tcp_fin_timeout)' },
  { level: 'baseline', version: 'v1.29', spec: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '1' }] } } },
  { level: 'baseline', version: 'v1.18', spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } } },
  { level: 'baseline', version: 'v1.19', spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } }, violation: 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")' },
  { level: 'baseline', version: 'v1.34', spec: { hostUsers: false, ...container({ procMount: 'Unmasked' }) }, violation: 'procMount (container "c" must not set securityContext.procMount to "Unmasked")' },
  { level: 'baseline', version: 'v1.35', spec: { hostUsers: false, ...container({ procMount: 'Unmasked' }) } },
  { level: 'restricted', version: 'latest', spec: { hostUsers: false, ...container({ ...strict, procMount: 'Unmasked' }) }, violation: 'procMount (container "c" must not set securityContext.procMount to "Unmasked")' },
  { level: 'restricted', version: 'v1.7', spec: container({ runAsNonRoot: true }) },
  { level: 'restricted', version: 'v1.24', spec: { os: { name: 'windows' }, ...container({ runAsNonRoot: true }) }, violation: restricted.slice(restricted.indexOf('allow'), restricted.indexOf(', runAs')) + restricted.slice(restricted.indexOf(', seccomp')) },
  { level: 'restricted', version: 'v1.25', spec: { os: { name: 'windows' }, ...container({ runAsNonRoot: true }) } },
  { level: 'restricted', version: 'v1.35', spec: { hostUsers: false, ...container({ ...strict, runAsNonRoot: false, runAsUser: 0 }) } },
  { level: 'restricted', version: 'v1.99', spec: { ...container(strict), volumes: [{ name: 'v', hostPath: { path: '/' } }] }, violation: 'restricted volume types (volume "v" uses restricted volume type "hostPath")' },
];

testAdmission(
  'PodSecurity by version',
  podSecurity,
  versions.map(({ level, version, spec, violation }, index) => ({
    name: `${level} of ${version}, row ${index} – ${violation ?? 'nothing'} is wrong`,
    type: pods,
    object: pod(spec),
    stored: versioned(level, version),
    ...(violation ? { refusal: violating(level, version, violation) } : {}),
  })),
);
