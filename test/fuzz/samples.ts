/** A small valid object of each built-in kind, for generators to spoil. */

const container = { name: 'c', image: 'i' };
const podSpec = { containers: [container] };
const selector = { matchLabels: { a: 'b' } };
const template = { metadata: { labels: { a: 'b' } }, spec: podSpec };
const policyRules = [
  { apiGroups: ['fuzz.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['none'] },
];
const webhooks = [
  {
    name: 'a.example.com',
    clientConfig: { url: 'https://127.0.0.1:1/x' },
    rules: policyRules,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  },
];
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const subjects = [{ kind: 'ServiceAccount', name: 'x', namespace: 'fuzz' }];
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const attributes = { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'fuzz' } };
const involved = { kind: 'Pod', namespace: 'fuzz', name: 'p' };

/** By kind; what is missing here is valid without fields. */
export const samples: Readonly<Record<string, object>> = {
  Pod: { spec: podSpec },
  PodTemplate: { template },
  ReplicationController: { spec: { selector: { a: 'b' }, template } },
  ReplicaSet: { spec: { selector, template } },
  Deployment: { spec: { selector, template } },
  DaemonSet: { spec: { selector, template } },
  StatefulSet: { spec: { selector, template, serviceName: 's' } },
  Job: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
  CronJob: {
    spec: {
      schedule: '* * * * *',
      jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
    },
  },
  ControllerRevision: { revision: 1, data: { a: 1 } },
  ConfigMap: { data: { a: 'b' } },
  Secret: { data: { a: 'aGk=' } },
  Service: { spec: { ports: [{ port: 80 }] } },
  Endpoints: { subsets: [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 80 }] }] },
  EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.7'] }], ports: [{ port: 80 }] },
  LimitRange: { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
  ResourceQuota: { spec: { hard: { pods: '10' } } },
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  PersistentVolume: {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
  },
  Event: { involvedObject: involved, reason: 'R', message: 'm' },
  Binding: { target: { kind: 'Node', name: 'n' } },
  HorizontalPodAutoscaler: {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
  },
  CertificateSigningRequest: {
    spec: { signerName: 'example.com/s', request: 'aGk=', usages: ['client auth'] },
  },
  Lease: { spec: { holderIdentity: 'x', leaseDurationSeconds: 15 } },
  FlowSchema: { spec: { priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 500 } },
  PriorityLevelConfiguration: {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  },
  Ingress: {
    spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
  },
  IngressClass: { spec: { controller: 'example.com/c' } },
  NetworkPolicy: { spec: { podSelector: {} } },
  IPAddress: { spec: { parentRef: { resource: 'services', namespace: 'fuzz', name: 's' } } },
  ServiceCIDR: { spec: { cidrs: ['10.7.0.0/24'] } },
  RuntimeClass: { handler: 'h' },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector } },
  ClusterRole: { rules },
  Role: { rules },
  ClusterRoleBinding: { roleRef, subjects },
  RoleBinding: { roleRef, subjects },
  PriorityClass: { value: 7 },
  CSIDriver: { spec: {} },
  CSINode: { spec: { drivers: [{ name: 'd', nodeID: 'n' }] } },
  CSIStorageCapacity: { storageClassName: 's' },
  StorageClass: { provisioner: 'example.com/p' },
  VolumeAttachment: {
    spec: { attacher: 'example.com', nodeName: 'n', source: { persistentVolumeName: 'p' } },
  },
  VolumeAttributesClass: { driverName: 'd.example.com', parameters: { a: 'b' } },
  ValidatingWebhookConfiguration: { webhooks },
  MutatingWebhookConfiguration: { webhooks },
  ValidatingAdmissionPolicy: {
    spec: {
      matchConstraints: { resourceRules: policyRules },
      validations: [{ expression: 'true' }],
    },
  },
  ValidatingAdmissionPolicyBinding: { spec: { policyName: 'p', validationActions: ['Deny'] } },
  MutatingAdmissionPolicy: {
    spec: {
      matchConstraints: { resourceRules: policyRules },
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
    },
  },
  MutatingAdmissionPolicyBinding: { spec: { policyName: 'p' } },
  CustomResourceDefinition: {
    spec: {
      group: 'fuzz.example',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  },
  APIService: {
    spec: {
      group: 'g.example',
      version: 'v1',
      groupPriorityMinimum: 1,
      versionPriority: 1,
      service: { name: 's', namespace: 'fuzz' },
      insecureSkipTLSVerify: true,
    },
  },
  ResourceClaim: { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } } },
  ResourceClaimTemplate: {
    spec: { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } } },
  },
  DeviceClass: { spec: { selectors: [{ cel: { expression: 'device.driver == "x"' } }] } },
  ResourceSlice: {
    spec: {
      driver: 'd.example.com',
      nodeName: 'n',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'd' }],
    },
  },
  TokenReview: { spec: { token: 't' } },
  SubjectAccessReview: { spec: { ...attributes, user: 'u' } },
  LocalSubjectAccessReview: { spec: { ...attributes, user: 'u' } },
  SelfSubjectAccessReview: { spec: attributes },
  SelfSubjectRulesReview: { spec: { namespace: 'fuzz' } },
};
