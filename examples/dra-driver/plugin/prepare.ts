/**
 * The service that the kubelet calls before a pod with claims starts, and when it has ended. Both calls may be
 * repeated, also after this driver or the kubelet was killed; so each does it all again.
 */

import type { ResourceV1ResourceClaim } from '@kubernetes/client-node';
import type { Boards } from '../devices/boards.ts';
import type { CdiFiles } from '../devices/cdi-files.ts';
import type { Handlers, Message } from '../protocol/service.ts';

export interface PreparePluginParts {
  readonly driverName: string;
  /** The pool of this node's devices. */
  readonly pool: string;
  readonly boards: Boards;
  readonly cdi: CdiFiles;
  /** Of the API server. */
  readClaim(namespace: string, name: string): Promise<ResourceV1ResourceClaim>;
  readonly log: (line: string) => void;
}

interface ClaimReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export function preparePlugin(parts: PreparePluginParts): Handlers {
  return {
    answers: {
      NodePrepareResources: (request) => forEach(parts, request, prepare),
      NodeUnprepareResources: (request) => forEach(parts, request, unprepare),
    },
  };
}

/** The kubelet wants an answer for each claim: one that fails does not keep the others. */
async function forEach(
  parts: PreparePluginParts,
  { claims }: Message,
  run: (parts: PreparePluginParts, claim: ClaimReference) => Promise<Message>,
): Promise<Message> {
  const answers: [uid: string, answer: Message][] = [];
  for (const claim of claims as ClaimReference[]) {
    const answer = await run(parts, claim).catch((error) => ({ error: messageOf(error) }));
    parts.log(`${run.name} ${claim.namespace}/${claim.name}: ${answer['error'] ?? 'done'}`);
    answers.push([claim.uid, answer]);
  }
  return { claims: Object.fromEntries(answers) };
}

async function prepare(
  { driverName, pool, boards, cdi, readClaim }: PreparePluginParts,
  { namespace, name, uid }: ClaimReference,
): Promise<Message> {
  const claim = await readClaim(namespace, name);
  if (claim.metadata?.uid !== uid) throw new Error(`claim ${namespace}/${name} was replaced`);
  const allocated = (claim.status?.allocation?.devices?.results ?? []).filter(
    (result) => result.driver === driverName && result.pool === pool,
  );
  const known = await boards.names();
  const missing = allocated.find(({ device }) => !known.includes(device));
  if (missing) throw new Error(`there is no board ${missing.device}`);
  const edits = allocated.map(async ({ device }) => ({
    name: device,
    serial: await boards.serialOf(device),
    file: boards.fileOf(device),
  }));
  await cdi.write(uid, await Promise.all(edits));
  const devices = allocated.map(({ device, request, shareID }) => ({
    // Of a list of alternatives, `request/alternative`: containers refer to the request.
    requestNames: [request.split('/', 1)[0]],
    poolName: pool,
    deviceName: device,
    cdiDeviceIds: [cdi.idOf(uid, device)],
    ...(shareID ? { shareId: shareID } : {}),
  }));
  return { devices };
}

async function unprepare({ cdi }: PreparePluginParts, { uid }: ClaimReference): Promise<Message> {
  await cdi.remove(uid);
  return {};
}

/** What the API server says went wrong, else the error's own text. */
function messageOf(error: unknown): string {
  const { body } = error as { body?: unknown };
  const status = typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : body;
  return (
    (status as { message?: string })?.message ?? (error instanceof Error ? error.message : String(error))
  );
}
