/**
 * What the API takes and stores although nothing acts on it yet: its author is told so by a warning. Whatever builds one
 * of these things deletes its row here and its line in docs/reference/kinds.md.
 */

import { ingressClasses } from '#api/generated/kinds.gen.ts';
import type {
  CertificateSigningRequest,
  Ingress,
  Secret,
  Service,
  StatefulSet,
} from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ObjectReader } from '../../../contract/contract.ts';

/** What has no effect in this object; undefined when nothing is missing for it. */
type Lack = (object: AnyObject, reader: ObjectReader) => string | undefined;

const always =
  (lack: string): Lack =>
  () =>
    `kybern stores this object, but ${lack}`;

const webhooks = always('does not call admission webhooks yet: they neither refuse nor change anything');
const policies = always('does not evaluate admission policies yet: they neither refuse nor change anything');
const volumes = always('does not provision or bind volumes yet');
const storageDrivers = always('does not run storage drivers (CSI) yet');
const devices = always('does not allocate devices yet: pods that claim them stay Pending');
const flow = always('does not queue requests by priority and fairness yet');

/** By `group/resource`. */
export const unbuiltKinds: Readonly<Record<string, Lack>> = {
  '/persistentvolumes': volumes,
  '/persistentvolumeclaims': volumes,
  '/secrets': (object) =>
    (object as Secret).type === 'kubernetes.io/service-account-token'
      ? 'kybern stores this Secret, but does not put a token into it yet: use kubectl create token'
      : undefined,
  '/services': serviceLack,
  'apps/statefulsets': (object) =>
    (object as StatefulSet).spec?.volumeClaimTemplates?.length
      ? 'kybern does not provision or bind volumes yet: pods with volume claims stay Pending'
      : undefined,
  'autoscaling/horizontalpodautoscalers': always('does not scale by it yet'),
  'certificates.k8s.io/certificatesigningrequests': certificateLack,
  'networking.k8s.io/ingresses': ingressLack,
  'networking.k8s.io/networkpolicies': always(
    'does not enforce network policies yet: all traffic to and from the selected pods stays allowed',
  ),
  'networking.k8s.io/servicecidrs': always('gives cluster IPs only from the range it was started with'),
  'networking.k8s.io/ipaddresses': always('does not heed it when it gives cluster IPs'),
  'storage.k8s.io/storageclasses': volumes,
  'storage.k8s.io/volumeattributesclasses': volumes,
  'storage.k8s.io/volumeattachments': storageDrivers,
  'storage.k8s.io/csidrivers': storageDrivers,
  'storage.k8s.io/csinodes': storageDrivers,
  'storage.k8s.io/csistoragecapacities': storageDrivers,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/mutatingadmissionpolicies': policies,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': policies,
  'admissionregistration.k8s.io/validatingadmissionpolicies': policies,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': policies,
  'apiextensions.k8s.io/customresourcedefinitions': always('does not serve custom resources yet'),
  'apiregistration.k8s.io/apiservices': always('does not send requests to other API servers yet'),
  'resource.k8s.io/deviceclasses': devices,
  'resource.k8s.io/resourceclaims': devices,
  'resource.k8s.io/resourceclaimtemplates': devices,
  'resource.k8s.io/resourceslices': devices,
  'flowcontrol.apiserver.k8s.io/flowschemas': flow,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': flow,
};

function serviceLack(object: AnyObject): string | undefined {
  const { metadata, spec } = object as Service;
  // One that was given an address by hand, or by a load balancer in the cluster, has what it needs.
  if (spec?.type === 'LoadBalancer' && !(object as Service).status?.loadBalancer?.ingress?.length)
    return 'kybern has no load balancer yet: without one in the cluster this Service gets no external address';
  const mode = metadata?.annotations?.['service.kubernetes.io/topology-mode'];
  return mode?.toLowerCase() === 'auto'
    ? 'kybern does not spread traffic by topology-mode yet: use spec.trafficDistribution'
    : undefined;
}

/** The signers that a controller of upstream signs for; others have signers of their own. */
function certificateLack(object: AnyObject): string | undefined {
  const { signerName } = (object as unknown as CertificateSigningRequest).spec;
  return signerName.startsWith('kubernetes.io/')
    ? `kybern does not sign for ${signerName} yet: an approved request gets no certificate`
    : undefined;
}

/** A class that exists belongs to a controller in the cluster. */
function ingressLack(object: AnyObject, reader: ObjectReader): string | undefined {
  const { metadata, spec } = object as Ingress;
  const name = spec?.ingressClassName ?? metadata?.annotations?.['kubernetes.io/ingress.class'];
  return name && reader.get(ingressClasses, '', name)
    ? undefined
    : 'kybern has no ingress controller yet: without one in the cluster, and its IngressClass, no traffic follows this Ingress';
}
