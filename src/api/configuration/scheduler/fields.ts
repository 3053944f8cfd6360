/** The fields of upstream's KubeSchedulerConfiguration that the section `scheduler` takes, under upstream's names. */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { type Argument, text, wholeNumber } from '../argument.ts';

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const int64 = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

export const schedulerFields = {
  profiles: mappings(
    'The profiles, each for the pods with its schedulerName. Default one, default-scheduler.',
  ),
  percentageOfNodesToScore: wholeNumber(
    'Of how many nodes, in percent, the search for one ends when they fit; 0 is by the number of nodes: all of a hundred, 50 % of more, falling to 5 %. Default 0.',
    int32,
  ),
  podInitialBackoffSeconds: wholeNumber(
    'How long a pod waits after its first failed attempt, in seconds; doubled with each further one. Default 1.',
    int64,
  ),
  podMaxBackoffSeconds: wholeNumber('How long it waits at most, in seconds. Default 10.', int64),
  parallelism: wholeNumber('Greater than 0. One thread runs the plugins: it changes nothing.', int32),
  leaderElection: leaderElection(),
  extenders: extenders(),
};

export const profileFields = {
  schedulerName: text(
    'The spec.schedulerName of its pods, and the source of their events. May be absent in a single profile: default-scheduler.',
  ),
  plugins: mapping(
    'For multiPoint and each extension point the plugins that are enabled, with the weight of their score, and disabled, by name or all with `*`. Default the plugins of upstream.',
    'a mapping of extension points to { enabled, disabled }',
  ),
  pluginConfig: mappings('The arguments of plugins: a list of { name, args }. Default those of upstream.'),
  percentageOfNodesToScore: wholeNumber('As that of all profiles, and instead of it.', int32),
};

/** Upstream's fields that are an error, and what there is in their place. */
export const absentSchedulerFields: Readonly<Record<string, string>> = {
  clientConnection: 'the scheduler is in the process of the API server and has no connection to it',
  delayCacheUntilActive: 'a scheduler without the lease keeps no cache of its own',
  enableContentionProfiling: 'node --inspect profiles the whole process',
  enableProfiling: 'node --inspect profiles the whole process',
};

const extenderFiles = ['caFile', 'certFile', 'keyFile'] as const;

function extenders(): Argument<readonly JsonObject[]> {
  return {
    ...mappings(
      'Programs that filter and score nodes, object to preemptions or bind pods over HTTP: urlPrefix, the verbs, weight, enableHTTPS, tlsConfig, httpTimeout (5s), nodeCacheCapable, managedResources, ignorable.',
    ),
    files: {
      paths: (given) => given.flatMap((extender) => Object.values(filesOf(extender))),
      replaced: (given, replace) => given.map((extender) => withFiles(extender, replace)),
    },
  };
}

function withFiles(extender: JsonObject, replace: (path: string) => string): JsonObject {
  const replaced = Object.entries(filesOf(extender)).map(([name, path]) => [name, replace(path)]);
  if (replaced.length === 0) return extender;
  return {
    ...extender,
    tlsConfig: { ...(extender['tlsConfig'] as JsonObject), ...Object.fromEntries(replaced) },
  };
}

function filesOf({ tlsConfig }: JsonObject): Readonly<Record<string, string>> {
  if (!isJsonObject(tlsConfig)) return {};
  const named = extenderFiles.map((name) => [name, tlsConfig[name]] as const);
  return Object.fromEntries(
    named.flatMap(([name, path]) => (typeof path === 'string' && path ? [[name, path]] : [])),
  );
}

/** How kybern elects; what else a file may ask for is an error. */
const election: JsonObject = {
  leaderElect: true,
  leaseDuration: '15s',
  renewDeadline: '10s',
  retryPeriod: '2s',
  resourceLock: 'leases',
  resourceName: 'kube-scheduler',
  resourceNamespace: 'kube-system',
};

function leaderElection(): Argument<JsonObject> {
  return {
    ...mapping('Of the lease kube-scheduler, with the defaults of upstream only.', 'a mapping'),
    problem(given) {
      const differing = Object.keys(given).find((name) => given[name] !== election[name]);
      if (differing === undefined) return undefined;
      const known = election[differing];
      if (known === undefined) return { message: `has an unknown field ${JSON.stringify(differing)}` };
      const message = `has ${differing} at ${JSON.stringify(given[differing])}`;
      return { message, hint: `the scheduler is elected with ${differing} ${known} only` };
    },
  };
}

function mapping(description: string, expects: string): Argument<JsonObject> {
  const read = (value: unknown) => (isJsonObject(value) ? value : undefined);
  return { description, expects, schema: { type: 'object' }, read };
}

function mappings(description: string): Argument<readonly JsonObject[]> {
  return {
    description,
    expects: 'a list of mappings',
    schema: { type: 'array', items: { type: 'object' } },
    read: (value) => (Array.isArray(value) && value.every(isJsonObject) ? value : undefined),
  };
}
