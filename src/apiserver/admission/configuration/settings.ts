/** What the arguments of the API server say of the admission plugins: which run, and how. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { defaultAdmissionPlugins, knownAdmissionPlugins } from '#api/configuration/arguments/admission.ts';
import { type ConfigTypes, readStrictConfigFile } from '#api/configuration/config-file.ts';
import { errorText } from '#base/text/error-text.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { defaultPodSecurity, type PodSecuritySettings, readPodSecurity } from '../pod-security/settings.ts';
import type { TolerationSeconds } from '../pods/default-toleration-seconds.ts';

export interface AdmissionSettings {
  isOn(plugin: string): boolean;
  readonly podSecurity: PodSecuritySettings;
  readonly tolerationSeconds: TolerationSeconds;
}

const defaultSeconds = 300;
const podSecurity = 'PodSecurity';

const types: ConfigTypes = {
  AdmissionConfiguration: { plugins: '[]#Plugin' },
  Plugin: { name: 'string', path: 'string', configuration: 'any' },
};
const format = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1', 'v1alpha1'],
  kind: 'AdmissionConfiguration',
  types,
};

interface PluginEntry {
  readonly name?: string;
  readonly path?: string;
  readonly configuration?: unknown;
}

/** Throws an Error for an invalid configuration. */
export function admissionSettings(
  given: ApiServerArguments,
  readFile: (path: string) => string,
): AdmissionSettings {
  const on = new Set([...defaultAdmissionPlugins, ...(given['enable-admission-plugins'] ?? [])]);
  const off = given['disable-admission-plugins'] ?? [];
  const both = (given['enable-admission-plugins'] ?? []).filter((name) => off.includes(name));
  if (both.length > 0) {
    throw new Error(
      `${both.join(', ')} in enable-admission-plugins and disable-admission-plugins overlapped`,
    );
  }
  for (const name of off) on.delete(name);
  const path = given['admission-control-config-file'];
  return {
    isOn: (plugin) => on.has(plugin),
    podSecurity: path === undefined ? defaultPodSecurity : readPlugins(path, readFile),
    tolerationSeconds: {
      notReady: given['default-not-ready-toleration-seconds'] ?? defaultSeconds,
      unreachable: given['default-unreachable-toleration-seconds'] ?? defaultSeconds,
    },
  };
}

function readPlugins(path: string, readFile: (path: string) => string): PodSecuritySettings {
  try {
    const { value } = readStrictConfigFile(readFile(path), format);
    const { plugins = [] } = value as { plugins?: readonly PluginEntry[] };
    for (const { name = '' } of plugins) checkConfigurable(name);
    const entry = plugins.find(({ name }) => name === podSecurity);
    const document = entry && documentOf(entry, path, readFile);
    return document === undefined ? defaultPodSecurity : readPodSecurity(document);
  } catch (error) {
    throw new Error(`${path}: ${errorText(error)}`);
  }
}

/** Upstream skips configurations of plugins that it does not run, known ones and unknown. */
function checkConfigurable(name: string): void {
  if (name === podSecurity) return;
  const plugin = `admission plugin ${JSON.stringify(name)}`;
  const isKnown = knownAdmissionPlugins.includes(name);
  throw new Error(isKnown ? `the ${plugin} takes no configuration here` : `kybern has no ${plugin}`);
}

/** The configuration inside the entry counts before the file that it names. */
function documentOf(
  { configuration, path }: PluginEntry,
  ownPath: string,
  readFile: (path: string) => string,
): unknown {
  if (configuration !== undefined) return configuration;
  if (!path) return undefined;
  const folder = ownPath.slice(0, ownPath.lastIndexOf('/') + 1);
  return readYaml(readFile(path.startsWith('/') ? path : `${folder}${path}`)).value;
}
