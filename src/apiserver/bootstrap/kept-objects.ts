/** Makes the objects that every cluster is born with, and makes those again that it cannot do without. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import {
  ensureAuthenticationConfig,
  ensureBootstrap,
  ensureKubernetesService,
  kubernetesServiceParts,
} from './ensure.ts';
import { ensureFlowControl } from './flow-control.ts';
import type { BootstrapOptions } from './objects.ts';
import { keepTokenTracking } from './token-tracking.ts';

export interface KeptObjectsParts {
  readonly env: Env;
  readonly reader: ObjectReader;
  /** Acts as a member of `system:masters`. */
  readonly client: Client;
  readonly wanted: BootstrapOptions;
}

/** Upstream's intervals. */
const kubernetesServiceCheckMs = 10_000;
const flowControlCheckMs = 60_000;
const authenticationConfigCheckMs = 60_000;

/** Returns how to end the attempts that go on in the background; undefined when the objects are there. */
export async function ensureDefaultObjects(parts: KeptObjectsParts): Promise<(() => void) | undefined> {
  const { env, reader, client, wanted } = parts;
  const ensure = async () => {
    await Promise.all([ensureBootstrap(client, wanted), ensureFlowControl(client, reader)]);
  };
  const isFirstStart = !reader.get(namespaces, '', 'default');
  try {
    await ensure();
    return undefined;
  } catch (error) {
    // A webhook that is not running yet may refuse them, and the workload behind it needs this server to start.
    if (isFirstStart || !(error instanceof StatusError)) throw error;
    env.log.warn('the default objects are not what they should be', { error: error.message });
    return ensureLater(env, ensure);
  }
}

function ensureLater({ clock, log }: Env, ensure: () => Promise<void>): () => void {
  const tries = new Repeater(clock, kubernetesServiceCheckMs, () => {
    ensure().then(
      () => tries.stop(),
      (error: Error) => log.warn('the default objects could not be mended', { error: error.message }),
    );
  });
  tries.start();
  return () => tries.stop();
}

/** Returns how to stop, and what to call when authorities have changed. */
export function keepDefaultObjects(parts: KeptObjectsParts): { stop(): void; authoritiesChanged(): void } {
  const authorities = keepAuthenticationConfig(parts);
  const kept = [
    authorities.stop,
    keepFlowControl(parts),
    keepKubernetesService(parts),
    keepTokenTracking(parts.env, parts.client),
  ];
  return {
    stop() {
      for (const stop of kept) stop();
    },
    authoritiesChanged: authorities.ensure,
  };
}

function keepAuthenticationConfig({ env, client, wanted }: KeptObjectsParts) {
  const ensure = () =>
    ensureAuthenticationConfig(client, wanted).catch((error: Error) => {
      env.log.warn('the authorities could not be published', { error: error.message });
    });
  const checks = new Repeater(env.clock, authenticationConfigCheckMs, ensure);
  checks.start();
  return { stop: () => checks.stop(), ensure: () => void ensure() };
}

function keepFlowControl({ env, reader, client }: KeptObjectsParts): () => void {
  const checks = new Repeater(env.clock, flowControlCheckMs, () =>
    ensureFlowControl(client, reader).catch((error: unknown) => {
      env.log.error('flow schemas and priority levels could not be ensured', { error: String(error) });
    }),
  );
  checks.start();
  return () => checks.stop();
}

/** Reads from the cache only, unless a part is gone. */
function keepKubernetesService({ env, reader, client, wanted }: KeptObjectsParts): () => void {
  const parts = kubernetesServiceParts(wanted);
  const isThere = () => parts.every((type) => reader.get(type, 'default', 'kubernetes'));
  const checks = new Repeater(env.clock, kubernetesServiceCheckMs, () => {
    if (isThere()) return;
    ensureKubernetesService(client, wanted).catch((error: Error) => {
      env.log.warn('the kubernetes service could not be restored', { error: error.message });
    });
  });
  checks.start();
  return () => checks.stop();
}
