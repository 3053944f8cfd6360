import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import type { AnyObject, KubeObject, ObjectMeta } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { storedPod } from '#testing/objects.ts';
import type { AuthorizationAttributes } from '../../contract/authorization.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { parseRequest } from '../../request/parse-request.ts';
import { podsIn } from '../../testing/pods-in.ts';
import { selectorsOfRequest } from '../selectors.ts';
import { nodeAuthorizer } from './authorizer.ts';

const kubelet: UserInfo = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };

const pod = (name: string, node: string, spec: Partial<PodSpec> = {}, rest: ObjectMeta = {}): KubeObject => ({
  kind: 'Pod',
  ...storedPod(name, {
    metadata: { namespace: 'team', ...rest },
    node,
    spec: { serviceAccountName: `runs-${name}`, ...spec },
  }),
});
const volume = (name: string, claim: string, csi: object): KubeObject =>
  ({
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { claimRef: { namespace: 'team', name: claim }, csi },
  }) as KubeObject;

const objects: KubeObject[] = [
  pod('ours', 'n1', {
    volumes: [
      { name: 's', secret: { secretName: 'ours' } },
      { name: 'f', azureFile: { secretName: 'share', shareName: 'f' } },
      { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
    ],
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }],
  }),
  pod('theirs', 'n2', { volumes: [{ name: 's', secret: { secretName: 'theirs' } }] }),
  pod(
    'mirror',
    'n1',
    { volumes: [{ name: 's', secret: { secretName: 'stolen' } }] },
    {
      annotations: { 'kubernetes.io/config.mirror': 'x' },
    },
  ),
  volume('pv', 'data', {
    nodeStageSecretRef: { namespace: 'storage', name: 'stage' },
    controllerPublishSecretRef: { namespace: 'storage', name: 'publish' },
  }),
  { kind: 'ResourceSlice', metadata: { name: 'slice-n1' }, spec: { nodeName: 'n1' } } as KubeObject,
  { kind: 'ResourceSlice', metadata: { name: 'slice-n2' }, spec: { nodeName: 'n2' } } as KubeObject,
];

const reader: ObjectReader = {
  list: (type, namespace) =>
    objects.filter(
      (object) => object.kind === type.kind && (!namespace || object.metadata?.namespace === namespace),
    ) as AnyObject[],
  get: (type, namespace, name) =>
    reader.list(type, namespace).find((object) => object.metadata?.name === name),
};

function ask(method: string, url: string): AuthorizationAttributes {
  const info = parseRequest(method, url);
  return { user: kubelet, ...info, ...selectorsOfRequest(info) };
}

const team = '/api/v1/namespaces/team';
const dra = '/apis/resource.k8s.io/v1';
const unrelated = "no relationship found between node 'n1' and this object";
const needsSelector = 'can only list/watch pods with spec.nodeName field selector';
const onlyGet = 'can only get individual resources of this type';
const sliceSelector = 'can only list/watch/deletecollection resourceslices with nodeName field selector';

