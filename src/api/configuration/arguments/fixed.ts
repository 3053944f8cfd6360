/** Arguments of upstream's API server that kybern takes at the value it works by; any other value is an error that says why. */

import { fixed } from '../argument.ts';

const noProfiles = 'profiles come from the inspector of Node: NODE_OPTIONS=--inspect';
const oneVersion = 'kybern has the behaviour of its own version only';

export const fixedArguments = {
  'aggregator-reject-forwarding-redirect': fixed(
    'Redirects of extension API servers are refused.',
    ['true'],
    'kybern follows no redirect, and passes none on',
  ),
  'allow-privileged': fixed(
    'Privileged containers are allowed.',
    ['true'],
    'PodSecurity forbids them: the level baseline, in the label of a namespace or for all by admission-control-config-file',
  ),
  'audit-log-version': fixed(
    'The version of audit events.',
    ['audit.k8s.io/v1'],
    'there is no other version',
  ),
  'audit-webhook-version': fixed(
    'The version of audit events.',
    ['audit.k8s.io/v1'],
    'there is no other version',
  ),
  'contention-profiling': fixed('There are no /debug/pprof paths.', ['false'], noProfiles),
  'emulated-version': fixed('The version that is served.', ['1.36', 'kube=1.36'], oneVersion),
  'emulation-forward-compatible': fixed('The version that is served is its own.', ['false'], oneVersion),
  'enable-aggregator-routing': fixed(
    'Requests to an extension API server go to an endpoint of its Service.',
    ['true'],
    'kybern does not go by the cluster IP of the Service',
  ),
  'enable-garbage-collector': fixed(
    'Deletions are carried out with the garbage collector, which is part of kybern.',
    ['true'],
    'it cannot be switched off',
  ),
  'enable-logs-handler': fixed('There is no path /logs.', ['false'], 'kybern logs reads the log'),
  'logging-format': fixed(
    'The log has one JSON object in each line.',
    ['json'],
    'kybern has no other format',
  ),
  'permit-address-sharing': fixed(
    'The addresses of connections that ended do not keep the server from its port, with either value.',
    ['true', 'false'],
    'leave it out',
  ),
  profiling: fixed('There are no /debug/pprof paths.', ['false'], noProfiles),
  'runtime-config-emulation-forward-compatible': fixed(
    'The version that is served is its own.',
    ['false'],
    oneVersion,
  ),
  'storage-media-type': fixed(
    'Objects are stored as JSON.',
    ['application/json'],
    'clients get protobuf by their Accept header all the same',
  ),
  'watch-cache': fixed(
    'All objects are served from memory.',
    ['true'],
    'kybern has no other way to serve a watch',
  ),
};
