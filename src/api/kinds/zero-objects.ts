/**
 * What upstream's server writes of an object that nothing was set in, besides kind and apiVersion: the bookmarks of its
 * watches are such objects, and their rows are printed from them.
 */

import { ownValue } from '#base/own-value.ts';
import type { AnyObject } from '../meta/object.ts';
import { apiVersionOf, groupResource, type ResourceType } from '../meta/resource.ts';

const podSpec = { containers: null };
const template = { metadata: {}, spec: podSpec };
const roleRef = { apiGroup: '', kind: '', name: '' };
const names = { plural: '', kind: '' };
const scaleTargetRef = { kind: '', name: '' };
const claimSpec = { devices: { requests: null } };
const withSpec = { spec: {} };
const withStatus = { spec: {}, status: {} };

const nodeInfo = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

/** By resource; nothing for the others. */
const zeroFields: Readonly<Record<string, object>> = {
  events: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  limitranges: { spec: { limits: null } },
  namespaces: withStatus,
  nodes: { spec: {}, status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo } },
  persistentvolumeclaims: { spec: { resources: {} }, status: {} },
  persistentvolumes: withStatus,
  pods: { spec: podSpec, status: {} },
  podtemplates: { template },
  replicationcontrollers: { spec: {}, status: { replicas: 0 } },
  resourcequotas: withStatus,
  services: { spec: {}, status: { loadBalancer: {} } },
  'apiservices.apiregistration.k8s.io': { spec: { groupPriorityMinimum: 0, versionPriority: 0 }, status: {} },
  'controllerrevisions.apps': { data: null, revision: 0 },
  'daemonsets.apps': {
    spec: { selector: null, template, updateStrategy: {} },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  },
  'deployments.apps': { spec: { replicas: 0, selector: null, template, strategy: {} }, status: {} },
  'replicasets.apps': { spec: { replicas: 0, selector: null, template }, status: { replicas: 0 } },
  'statefulsets.apps': {
    spec: { replicas: 0, selector: null, template, serviceName: '', updateStrategy: {} },
    status: { replicas: 0, availableReplicas: 0 },
  },
  'events.events.k8s.io': {
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  },
  'horizontalpodautoscalers.autoscaling': {
    spec: { scaleTargetRef, maxReplicas: 0 },
    status: { desiredReplicas: 0, currentMetrics: null },
  },
  'cronjobs.batch': { spec: { schedule: '', jobTemplate: { metadata: {}, spec: { template } } }, status: {} },
  'jobs.batch': { spec: { template }, status: {} },
  'certificatesigningrequests.certificates.k8s.io': { spec: { request: null, signerName: '' }, status: {} },
  'ingressclasses.networking.k8s.io': withSpec,
  'ingresses.networking.k8s.io': { spec: {}, status: { loadBalancer: {} } },
  'ipaddresses.networking.k8s.io': withSpec,
  'networkpolicies.networking.k8s.io': { spec: { podSelector: {} } },
  'servicecidrs.networking.k8s.io': withStatus,
  'poddisruptionbudgets.policy': {
    spec: {},
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  },
  'clusterrolebindings.rbac.authorization.k8s.io': { roleRef },
  'clusterroles.rbac.authorization.k8s.io': { rules: null },
  'rolebindings.rbac.authorization.k8s.io': { roleRef },
  'roles.rbac.authorization.k8s.io': { rules: null },
  'csidrivers.storage.k8s.io': withSpec,
  'csinodes.storage.k8s.io': { spec: { drivers: null } },
  'csistoragecapacities.storage.k8s.io': { storageClassName: '' },
  'storageclasses.storage.k8s.io': { provisioner: '' },
  'volumeattachments.storage.k8s.io': {
    spec: { attacher: '', source: {}, nodeName: '' },
    status: { attached: false },
  },
  'volumeattributesclasses.storage.k8s.io': { driverName: '' },
  'mutatingadmissionpolicies.admissionregistration.k8s.io': withSpec,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': withSpec,
  'validatingadmissionpolicies.admissionregistration.k8s.io': withStatus,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': withSpec,
  'customresourcedefinitions.apiextensions.k8s.io': {
    spec: { group: '', names, scope: '', versions: null },
    status: { conditions: null, acceptedNames: names, storedVersions: null },
  },
  'priorityclasses.scheduling.k8s.io': { value: 0 },
  'leases.coordination.k8s.io': withSpec,
  'runtimeclasses.node.k8s.io': { handler: '' },
  'endpointslices.discovery.k8s.io': { addressType: '', endpoints: null, ports: null },
  'deviceclasses.resource.k8s.io': withSpec,
  'resourceclaims.resource.k8s.io': { spec: claimSpec, status: {} },
  'resourceclaimtemplates.resource.k8s.io': { spec: { metadata: {}, spec: claimSpec } },
  'resourceslices.resource.k8s.io': {
    spec: { driver: '', pool: { name: '', generation: 0, resourceSliceCount: 0 } },
  },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    spec: { priorityLevelConfiguration: { name: '' }, matchingPrecedence: 0 },
    status: {},
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': { spec: { type: '' }, status: {} },
};

/** Where a version is written otherwise than the others of its group. */
const zeroFieldsOfVersion: Readonly<Record<string, object>> = {
  'horizontalpodautoscalers.autoscaling/v1': {
    spec: { scaleTargetRef, maxReplicas: 0 },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  },
};

/** Without metadata; its parts are shared, never to be changed. */
export function zeroObject(type: ResourceType): AnyObject {
  const { kind, version } = type;
  const resource = groupResource(type);
  const fields = ownValue(zeroFieldsOfVersion, `${resource}/${version}`) ?? ownValue(zeroFields, resource);
  return { kind, apiVersion: apiVersionOf(type), ...fields } as AnyObject;
}
