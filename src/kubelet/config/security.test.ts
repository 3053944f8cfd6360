import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PodSecurityContext, PodSpec, SecurityContext } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { NodeSecurity } from '../runtime/machine.ts';
import { containerSecurity, sandboxSecurity } from './security.ts';

const node: NodeSecurity = { userNamespaces: false, appArmor: true, seccompDir: '/profiles' };

const podWith = (spec: Partial<PodSpec>) => storedPod('p', { metadata: { uid: 'u' }, spec });

function securityOf(own: SecurityContext, shared: PodSecurityContext = {}) {
  const pod = podWith({ containers: [{ name: 'c', securityContext: own }], securityContext: shared });
  return containerSecurity(pod, pod.spec.containers[0]!, {}, node);
}

test('users of its own – a runtime that has none – the pod gets no sandbox', () => {
  const message = "can't set `spec.hostUsers: false`, runtime does not support user namespaces";
  assert.throws(() => sandboxSecurity(podWith({ hostUsers: false }), node, ''), { message });
  const containers = [{ name: 'c', securityContext: { procMount: 'Unmasked' } }];
  assert.throws(() => sandboxSecurity(podWith({ hostUsers: false, containers }), node, ''), { message });
});

describe('the users of the host – asked for or by default – the pod gets a sandbox', () => {
  for (const spec of [{}, { hostUsers: true }]) {
    test(JSON.stringify(spec), () => {
      assert.ok(sandboxSecurity(podWith(spec), node, ''));
    });
  }
  test('with user namespaces', () => {
    assert.ok(sandboxSecurity(podWith({ hostUsers: false }), { ...node, userNamespaces: true }, ''));
  });
});

test("a seccomp profile – of type Localhost – is looked up in the kubelet's own folder", () => {
  const profile = { type: 'Localhost', localhostProfile: 'a/b.json' };
  const expected = { profileType: 'Localhost', localhostRef: '/profiles/a/b.json' };
  assert.deepEqual(securityOf({ seccompProfile: profile }).seccomp, expected);
  assert.deepEqual(securityOf({}, { seccompProfile: profile }).seccomp, expected);
});

test("an AppArmor profile – of pod and container – reaches the runtime, the container's first", () => {
  const own = { type: 'Localhost', localhostProfile: 'mine' };
  const shared = { appArmorProfile: { type: 'RuntimeDefault' } };
  assert.deepEqual(securityOf({ appArmorProfile: own }, shared).apparmor, {
    profileType: 'Localhost',
    localhostRef: 'mine',
  });
  assert.deepEqual(securityOf({}, shared).apparmor, { profileType: 'RuntimeDefault' });
  assert.equal(securityOf({}).apparmor, undefined);
});

test("SELinux options – of pod and container – reach the runtime, the container's first", () => {
  const expected = { user: '', role: '', type: '', level: 's0:c1' };
  assert.deepEqual(
    securityOf({ seLinuxOptions: { level: 's0:c1' } }, { seLinuxOptions: { level: 's0' } }).selinuxOptions,
    expected,
  );
  const pod = podWith({ securityContext: { seLinuxOptions: { level: 's0:c1' } } });
  assert.deepEqual(sandboxSecurity(pod, node, '').selinuxOptions, expected);
});

test('a sandbox – one container of any kind is privileged – is privileged, so that the runtime takes it', () => {
  const privileged = { securityContext: { privileged: true } };
  const specs: Partial<PodSpec>[] = [
    { containers: [{ name: 'c', ...privileged }] },
    { initContainers: [{ name: 'i', ...privileged }] },
    { ephemeralContainers: [{ name: 'e', ...privileged }] },
  ];
  for (const spec of specs) assert.equal(sandboxSecurity(podWith(spec), node, '').privileged, true);
  assert.equal(sandboxSecurity(podWith({}), node, '').privileged, false);
});
