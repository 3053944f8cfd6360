/** The few calls to the API server that this operator is made of. */

import {
  ApiException,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { group, plural, type Website, type WebsiteStatus } from './api/v1.ts';

/** The owner of the fields that this operator applies. */
export const fieldManager = 'website-operator';

export interface ClusterClient {
  readonly config: KubeConfig;
  readonly objects: KubernetesObjectApi;
  readonly core: CoreV1Api;
  readonly coordination: CoordinationV1Api;
  /** Server-side apply: fields of this operator become what `object` says, all others stay. */
  apply(object: KubernetesObject): Promise<void>;
  /** Merge patch; `null` removes a field. */
  merge(patch: object): Promise<void>;
  writeStatus(website: Website, status: WebsiteStatus): Promise<void>;
}

export function clusterClient(config: KubeConfig): ClusterClient {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const custom = config.makeApiClient(CustomObjectsApi);
  return {
    config,
    objects,
    core: config.makeApiClient(CoreV1Api),
    coordination: config.makeApiClient(CoordinationV1Api),
    async apply(object) {
      await objects.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
    },
    async merge(patch) {
      await objects.patch(patch, undefined, undefined, fieldManager, undefined, PatchStrategy.MergePatch);
    },
    async writeStatus({ metadata }, status) {
      const { namespace = '', name = '' } = metadata ?? {};
      await custom.patchNamespacedCustomObjectStatus(
        { group, version: 'v1', plural, namespace, name, body: { status }, fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
    },
  };
}

/** What `read` resolves with, or undefined where the object does not exist. */
export async function ifFound<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

export function isStatus(error: unknown, code: number): boolean {
  return error instanceof ApiException && error.code === code;
}

/** What the API server says went wrong, else the error's own message. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiException) {
    const status = typeof error.body === 'string' ? parsed(error.body) : error.body;
    if (typeof status?.message === 'string') return status.message;
  }
  return error instanceof Error ? error.message : String(error);
}

function parsed(text: string): { message?: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
