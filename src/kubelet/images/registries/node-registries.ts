/** The machine's own `registries.yaml`, as a pull needs it: other names and the node's passwords for an image. */

import type { Mirror, Registries, RegistryPassword } from '#api/configuration/registries.ts';
import { rewritten } from '#api/configuration/registries.ts';
import { parseImageName } from '#api/values/image-name.ts';
import type { RegistryCredentials } from '../../runtime/runtime.ts';
import { serverOf } from './registry-hosts.ts';

/** What `registries.yaml` says, at this moment. */
export interface NodeRegistries {
  current(): Promise<Registries>;
  /** Gives a present image another name. */
  tag(name: string, further: string): Promise<void>;
}

/** An image under its name at an endpoint whose mirror rewrites it. */
export interface Rewritten {
  readonly name: string;
  readonly credentials: RegistryCredentials | undefined;
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
    name: `${endpoint.host}${prefixOf(endpoint)}/${changed}${versionOf(image)}`,
    credentials: passwordFor(endpoint.origin, hosts[endpoint.host]?.auth),
  }));
}

/** The node's passwords that may fit an image: those of its mirrors, then its registry's. */
export function nodeCredentials({ mirrors, hosts }: Registries, image: string): RegistryCredentials[] {
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
): RegistryCredentials | undefined {
  return password && { ...password, serverAddress };
}

/** What an endpoint's path puts before every repository. */
function prefixOf({ pathname }: URL): string {
  return pathname.replace(/^\/v2(?=\/|$)/, '').replace(/\/+$/, '');
}

/** `:1.2`, `@sha256:…`, both or nothing. */
function versionOf(image: string): string {
  return /(?::[^:/@]+)?(?:@.+)?$/.exec(image)?.[0] ?? '';
}