/** A method and a URL; what is answered, nothing for yes. */
const cases: [string, string, string?][] = [
  ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1'],
  ['GET', '/api/v1/pods?watch=1&fieldSelector=spec.nodeName==n1,status.phase!=Failed'],
  ['GET', `${team}/pods?fieldSelector=spec.nodeName=n1`],
  ['GET', '/api/v1/pods', needsSelector],
  ['GET', '/api/v1/pods?fieldSelector=spec.nodeName=n2', needsSelector],
  ['GET', '/api/v1/pods?fieldSelector=spec.nodeName!=n1', needsSelector],
  ['GET', '/api/v1/pods?fieldSelector=spec.nodeName', needsSelector],
  ['GET', '/api/v1/pods?labelSelector=spec.nodeName=n1', needsSelector],
  ['GET', '/api/v1/watch/pods?fieldSelector=spec.nodeName=n1', needsSelector],
  ['GET', `${team}/pods?fieldSelector=metadata.name=ours`],
  ['GET', `${team}/pods?fieldSelector=metadata.name=theirs`, unrelated],
  ['GET', `${team}/pods/ours`],
  ['GET', `${team}/pods/mirror`],
  ['GET', `${team}/pods/theirs`, unrelated],
  ['GET', `${team}/pods/ours/log`, ''],
  ['POST', `${team}/pods/ours/exec`, ''],
  ['POST', `${team}/pods`],
  ['PUT', `${team}/pods/ours`, ''],
  ['DELETE', `${team}/pods/ours`],
  ['DELETE', `${team}/pods?fieldSelector=spec.nodeName=n1`, ''],
  ['PATCH', `${team}/pods/ours/status`],
  ['GET', `${team}/pods/ours/status`, ''],
  ['POST', `${team}/pods/ours/eviction`],
  ['GET', `${team}/secrets/ours`],
  ['GET', `${team}/secrets/share`],
  ['GET', `${team}/secrets/stolen`, unrelated],
  ['GET', '/api/v1/namespaces/storage/secrets/stage'],
  ['GET', '/api/v1/namespaces/storage/secrets/publish', unrelated],
  ['GET', `${team}/secrets?fieldSelector=metadata.name=ours`],
  ['PUT', `${team}/secrets/ours`, 'can only read resources of this type'],
  ['GET', `${team}/persistentvolumeclaims/data`],
  ['GET', `${team}/persistentvolumeclaims`, onlyGet],
  ['PATCH', `${team}/persistentvolumeclaims/data/status`],
  ['GET', `${team}/persistentvolumeclaims/data/status`, 'can only get/update/patch this type'],
  ['GET', '/api/v1/persistentvolumes/pv'],
  ['GET', `${team}/serviceaccounts/runs-ours`],
  ['GET', `${team}/serviceaccounts/runs-theirs`, unrelated],
  ['GET', `${team}/serviceaccounts/runs-mirror`, unrelated],
  ['GET', `${team}/serviceaccounts`, 'can only create tokens for individual service accounts'],
  ['POST', `${team}/serviceaccounts/runs-ours/token`],
  ['POST', `${team}/serviceaccounts/runs-ours/x`, 'can only create token subresource of serviceaccount'],
  ['GET', '/api/v1/nodes/n1'],
  ['GET', '/api/v1/nodes?fieldSelector=metadata.name=n1'],
  ['GET', '/api/v1/nodes', "node 'n1' cannot read all nodes, only its own Node object"],
  ['GET', '/api/v1/nodes/n2', "node 'n1' cannot read 'n2', only its own Node object"],
  ['POST', '/api/v1/nodes'],
  ['DELETE', '/api/v1/nodes/n1', ''],
  ['GET', '/api/v1/nodes/n1/proxy', ''],
  ['GET', `${dra}/namespaces/team/resourceclaims/gpu`],
  ['GET', `${dra}/namespaces/team/resourceclaims`, onlyGet],
  ['PUT', `${dra}/namespaces/team/resourceclaims/gpu/status`, onlyGet],
  ['POST', `${dra}/resourceslices`],
  ['GET', `${dra}/resourceslices/slice-n1`],
  ['DELETE', `${dra}/resourceslices/slice-n2`, unrelated],
  ['GET', `${dra}/resourceslices?fieldSelector=spec.nodeName=n1`],
  ['DELETE', `${dra}/resourceslices?fieldSelector=spec.nodeName=n1`],
  ['GET', `${dra}/resourceslices`, sliceSelector],
  ['DELETE', `${dra}/resourceslices`, sliceSelector],
  ['GET', '/apis/certificates.k8s.io/v1beta1/podcertificaterequests', ''],
  ['GET', '/api/v1/services'],
  ['GET', '/apis/discovery.k8s.io/v1/endpointslices', ''],
];

describe('a node – any request of it – is allowed what upstream’s authorizer with selectors allows, and hears why not', () => {
  const authorizer = nodeAuthorizer(reader, podsIn(reader));
  for (const [method, url, reason] of cases) {
    test(`${method} ${url}`, async () => {
      const answer = await authorizer.authorize(ask(method, url));
      const expected = { decision: reason === undefined ? 'allow' : 'noOpinion', reason: reason ?? '' };
      assert.deepEqual(answer, expected);
    });
  }
});
