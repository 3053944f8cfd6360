/** What a cluster's API reports about the cluster: failing checks of its health, and its nodes. */

import { isNodeReady } from '#api/nodes/state.ts';
import { bodyText } from '#client/transport/body.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { systemClock } from '#host/system-env.ts';
import { adminTransport } from './admin-transport.ts';

export interface ApiView {
  /** Failing checks of `/readyz`; none when the API is ready. */
  readonly failing: readonly string[];
  readonly nodes: readonly { readonly name: string; readonly ready: boolean }[];
}

type Get = (path: string) => Promise<ApiResponse>;

/** Rejects without an answer in time, or with one that is not an API server's. */
export async function viewOfApi(kubeconfig: string, limitMs: number): Promise<ApiView> {
  const { transport, close } = adminTransport(kubeconfig, { connectTimeoutMs: limitMs });
  const { signal, cancel } = endingAfter(limitMs);
  const get: Get = (path) =>
    transport.request({ method: 'GET', path, headers: { accept: 'application/json' }, signal });
  try {
    const failing = await failingChecks(get);
    const nodes = nodesOf(get);
    // While the API is not ready, listing nodes may fail.
    return { failing, nodes: failing.length > 0 ? await nodes.catch(() => []) : await nodes };
  } finally {
    cancel();
    await close();
  }
}

function endingAfter(limitMs: number): { signal: AbortSignal; cancel(): void } {
  const over = new AbortController();
  const timer = systemClock.after(limitMs, () => over.abort(new Error('no answer in time')));
  return { signal: over.signal, cancel: () => timer.cancel() };
}

async function failingChecks(get: Get): Promise<string[]> {
  const answer = await get('/readyz?verbose');
  const text = await bodyText(answer);
  if (answer.status === 200) return [];
  const failing = [...text.matchAll(/^\[-\](\S+) failed/gm)].map(([, name]) => name!);
  if (failing.length === 0) throw new Error(`/readyz answers ${answer.status}: ${text}`);
  return failing;
}

interface NodeObject {
  metadata: { name: string };
  status?: { conditions?: { type: string; status: string }[] };
}

async function nodesOf(get: Get): Promise<ApiView['nodes']> {
  const answer = await get('/api/v1/nodes');
  const { items }: { items: NodeObject[] } = JSON.parse(await bodyText(answer));
  return items.map(({ metadata, status }) => ({
    name: metadata.name,
    ready: isNodeReady({ status }),
  }));
}
