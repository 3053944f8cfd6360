import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { storedNode, storedPod } from '#testing/objects.ts';
import { type AttachedVolume, decideNode } from './node.ts';
import { AttachNotes } from './notes.ts';

const pod = storedPod('p', { node: 'n' });
const wanted: AttachedVolume = { attachment: 'a', volumeName: 'pv', uniqueName: 'csi^1', pods: [pod] };
const unwanted: AttachedVolume = { ...wanted, pods: [] };

interface Listed {
  readonly inUse?: readonly string[];
  readonly attached?: readonly string[];
}

function nodeWith({ inUse = [], attached = [] }: Listed) {
  const node = storedNode('n');
  const volumesAttached = attached.map((name) => ({ name, devicePath: '' }));
  return { ...node, status: { ...node.status, volumesInUse: [...inUse], volumesAttached } };
}

/** What the plan lists as attached, undefined when it writes nothing; and the reasons of its events. */
function outcome({ actions }: Plan): [listed: string[] | undefined, events: string[]] {
  const [write] = actions as [(Action & { patch: Patch; ifDone: Action[] }) | undefined];
  if (!write) return [undefined, []];
  const names = (write.patch.status.volumesAttached ?? []).map(({ name }) => name);
  return [names, write.ifDone.map((event) => (event as { reason: string }).reason)];
}

interface Patch {
  readonly status: { readonly volumesAttached: { name: string }[] | null };
}

const rows: [
  title: string,
  listed: Listed,
  volumes: AttachedVolume[],
  outcome: ReturnType<typeof outcome>,
][] = [
  ['a volume that is newly attached', {}, [wanted], [['csi^1'], ['SuccessfulAttachVolume']]],
  ['a volume that is listed already', { attached: ['csi^1'] }, [wanted], [undefined, []]],
  ['a volume that no pod wants, unmounted', { attached: ['csi^1'] }, [unwanted], [[], []]],
  [
    'a volume that no pod wants, in use',
    { attached: ['csi^1'], inUse: ['csi^1'] },
    [unwanted],
    [undefined, []],
  ],
  ['a volume without an attachment', { attached: ['csi^1'] }, [], [[], []]],
  [
    'a second volume beside the first',
    { attached: ['csi^1'] },
    [{ ...wanted, attachment: 'b', uniqueName: 'csi^0' }, wanted],
    [['csi^0', 'csi^1'], ['SuccessfulAttachVolume']],
  ],
];
for (const [title, listed, attached, expected] of rows) {
  test(`a node – ${title} – lists ${expected[0] ? JSON.stringify(expected[0]) : 'what it listed'}`, () => {
    const notes = new AttachNotes({ forcedDetach: () => undefined });
    assert.deepEqual(outcome(decideNode({ node: nodeWith(listed), attached, notes, nowMs: 0 })), expected);
  });
}
