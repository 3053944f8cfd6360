/** The arguments of an API server whose cluster machines may join, as kubeadm sets them. */

import {
  type ClusterConfiguration,
  configurationKind,
  configurationVersion,
  readClusterConfiguration,
} from '#api/configuration/cluster-configuration.ts';

/** What the user has set stays. */
export function withJoining(
  configuration: ClusterConfiguration = readClusterConfiguration({
    apiVersion: configurationVersion,
    kind: configurationKind,
  }),
): ClusterConfiguration {
  const args = { 'enable-bootstrap-token-auth': true, ...configuration.arguments };
  return { ...configuration, arguments: args };
}
