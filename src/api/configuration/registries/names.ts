/** Which names and passwords `registries.yaml` has for the pull of an image. */

import { imageVersion, parseImageName } from '#base/text/image-name.ts';
import { serverOf } from './hosts.ts';
import { type Mirror, type Registries, type RegistryPassword, rewritten } from './registries.ts';

/** A password that is sent to one server alone. */
export interface ServerPassword extends RegistryPassword {
  /** `https://mirror.example.com:5000`. */
  readonly serverAddress: string;
}

/** An image under its name at an endpoint whose mirror rewrites it. */
export interface Rewritten {
  readonly name: string;
  readonly credentials: ServerPassword | undefined;
}

/** The names of an image at endpoints that have it under another repository, in the order of the attempts. */
export function rewrittenNames({ mirrors, hosts }: Registries, image: string): Rewritten[] {
  const parsed = parseImageName(image);
  if (typeof parsed === 'string') return [];
  const { registry, repository } = parsed;
  const mirror = mirrorOf(mirrors, registry);
  const changed = mirror && rewritten(mirror, repository);
  if (!mirror || changed === repository) return [];
  return mirror.endpoints.map((endpoint) => ({
    name: `${endpoint.host}${prefixOf(endpoint)}/${changed}${imageVersion(image)}`,
    credentials: passwordFor(endpoint.origin, hosts[endpoint.host]?.auth),
  }));
}

/** The node's passwords that may fit an image: those of its mirrors, then its registry's. */
export function nodeCredentials({ mirrors, hosts }: Registries, image: string): ServerPassword[] {
  const parsed = parseImageName(image);
  if (typeof parsed === 'string') return [];
  const { registry } = parsed;
  const endpoints = mirrorOf(mirrors, registry)?.endpoints ?? [];
  const found = [
    ...endpoints.map((endpoint) => passwordFor(endpoint.origin, hosts[endpoint.host]?.auth)),
    passwordFor(`https://${serverOf(registry)}`, hosts[registry]?.auth),
  ];
  return found.filter((credentials) => credentials !== undefined);
}

function mirrorOf(mirrors: Registries['mirrors'], registry: string): Mirror | undefined {
  return mirrors[registry] ?? mirrors['*'];
}

function passwordFor(
  serverAddress: string,
  password: RegistryPassword | undefined,
): ServerPassword | undefined {
  return password && { ...password, serverAddress };
}

/** What an endpoint's path puts before every repository. */
function prefixOf({ pathname }: URL): string {
  return pathname.replace(/^\/v2(?=\/|$)/, '').replace(/\/+$/, '');
}
