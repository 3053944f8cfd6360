/**
 * Empties namespaces that are being deleted, and removes their finalizer when nothing remains.
 *
 *   1. The phase becomes Terminating.
 *   2. All content of every served resource is deleted, pods first, with their grace period.
 *   3. Conditions report what remains or what failed.
 *   4. When nothing remains the `kubernetes` finalizer is removed, with which the API server removes the
 *      namespace.
 *
 * Reads namespaces, discovery and all content; deletes content; writes namespace status and finalizers.
 * Follows upstream's namespace controller, its conditions and its waiting times.
 */

import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { Namespace, NamespaceCondition } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { ReadClient } from '#client/client.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import { deleteContent, type Remains } from './namespace-content.ts';

const finalizer = 'kubernetes';
/** Delay after a failure, as opposed to content that is still terminating. */
const retryMs = 1_000;
/** Pods are deleted in bursts. */
const podsGoneMs = 200;

export const namespaceController = defineController({
  name: 'namespace-controller',
  workers: 10,
  start({ env, client, informers }) {
    const cached = informers.for(namespaces);
    const isTerminating = (name: string) =>
      cached.get(undefined, name)?.metadata.deletionTimestamp !== undefined;
    /** A special step: only the server knows what to delete, and what remains. */
    const deleteAll: SpecialStep<Stored<Namespace>> = {
      name: 'deleteContent',
      async carryOut(namespace, writer) {
        const remains = await deleteContent(writer, namespace.metadata.name);
        return afterDeletion(namespace, remains, env.clock.now());
      },
    };
    return {
      watches: [
        watch({ type: namespaces, filter: ({ metadata }) => metadata.deletionTimestamp !== undefined }),
        // Upstream only polls; here the end of the last pod wakes the namespace at once.
        watch({
          type: pods,
          on: ['deleted'],
          keys: ({ metadata: { namespace = '' } }) => (isTerminating(namespace) ? [namespace] : []),
          delayMs: podsGoneMs,
        }),
      ],
      steps: [deleteAll, finalize],
      async reconcile(name) {
        if (!isTerminating(name)) return nothingToDo;
        // The cached namespace may be deleted and recreated: the content of the new one must not be deleted.
        const namespace = await liveNamespace(client, name);
        if (!namespace?.metadata.deletionTimestamp) return nothingToDo;
        if (!namespace.spec?.finalizers?.includes(finalizer)) return nothingToDo;
        if (namespace.status?.phase !== 'Terminating') return { actions: [markTerminating(namespace)] };
        return { actions: [special(deleteAll, `Namespace ${name}`, namespace)] };
      },
    };
  },
});

async function liveNamespace(client: ReadClient, name: string): Promise<Stored<Namespace> | undefined> {
  try {
    return await client.get(namespaces, { name });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

function markTerminating(namespace: Stored<Namespace>): Action {
  const object: Namespace = { ...namespace, status: { ...namespace.status, phase: 'Terminating' } };
  return { do: 'updateStatus', type: namespaces, object };
}

/** What to do after a round of deleting left `remains`. */
export function afterDeletion(namespace: Stored<Namespace>, remains: Remains, nowMs: number): Plan {
  const conditions = mergeConditions(namespace.status?.conditions ?? [], conditionsFor(remains), nowMs);
  const actions: Action[] = [];
  if (conditions) {
    const object: Namespace = { ...namespace, status: { ...namespace.status, conditions } };
    actions.push({ do: 'updateStatus', type: namespaces, object });
  }
  const failed = remains.discoveryFailures.length > 0 || remains.deletionFailures.length > 0;
  if (failed) return { actions, againInMs: retryMs };
  if (remains.counts.size > 0) {
    return { actions, againInMs: (Math.trunc(remains.estimateSeconds / 2) + 1) * 1000 };
  }
  return { actions: [...actions, special(finalize, `Namespace ${namespace.metadata.name}`, namespace)] };
}

/** A special step: the preceding status write made a version that only the server knows. */
const finalize: SpecialStep<Stored<Namespace>> = {
  name: 'finalize',
  async carryOut({ metadata: { name, uid } }, client) {
    // Removed already, by an earlier round, when the cache was older.
    const fresh = await liveNamespace(client, name);
    if (fresh?.metadata.uid !== uid) return nothingToDo;
    const finalizers = (fresh.spec?.finalizers ?? []).filter((each) => each !== finalizer);
    const object: Namespace = { ...fresh, spec: { ...fresh.spec, finalizers } };
    const subresource = 'finalize';
    return { actions: [{ do: 'update', type: namespaces, object, subresource, ignore: ['NotFound'] }] };
  },
};

type Verdict = Pick<NamespaceCondition, 'type' | 'status' | 'reason' | 'message'>;

function conditionsFor(remains: Remains): Verdict[] {
  const { counts, finalizers, discoveryFailures, deletionFailures } = remains;
  const list = (map: Map<string, number>, text: (key: string, count: number) => string) =>
    [...map]
      .map(([key, count]) => text(key, count))
      .sort()
      .join(', ');
  return [
    verdict(
      'NamespaceDeletionDiscoveryFailure',
      discoveryFailures.length > 0 &&
        `Discovery failed for some groups, ${discoveryFailures.length} failing: unable to retrieve the complete list of server APIs: ${[...discoveryFailures].sort().join(', ')}`,
      ['DiscoveryFailed', 'ResourcesDiscovered', 'All resources successfully discovered'],
    ),
    verdict('NamespaceDeletionGroupVersionParsingFailure', false, [
      'GroupVersionParsingFailed',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    verdict(
      'NamespaceDeletionContentFailure',
      deletionFailures.length > 0 &&
        `Failed to delete all resource types, ${deletionFailures.length} remaining: ${deletionFailures.sort().join(', ')}`,
      [
        'ContentDeletionFailed',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
    ),
    verdict(
      'NamespaceContentRemaining',
      counts.size > 0 &&
        `Some resources are remaining: ${list(counts, (key, count) => `${key} has ${count} resource instances`)}`,
      ['SomeResourcesRemain', 'ContentRemoved', 'All content successfully removed'],
    ),
    verdict(
      'NamespaceFinalizersRemaining',
      finalizers.size > 0 &&
        `Some content in the namespace has finalizers remaining: ${list(finalizers, (key, count) => `${key} in ${count} resource instances`)}`,
      ['SomeFinalizersRemain', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ),
  ];
}

function verdict(
  type: string,
  trouble: string | false,
  [bad, good, fine]: [string, string, string],
): Verdict {
  return trouble === false
    ? { type, status: 'False', reason: good, message: fine }
    : { type, status: 'True', reason: bad, message: trouble };
}

/** Undefined when nothing changes. */
function mergeConditions(
  old: readonly NamespaceCondition[],
  verdicts: readonly Verdict[],
  nowMs: number,
): NamespaceCondition[] | undefined {
  let changed = false;
  const merged = verdicts.map((next) => {
    const before = old.find((condition) => condition.type === next.type);
    if (before && before.status === next.status && before.message === next.message) return before;
    changed = true;
    const since = before?.status === next.status ? before.lastTransitionTime : undefined;
    return { ...next, lastTransitionTime: since ?? rfc3339(nowMs) };
  });
  const others = old.filter((condition) => !verdicts.some((next) => next.type === condition.type));
  return changed ? [...others, ...merged] : undefined;
}
