/** What the arguments of the API server say of the admission plugins: which run, and how. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { defaultAdmissionPlugins, knownAdmissionPlugins } from '#api/configuration/arguments/admission.ts';
import { type ConfigTypes, readStrictConfigFile } from '#api/configuration/config-file.ts';
import { errorText } from '#base/text/error-text.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { type EventLimit, readEventLimits } from '../off-by-default/event-rate-limit.ts';
import { type ImagePolicy, readImagePolicy } from '../off-by-default/image-policy.ts';
import { type NodeSelectors, readNodeSelectors } from '../off-by-default/pod-node-selector.ts';
import { readTolerationLimits, type TolerationLimits } from '../off-by-default/pod-toleration-restriction.ts';
import { defaultPodSecurity, type PodSecuritySettings, readPodSecurity } from '../pod-security/settings.ts';
import type { TolerationSeconds } from '../pods/default-toleration-seconds.ts';

export interface AdmissionSettings {
  isOn(plugin: string): boolean;
  readonly podSecurity: PodSecuritySettings;
  readonly tolerationSeconds: TolerationSeconds;
  readonly nodeSelectors: NodeSelectors;
  readonly tolerationLimits: TolerationLimits;
  readonly eventLimits: readonly EventLimit[];
  /** Undefined where the plugin is off. */
  readonly imagePolicy: ImagePolicy | undefined;
}

const defaultSeconds = 300;
const podSecurity = 'PodSecurity';
const podNodeSelector = 'PodNodeSelector';
const podTolerationRestriction = 'PodTolerationRestriction';
const eventRateLimit = 'EventRateLimit';
const imagePolicyWebhook = 'ImagePolicyWebhook';
const configurable = [
  podSecurity,
  podNodeSelector,
  podTolerationRestriction,
  eventRateLimit,
  imagePolicyWebhook,
];

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
  const isOn = (plugin: string) => on.has(plugin);
  return {
    isOn,
    ...(path === undefined ? readPlugins(isOn, () => undefined, readFile) : readFrom(path, isOn, readFile)),
    tolerationSeconds: {
      notReady: given['default-not-ready-toleration-seconds'] ?? defaultSeconds,
      unreachable: given['default-unreachable-toleration-seconds'] ?? defaultSeconds,
    },
  };
}

type IsOn = AdmissionSettings['isOn'];
type PluginSettings = Omit<AdmissionSettings, 'isOn' | 'tolerationSeconds'>;

function readFrom(path: string, isOn: IsOn, readFile: (path: string) => string): PluginSettings {
  try {
    const { value } = readStrictConfigFile(readFile(path), format);
    const { plugins = [] } = value as { plugins?: readonly PluginEntry[] };
    for (const { name = '' } of plugins) checkConfigurable(name);
    const documentFor = (plugin: string) => {
      const entry = plugins.find(({ name }) => name === plugin);
      return entry && documentOf(entry, path, readFile);
    };
    return readPlugins(isOn, documentFor, readFile);
  } catch (error) {
    throw new Error(`${path}: ${errorText(error)}`);
  }
}

/** `documentFor`: the configuration of a plugin; undefined where there is none. */
function readPlugins(
  isOn: IsOn,
  documentFor: (plugin: string) => unknown,
  readFile: (path: string) => string,
): PluginSettings {
  const [security, tolerations] = [podSecurity, podTolerationRestriction].map(documentFor);
  return {
    podSecurity: security === undefined ? defaultPodSecurity : readPodSecurity(security),
    nodeSelectors: readNodeSelectors(documentFor(podNodeSelector)),
    tolerationLimits: tolerations === undefined ? {} : readTolerationLimits(tolerations),
    eventLimits: isOn(eventRateLimit) ? readEventLimits(documentFor(eventRateLimit)) : [],
    imagePolicy: isOn(imagePolicyWebhook)
      ? readImagePolicy(documentFor(imagePolicyWebhook), readFile)
      : undefined,
  };
}

/** Upstream skips configurations of plugins that it does not run, known ones and unknown. */
function checkConfigurable(name: string): void {
  if (configurable.includes(name)) return;
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
