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
  { file: `${head}plugins: [{name: EventRateLimit}]`, error: 'kybern has no admission plugin "EventRateLimit"' },
  { file: `${head}plugins: [{name: ResourceQuota}]`, error: 'the admission plugin "ResourceQuota" takes no configuration here' },
  { file: inside('defaults: {enforce: lax}'), error: 'defaults.enforce: Invalid value: "lax": must be one of privileged, baseline, restricted' },
  { file: inside('defaults: {audit-version: "1.30"}'), error: 'defaults.audit-version: Invalid value: "1.30": must be "latest" or "v1.x"' },
  { file: inside('exemptions: {namespaces: [a, a], usernames: [""]}'), error: '[exemptions.namespaces[1]: Duplicate value: "a", exemptions.usernames[0]: Invalid value: "": username must not be empty]' },
]) {
  test(`an admission configuration – ${error} – is refused`, () => {
    assert.throws(() => read({ [path]: file }), new Error(`${path}: ${error}`));
  });
}
