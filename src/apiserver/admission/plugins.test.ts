import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownAdmissionPlugins } from '#api/configuration/arguments/admission.ts';
import { namespaces, nodes, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { newPod } from '#testing/objects.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';
import { admissionSettings } from './configuration/settings.ts';
import { type AdmissionOptions, admissionPlugins } from './plugins.ts';

const says = (code: number, message: string) => ({ code, message });

test('a create – the namespace is missing or terminating – is rejected', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await assert.rejects(
    client.create(pods, newPod('p', {}, 'nowhere')),
    says(404, 'namespaces "nowhere" not found'),
  );
  await client.create(namespaces, { metadata: { name: 'going' }, spec: { finalizers: ['kubernetes'] } });
  await client.delete(namespaces, { name: 'going' });
  await assert.rejects(
    client.create(serviceAccounts, { metadata: { name: 'a', namespace: 'going' } }),
    (error) => {
      assert(error instanceof StatusError);
      assert.match(
        error.message,
        /unable to create new content in namespace going because it is being terminated$/,
      );
      assert.equal(error.status.details?.causes?.[0]?.reason, 'NamespaceTerminating');
      return error.code === 403;
    },
  );
  await assert.rejects(
    client.create(serviceAccounts, { metadata: { generateName: 'drawn-', namespace: 'going' } }),
    /^StatusError: serviceaccounts "drawn-" is forbidden: unable to create new content/,
  );
});

test("a binding – to a node with a zone – gives the pod the zone's labels", async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await createDefaultAccount(client);
  await client.create(nodes, { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } } });
  await client.create(pods, newPod('p'));
  const key = { namespace: 'default', name: 'p' };
  const binding = { kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
  await client.createSubresource(pods, key, 'binding', binding);
  assert.equal((await client.get(pods, key)).metadata.labels?.['topology.kubernetes.io/zone'], 'z1');
});

/** Upstream's `AllOrderedPlugins`, without those that are not built. */
const order = [
  'NamespaceAutoProvision',
  'NamespaceLifecycle',
  'NamespaceExists',
  'LimitPodHardAntiAffinityTopology',
  'LimitRanger',
  'ServiceAccount',
  'NodeRestriction',
  'TaintNodesByCondition',
  'AlwaysPullImages',
  'ImagePolicyWebhook',
  'PodSecurity',
  'PodNodeSelector',
  'Priority',
  'DefaultTolerationSeconds',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'DefaultStorageClass',
  'StorageObjectInUseProtection',
  'OwnerReferencesPermissionEnforcement',
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DenyServiceExternalIPs',
  'PodTopologyLabels',
  'NodeDeclaredFeatureValidator',
  'PodResizeValidator',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
  'AlwaysDeny',
];

const podGroupPlugins = ['PodGroupProtection', 'PodGroupWorkloadExists'];

test('the plugins – all of them – stand in the order that upstream recommends', () => {
  // None of these plugins is called.
  const webhooks = { feed: { follow() {} }, resources: { onChange() {} } };
  const settings = { ...admissionSettings({}, String), isOn: () => true, imagePolicy: {} };
  const plugins = admissionPlugins({ env: {}, webhooks, settings } as unknown as AdmissionOptions);
  assert.deepEqual([...new Set(plugins.map(({ name }) => name))], order);
  const idle = ['AlwaysAdmit', 'ClusterTrustBundleAttest', 'JobValidation', ...podGroupPlugins];
  assert.deepEqual(new Set([...order, ...idle]), new Set(knownAdmissionPlugins));
});
