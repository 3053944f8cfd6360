/** The errors of new pods, over all files of this room: one row for each change of a valid pod. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, createMessages } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../../meta/object.ts';
import { hard, soft } from '../../../pods/affinity-terms.ts';

const plain: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

const own = 'spec.containers[0]';
const largest = 2147483647;
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

type Changes = Record<string, unknown>;
type Case = [Changes, ...string[]];

const inContainer = (changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).map(([key, value]) => [`spec.containers.0.${key}`, value]));
const nodeTerm = (term: unknown): Changes => ({
  'spec.affinity': { nodeAffinity: { [hard]: { nodeSelectorTerms: [term] } } },
});
const podTerm = (term: unknown): Changes => ({ 'spec.affinity': { podAffinity: { [hard]: [term] } } });
const preferred = (term: unknown, weight = 10): Changes => ({
  'spec.affinity': { podAntiAffinity: { [soft]: [{ weight, podAffinityTerm: term }] } },
});
const annotated = (key: string, value: string): Changes => ({ 'metadata.annotations': { [key]: value } });
const tolerating = (toleration: unknown): Changes => ({ 'spec.tolerations': [toleration] });
const secured = (changes: unknown): Changes => ({ 'spec.securityContext': changes });

const nodePath = `spec.affinity.nodeAffinity.${hard}.nodeSelectorTerms`;
const podPath = `spec.affinity.podAffinity.${hard}[0]`;
const softPath = `spec.affinity.podAntiAffinity.${soft}[0]`;
const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const appArmor = 'container.apparmor.security.beta.kubernetes.io';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const template = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

const metadata: Case[] = [
  [{ 'metadata.name': '' }, 'metadata.name: Required value: name or generateName is required'],
  [{ 'metadata.namespace': '' }, 'metadata.namespace: Required value'],
  [{ 'metadata.labels': { 'A=B': 'x' } }, `metadata.labels: Invalid value: "A=B": ${qualified}`],
  [
    { 'metadata.generation': -1 },
    'metadata.generation: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    { 'metadata.finalizers': ['orphan', 'foregroundDeletion', 'mine'] },
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion","mine"]: finalizer orphan and foregroundDeletion cannot be both set',
    'metadata.finalizers[2]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    { 'metadata.ownerReferences': [{ kind: '', uid: 'u', name: '', apiVersion: 'a/b/c' }] },
    'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
    'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
    'metadata.ownerReferences.name: Invalid value: "": must not be empty',
  ],
  [
    {
      'metadata.ownerReferences': [
        { uid: 'u', name: 'n', kind: 'Event', apiVersion: 'v1', controller: true },
      ],
    },
    'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"n","uid":"u","controller":true}: /v1, Kind=Event is disallowed from being an owner',
  ],
];

const affinity: Case[] = [
  [
    nodeTerm({ matchExpressions: [{ key: 'key1' }] }),
    `${nodePath}[0].matchExpressions[0].operator: Invalid value: "": not a valid selector operator`,
  ],
  [
    nodeTerm({ matchExpressions: [{ key: 'no @', operator: 'Exists' }] }),
    `${nodePath}[0].matchExpressions[0].key: Invalid value: "no @": ${qualified}`,
  ],
  [
    nodeTerm({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }] }),
    `${nodePath}[0].matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
  ],
  [
    nodeTerm({ matchFields: [{ key: 'metadata.name', operator: 'Exists' }] }),
    `${nodePath}[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator`,
  ],
  [
    nodeTerm({ matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['a'] }] }),
    `${nodePath}[0].matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key`,
  ],
  [
    { 'spec.affinity': { nodeAffinity: { [hard]: { nodeSelectorTerms: [] } } } },
    `${nodePath}: Required value: must have at least one node selector term`,
  ],
  [
    preferred({ topologyKey: 'r', labelSelector: {} }, 109),
    `${softPath}.weight: Invalid value: 109: must be in the range 1-100`,
  ],
  [
    preferred({
      topologyKey: 'r',
      labelSelector: { matchExpressions: [{ key: 'k', operator: 'Exists', values: ['a'] }] },
    }),
    `${softPath}.podAffinityTerm.labelSelector.matchExpressions[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
  ],
  [
    preferred({ topologyKey: 'r', namespaceSelector: { matchExpressions: [{ key: 'k', operator: 'In' }] } }),
    `${softPath}.podAffinityTerm.namespaceSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
  [
    podTerm({ labelSelector: {} }),
    `${podPath}.topologyKey: Required value: can not be empty`,
    `${podPath}.topologyKey: Invalid value: "": name part must be non-empty`,
    `${podPath}.topologyKey: Invalid value: "": ${qualified}`,
  ],
  [
    podTerm({ topologyKey: 'z', labelSelector: {}, matchLabelKeys: ['/a'] }),
    `${podPath}.matchLabelKeys[0]: Invalid value: "/a": prefix part must be non-empty`,
  ],
  [
    {
      ...podTerm({ topologyKey: 'z', labelSelector: { matchLabels: { k: 'v' } }, matchLabelKeys: ['k'] }),
      'metadata.labels': { k: 'v' },
    },
    `${podPath}[0]: Invalid value: "k": exists in both matchLabelKeys and labelSelector`,
  ],
  [
    podTerm({ topologyKey: 'z', matchLabelKeys: ['k'] }),
    `${podPath}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
  ],
  [
    podTerm({ topologyKey: 'z', labelSelector: {}, matchLabelKeys: ['k'], mismatchLabelKeys: ['k'] }),
    `${podPath}.matchLabelKeys[0]: Invalid value: "k": exists in both matchLabelKeys and mismatchLabelKeys`,
  ],
  [
    {
      'metadata.labels': { k: 'v' },
      'spec.topologySpreadConstraints': [
        {
          maxSkew: 1,
          topologyKey: 'z',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchExpressions: [{ key: 'k', operator: 'Exists' }] },
          matchLabelKeys: ['other', 'k'],
        },
      ],
    },
    'spec.topologySpreadConstraints[0].matchLabelKeys[1]: Invalid value: "k": exists in both matchLabelKeys and labelSelector',
  ],
  [
    tolerating({ key: 'k', operator: 'Lt', value: '1', effect: 'Other' }),
    'spec.tolerations[0].operator: Unsupported value: "Lt": supported values: "Equal", "Exists", "Lt", "Gt"',
    'spec.tolerations[0].effect: Unsupported value: "Other": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    tolerating({ key: 'k', operator: 'Exists', value: 'v', effect: 'NoSchedule' }),
    'spec.tolerations[0].operator: Invalid value: "v": value must be empty when `operator` is \'Exists\'',
  ],
  [
    tolerating({ key: 'k', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 20 }),
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
];

const profiles: Case[] = [
  [
    annotated(seccomp, 'foo'),
    `metadata.annotations.${seccomp}: Invalid value: "foo": must be a valid seccomp profile`,
  ],
  [
    annotated(seccomp, 'localhost//foo'),
    `metadata.annotations.${seccomp}: Invalid value: "/foo": must be a relative path`,
  ],
  [
    annotated(seccomp, 'localhost/../foo'),
    `metadata.annotations.${seccomp}: Invalid value: "../foo": must not contain '..'`,
  ],
  [
    { ...annotated(seccomp, 'unconfined'), ...secured({ seccompProfile: { type: 'RuntimeDefault' } }) },
    'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
  ],
  [
    annotated(`${appArmor}/other`, 'runtime/default'),
    `metadata.annotations[${appArmor}/other]: Invalid value: "other": container not found`,
  ],
  [
    annotated(`${appArmor}/c`, 'runtime/foo'),
    `metadata.annotations[${appArmor}/c]: Invalid value: "runtime/foo": invalid AppArmor profile name: "runtime/foo"`,
  ],
  [
    {
      ...annotated(`${appArmor}/c`, 'localhost/foo'),
      ...inContainer({
        securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'bar' } },
      }),
    },
    `${own}.securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match`,
  ],
  [
    secured({ appArmorProfile: { type: 'test' } }),
    'spec.securityContext.appArmorProfile.type: Unsupported value: "test": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
  ],
  [
    secured({ appArmorProfile: {} }),
    'spec.securityContext.appArmorProfile.type: Required value: type is required when appArmorProfile is set',
  ],
  [
    secured({ appArmorProfile: { type: 'Localhost', localhostProfile: 'a'.repeat(4096) } }),
    'spec.securityContext.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes',
  ],
  [
    secured({ supplementalGroups: [largest + 1, -1], runAsUser: largest + 1, fsGroup: -1 }),
    'spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'spec.securityContext.runAsUser: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    'spec.securityContext.supplementalGroups[0]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    'spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    secured({ fsGroupChangePolicy: '' }),
    'spec.securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"',
  ],
  [
    { 'spec.hostPID': true, 'spec.shareProcessNamespace': true },
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
];

const spec: Case[] = [
  [
    annotated('kubernetes.io/config.mirror', ''),
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "": must set spec.nodeName if mirror pod annotation is set',
  ],
  ...['text', '008', '+10'].map(
    (cost): Case => [
      annotated(deletionCost, cost),
      `metadata.annotations[${deletionCost}]: Invalid value: "${cost}": must be a 32bit integer`,
    ],
  ),
  [annotated(deletionCost, '-100')],
  [
    { 'spec.volumes': [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'p' } }] } }] },
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ],
  [
    {
      'spec.volumes': [
        { name: 'a', persistentVolumeClaim: { claimName: 'p-b' } },
        { name: 'b', ephemeral: { volumeClaimTemplate: template } },
      ],
    },
    'spec.volumes[0].persistentVolumeClaim.claimName: Invalid value: "p-b": must not reference a PVC that gets created for an ephemeral volume',
  ],
  [
    { 'spec.initContainers': [{}] },
    'spec.initContainers[0].name: Required value',
    'spec.initContainers[0].image: Required value',
  ],
  [
    { 'spec.dnsPolicy': 'x' },
    'spec.dnsPolicy: Unsupported value: "x": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [{ 'spec.serviceAccountName': 'No' }, `spec.serviceAccountName: Invalid value: "No": ${subdomain}`],
  [{ 'spec.nodeName': 'a b' }, `spec.nodeName: Invalid value: "a b": ${subdomain}`],
  [{ 'spec.priorityClassName': 'No' }, `spec.priorityClassName: Invalid value: "No": ${subdomain}`],
  [{ 'spec.runtimeClassName': 'a/b' }, `spec.runtimeClassName: Invalid value: "a/b": ${subdomain}`],
  [
    { 'spec.hostAliases': [{ ip: '999.9.9.9', hostnames: ['@'] }] },
    'spec.hostAliases[0].ip: Invalid value: "999.9.9.9": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    `spec.hostAliases[0].hostnames[0]: Invalid value: "@": ${subdomain}`,
  ],
  [
    { 'spec.hostAliases': [{ ip: '010.0.0.1' }, { ip: '::ffff:1.2.3.4' }] },
    'spec.hostAliases[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
    'spec.hostAliases[1].ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
  ],
  [
    { 'spec.activeDeadlineSeconds': 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    { 'spec.ephemeralContainers': [{ name: 'e', image: 'i' }] },
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [
    { 'spec.nodeName': 'n', 'spec.schedulingGates': [{ name: 'a/b' }] },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
];

const probe = { tcpSocket: { port: 80 } };
const negative = {
  ...probe,
  initialDelaySeconds: -1,
  timeoutSeconds: -1,
  periodSeconds: -1,
  successThreshold: -1,
  failureThreshold: -1,
  terminationGracePeriodSeconds: -1,
};
const negativeMessages = (name: string) => [
  ...['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'].map(
    (key) => `${own}.${name}.${key}: Invalid value: -1: must be greater than or equal to 0`,
  ),
  `${own}.${name}.terminationGracePeriodSeconds: Invalid value: -1: must be greater than 0`,
];
const badPort = 'Invalid value: 0: must be between 1 and 65535, inclusive';

const containers: Case[] = [
  [
    inContainer({ image: ' ' }),
    `${own}.image: Invalid value: " ": must not have leading or trailing whitespace`,
  ],
  [
    inContainer({ name: 'a'.repeat(64) }),
    `${own}.name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`,
  ],
  [inContainer({ name: 'a.b' }), `${own}.name: Invalid value: "a.b": must not contain dots`],
  [{ 'spec.containers.1': { name: 'c', image: 'i' } }, 'spec.containers[1].name: Duplicate value: "c"'],
  [
    {
      ...inContainer({ ports: [{ hostPort: 80, containerPort: 80 }] }),
      'spec.containers.1': { name: 'd', image: 'i', ports: [{ hostPort: 80, containerPort: 81 }] },
    },
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    { 'spec.hostNetwork': true, ...inContainer({ ports: [{ hostPort: 8080, containerPort: 2600 }] }) },
    `${own}.ports[0].hostPort: Invalid value: 8080: must match \`containerPort\` when \`hostNetwork\` is true`,
  ],
  [
    inContainer({ env: [{ name: 'ev=1' }, { name: '' }] }),
    `${own}.env[0].name: Invalid value: "ev=1": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    `${own}.env[1].name: Required value`,
  ],
  [
    inContainer({
      env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } }],
    }),
    `${own}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"`,
  ],
  [
    inContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    `${own}.volumeMounts[0].name: Not found: "v"`,
  ],
  [
    inContainer({ lifecycle: { preStop: { exec: {} } } }),
    `${own}.lifecycle.preStop.exec.command: Required value`,
  ],
  [
    inContainer({ lifecycle: { preStop: { httpGet: {} } } }),
    `${own}.lifecycle.preStop.httpGet.port: ${badPort}`,
  ],
  [
    inContainer({ lifecycle: { preStop: { tcpSocket: {} } } }),
    `${own}.lifecycle.preStop.tcpSocket.port: ${badPort}`,
  ],
  [
    inContainer({ lifecycle: { preStop: {} } }),
    `${own}.lifecycle.preStop: Required value: must specify a handler type`,
  ],
  [
    inContainer({ lifecycle: { preStop: { sleep: { seconds: -1 } } } }),
    `${own}.lifecycle.preStop.sleep: Invalid value: -1: must be non-negative and less than terminationGracePeriodSeconds (30)`,
  ],
  [
    inContainer({ livenessProbe: negative }),
    ...negativeMessages('livenessProbe'),
    `${own}.livenessProbe.successThreshold: Invalid value: -1: must be 1`,
  ],
  [
    inContainer({ readinessProbe: negative }),
    ...negativeMessages('readinessProbe'),
    `${own}.readinessProbe.terminationGracePeriodSeconds: Invalid value: -1: must not be set for readinessProbes`,
  ],
  [
    inContainer({ startupProbe: { ...probe, successThreshold: 2 } }),
    `${own}.startupProbe.successThreshold: Invalid value: 2: must be 1`,
  ],
  [
    inContainer({ terminationMessagePolicy: 'X', imagePullPolicy: 'X' }),
    `${own}.terminationMessagePolicy: Unsupported value: "X": supported values: "File", "FallbackToLogsOnError"`,
    `${own}.imagePullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"`,
  ],
  [
    inContainer({
      restartPolicyRules: [
        { action: 'Stop', exitCodes: { operator: 'Gt', values: [1] } },
        { action: 'Restart' },
      ],
    }),
    `${own}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
    `${own}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`,
    `${own}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Gt": supported values: "In", "NotIn"`,
    `${own}.restartPolicyRules[1].exitCodes: Required value: must be specified`,
  ],
];

const resources: Case[] = [
  [
    inContainer({ resources: { limits: { disk: '10G' } } }),
    ...['limits', 'requests'].flatMap((list) => [
      `${own}.resources.${list}[disk]: Invalid value: "disk": must be a standard resource type or fully qualified`,
      `${own}.resources.${list}[disk]: Invalid value: "disk": must be a standard resource for containers`,
    ]),
  ],
  [
    inContainer({ resources: { requests: { 'example.com/a': '2' }, limits: { 'example.com/a': '1' } } }),
    `${own}.resources.requests: Invalid value: "2": must be equal to example.com/a limit of 1`,
  ],
  [
    inContainer({ resources: { requests: { 'example.com/a': '500m' } } }),
    `${own}.resources.requests[example.com/a]: Invalid value: "500m": must be an integer`,
    `${own}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
  ],
  [
    inContainer({ resources: { requests: { cpu: '6' }, limits: { cpu: '5' } } }),
    `${own}.resources.requests: Invalid value: "6": must be less than or equal to cpu limit of 5`,
  ],
  [
    inContainer({
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'x' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'disk', restartPolicy: '' },
      ],
    }),
    `${own}.resizePolicy: Unsupported value: "x": supported values: "NotRequired", "RestartContainer"`,
    `${own}.resizePolicy[1]: Duplicate value: "cpu"`,
    `${own}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"`,
    `${own}.resizePolicy: Required value`,
  ],
];

for (const [group, cases] of Object.entries({ metadata, affinity, profiles, spec, containers, resources })) {
  for (const [changes, ...messages] of cases) {
    test(`a new pod – ${group}: ${JSON.stringify(changes).slice(0, 120)} – has upstream's errors`, () => {
      assert.deepEqual(createMessages('', 'pods', changed(plain, changes)), messages);
    });
  }
}
