/** What every kubelet may do by fixed rules; what depends on its pods is the Node authorizer's business. */

import type { PolicyRule } from '#api/generated/types.gen.ts';
import { allow, read, writeEvents } from './rule.ts';

export const nodeRules: readonly PolicyRule[] = [
  allow('create', 'authentication.k8s.io', 'tokenreviews'),
  allow('create', 'authorization.k8s.io', 'subjectaccessreviews localsubjectaccessreviews'),
  allow(read, '', 'services'),
  allow('create get list watch', '', 'nodes'),
  allow('update patch', '', 'nodes nodes/status'),
  ...writeEvents,
  allow(read, '', 'pods'),
  allow('create delete', '', 'pods'),
  allow('update patch', '', 'pods/status'),
  allow('create', '', 'pods/eviction'),
  allow(read, '', 'secrets configmaps'),
  allow('get', '', 'persistentvolumeclaims persistentvolumes'),
  allow('get', '', 'endpoints'),
  allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
  allow('get create update patch delete', 'coordination.k8s.io', 'leases'),
  allow('get', 'storage.k8s.io', 'volumeattachments'),
  allow('get update patch', '', 'persistentvolumeclaims/status'),
  allow('create', '', 'serviceaccounts/token'),
  allow(read, 'storage.k8s.io', 'csidrivers'),
  allow('get create update patch delete', 'storage.k8s.io', 'csinodes'),
  allow(read, 'node.k8s.io', 'runtimeclasses'),
  allow('get', 'resource.k8s.io', 'resourceclaims'),
  allow('deletecollection', 'resource.k8s.io', 'resourceslices'),
  allow('get', '', 'serviceaccounts'),
];
