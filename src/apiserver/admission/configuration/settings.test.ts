import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionSettings } from './settings.ts';

const path = '/etc/admission.yaml';
const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n';
const configurationOf = (configuration: string, more = '') =>
  `${head}plugins: [{name: PodSecurity, ${configuration}}]\n${more}`;
const inside = (fields: string) =>
  configurationOf(
    `configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, ${fields}}`,
  );
const read = (files: Record<string, string>) =>
  admissionSettings({ 'admission-control-config-file': path }, (name) => files[name] ?? '');

test('admission plugins – enabled and disabled by arguments – are on and off', () => {
  const given = {
    'enable-admission-plugins': ['AlwaysPullImages', 'LimitRanger'],
    'disable-admission-plugins': ['PodSecurity'],
  };
  const { isOn } = admissionSettings(given, String);
  const names = ['AlwaysPullImages', 'LimitRanger', 'PodSecurity', 'ResourceQuota', 'AlwaysDeny'];
  assert.deepEqual(names.map(isOn), [true, true, false, true, false]);
  assert.throws(
    () => admissionSettings({ ...given, 'disable-admission-plugins': ['LimitRanger'] }, String),
    /^Error: LimitRanger in enable-admission-plugins and disable-admission-plugins overlapped$/,
  );
});

test('a PodSecurityConfiguration – by the path of a file – fills in what it leaves out', () => {
  const { podSecurity } = read({
    [path]: configurationOf('path: security.yaml'),
    '/etc/security.yaml':
      'apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: baseline, warn-version: v1.30}\nexemptions: {usernames: [jane]}\n',
  });
  assert.deepEqual(podSecurity, {
    defaults: {
      enforce: { level: 'baseline', version: 'latest' },
      warn: { level: 'privileged', version: 'v1.30' },
      audit: { level: 'privileged', version: 'latest' },
    },
    exemptions: { usernames: ['jane'], namespaces: [], runtimeClasses: [] },
  });
});

// biome-ignore format: a table
for (const { file, error } of [
  { file: 'kind: AdmissionConfiguration', error: "Object 'apiVersion' is missing" },
  { file: `${head}plugin: []`, error: 'strict decoding error: unknown field "plugin"' },
  { file: `${head}plugins: [{name: NoSuch}]`, error: 'kybern has no admission plugin "NoSuch"' },
  { file: `${head}plugins: [{name: ResourceQuota}]`, error: 'the admission plugin "ResourceQuota" takes no configuration here' },
  { file: inside('defaults: {enforce: lax}'), error: 'defaults.enforce: Invalid value: "lax": must be one of privileged, baseline, restricted' },
  { file: inside('defaults: {audit-version: "1.30"}'), error: 'defaults.audit-version: Invalid value: "1.30": must be "latest" or "v1.x"' },
  { file: inside('exemptions: {namespaces: [a, a], usernames: [""]}'), error: '[exemptions.namespaces[1]: Duplicate value: "a", exemptions.usernames[0]: Invalid value: "": username must not be empty]' },
]) {
  test(`an admission configuration – ${error} – is refused`, () => {
    assert.throws(() => read({ [path]: file }), new Error(`${path}: ${error}`));
  });
}

const kubeconfig = `clusters: [{name: c, cluster: {server: 'https://images.example.com/policy'}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
const configured = `${head}plugins:
- name: PodNodeSelector
  configuration: {podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: a=b, team: c=d}}
- name: PodTolerationRestriction
  configuration: {apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration, whitelist: [{key: k, operator: Exists}]}
- name: EventRateLimit
  path: events.yaml
- name: ImagePolicyWebhook
  configuration: {imagePolicy: {kubeConfigFile: /etc/images.yaml, allowTTL: 60, denyTTL: -1, defaultAllow: true}}
`;
const events = 'apiVersion: eventratelimit.admission.k8s.io/v1alpha1\nkind: Configuration\n';

function readOn(plugins: readonly string[], files: Record<string, string>) {
  const given = { 'admission-control-config-file': path, 'enable-admission-plugins': plugins };
  return admissionSettings(given, (name) => files[name] ?? '');
}

test('an admission configuration – of the plugins that are off by default – is read, with defaults', () => {
  const files = {
    [path]: configured,
    '/etc/events.yaml': `${events}limits: [{type: Namespace, qps: 5, burst: 10}]\n`,
    '/etc/images.yaml': kubeconfig,
  };
  const { nodeSelectors, tolerationLimits, eventLimits, imagePolicy } = readOn(
    ['EventRateLimit', 'ImagePolicyWebhook'],
    files,
  );
  assert.deepEqual(nodeSelectors, { clusterDefaultNodeSelector: 'a=b', team: 'c=d' });
  assert.deepEqual(tolerationLimits, { whitelist: [{ key: 'k', operator: 'Exists' }] });
  assert.deepEqual(eventLimits, [{ type: 'Namespace', qps: 5, burst: 10, cacheSize: 0 }]);
  const { access, ...policy } = imagePolicy!;
  assert.deepEqual(policy, { allowMs: 60_000, denyMs: 0, retryMs: 500, defaultAllow: true });
  assert.equal(access.target.url, 'https://images.example.com/policy');
  assert.deepEqual(access.headers, { authorization: 'Bearer t' });
});

// biome-ignore format: a table
for (const { plugin, entry = '', error } of [
  { plugin: 'EventRateLimit', error: 'limits: Invalid value: null: must not be empty' },
  { plugin: 'ImagePolicyWebhook', error: 'no config specified' },
  { plugin: 'EventRateLimit', entry: `{apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, limits: [{type: Node, burst: 1, cacheSize: -1}]}`, error: '[limits[0].type: Unsupported value: "Node": supported values: "Namespace", "Server", "SourceAndObject", "User", limits[0].qps: Invalid value: 0: must be positive, limits[0].cacheSize: Invalid value: -1: must not be negative]' },
  { plugin: 'ImagePolicyWebhook', entry: '{imagePolicy: {kubeConfigFile: /etc/images.yaml, allowTTL: 1801}}', error: 'valid value is between 1s and 1800s, got 1801' },
]) {
  test(`${plugin} – ${error} – does not start`, () => {
    const entries = entry ? `[{name: ${plugin}, configuration: ${entry}}]` : '[]';
    const files = { [path]: `${head}plugins: ${entries}`, '/etc/images.yaml': kubeconfig };
    assert.throws(() => readOn([plugin], files), new Error(`${path}: ${error}`));
  });
}
