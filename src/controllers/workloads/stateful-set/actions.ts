/** The actions of a StatefulSet's plan: on one pod, and on its claims. */

import { persistentVolumeClaims, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Action, type CreateAction, type DeleteAction, targetOf } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { claimsOf, settleOwners } from './claims.ts';
import { hasIdentity, identityLabels, podName, podOfStatefulSet } from './pod.ts';
import { rangeOf, type StatefulSetView } from './view.ts';

/**
 * The missing claims of this ordinal's pod and the pod; undefined as long as a claim of its predecessor is
 * terminating, which cannot be used.
 */
export function creation(
  view: StatefulSetView,
  ordinal: number,
): { claims: CreateAction[]; pod: CreateAction } | undefined {
  const { set, current, update } = view;
  const name = podName(set, ordinal);
  const isStale = claimsOf(set, name).some(
    ({ metadata }) => view.claim(metadata!.name!)?.metadata.deletionTimestamp !== undefined,
  );
  if (isStale) return undefined;
  const { partition = 0 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const isBelow = set.spec?.updateStrategy?.type !== 'OnDelete' && ordinal < rangeOf(set).start + partition;
  const { template, name: revision } = isBelow ? current : update;
  const pod: CreateAction = {
    do: 'create',
    type: podsType,
    object: podOfStatefulSet(set, ordinal, template, revision),
    ...eventsOf(set, 'Create', onPod('create', name, set)),
    // It exists already: the view was older than the pod.
    ifTaken: [],
  };
  return { claims: missingClaims(view, name), pod };
}

export function missingClaims(view: StatefulSetView, pod: string): CreateAction[] {
  const { set } = view;
  const missing = claimsOf(set, pod).filter(({ metadata }) => !view.claim(metadata!.name!));
  return missing.map((object) => {
    const [claim, owner] = [object.metadata?.name, `Pod ${pod} in StatefulSet ${set.metadata.name}`];
    const created = eventAction(set, 'Normal', 'SuccessfulCreate', `create Claim ${claim} ${owner} success`);
    const message = `create Claim ${claim} for ${owner} failed error: `;
    const failed = eventAction(set, 'Warning', 'FailedCreate', message, 'error');
    const type = persistentVolumeClaims;
    // It exists already: the view was older than the claim.
    return { do: 'create', type, object, ifDone: [created], ifTaken: [], ifFailed: [failed] };
  });
}

export function removal({ set }: StatefulSetView, pod: Stored<Pod>): DeleteAction {
  const events = eventsOf(set, 'Delete', onPod('delete', pod.metadata.name, set));
  return { do: 'delete', ...targetOf(podsType, pod), uid: pod.metadata.uid, ...events };
}

/** Labels that an adopted pod may lack, and changes of the policy for its claims. */
export function corrections({ set, claim }: StatefulSetView, pod: Stored<Pod>, ordinal: number): Action[] {
  const { name, uid, labels = {} } = pod.metadata;
  const owners = settleOwners(set, pod, false, claim);
  if (hasIdentity(labels, name, ordinal)) return owners;
  const patch = { metadata: { uid, labels: identityLabels(name, ordinal) } };
  return [...owners, { do: 'patch', ...targetOf(podsType, pod), patchType: 'strategic', patch }];
}

/** Events for success and failure. */
function eventsOf(set: Stored<StatefulSet>, verb: 'Create' | 'Delete', message: string) {
  return {
    ifDone: [eventAction(set, 'Normal', `Successful${verb}`, `${message} successful`)],
    ifFailed: [eventAction(set, 'Warning', `Failed${verb}`, `${message} failed error: `, 'error')],
  };
}

function onPod(verb: 'create' | 'delete', pod: string, set: Stored<StatefulSet>): string {
  return `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`;
}
